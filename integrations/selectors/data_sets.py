"""Data sets as pages name them."""

from integrations.models import Sync
from integrations.pipeline.streams import DATA_SETS


def name_data_set(sync: Sync) -> str:
    """Return what a sync moves, in words."""
    return "Plan" if sync.brings_plan else DATA_SETS[sync.data_set].label
