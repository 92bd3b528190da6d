"""Keeping what the rows of each unit come to by code, for the mapping desk."""

from collections.abc import Iterable
from decimal import Decimal

from integrations.models import CodeAmount, Run, RunUnit, Sync
from integrations.pipeline.code_amounts import CodeSum
from integrations.services.bulk import copy_rows

_KEY = ("dimension", "code", "currency")
_FIGURES = ("rows", "amount")
LONGEST_CODE, LONGEST_CURRENCY, TOO_LARGE = 80, 10, Decimal(10) ** 28 - 1
"""What the table holds."""


def keep_code_sums(run: Run, unit: RunUnit, sums: Iterable[CodeSum]) -> None:
    """Let the codes of a unit come to these sums, in the open transaction; the same write nothing.

    What an earlier run has kept of the unit goes. A run that goes on with what its sync has
    meanwhile left out keeps nothing. Sums that the table cannot hold are left out:
    they only help to map, and a load never fails for them.
    """
    if not _is_still_read(run, unit):
        return
    place = {
        "organization_id": run.organization_id,
        "sync_id": run.sync_id,
        "domain": unit.domain,
        "entity": unit.entity,
        "year_period": unit.year_period,
    }
    kept = CodeAmount.objects.filter(**place)
    found: dict[tuple[str, ...], tuple[int, Decimal]] = {
        row[:3]: row[3:] for row in kept.values_list(*_KEY, *_FIGURES)
    }
    wanted = {tuple(each[:3]): each[3:] for each in sums if _is_keepable(each)}
    if found == wanted:
        return
    kept.delete()
    copy_rows(
        CodeAmount,
        (*place, *_KEY, *_FIGURES),
        ((*place.values(), *key, *figures) for key, figures in wanted.items()),
    )


def _is_still_read(run: Run, unit: RunUnit) -> bool:
    """Whether the sync, as it is saved now, reads the unit from where the run has read it."""
    sync = Sync.objects.get(organization=run.organization_id, pk=run.sync_id)
    return (
        {"domain": unit.domain, "entity": unit.entity} in sync.entities
        and sync.source_id == run.sync.source_id
        and sync.data_set == run.sync.data_set
    )


def forget_code_sums(sync: Sync, *, reads_other: bool) -> None:
    """Forget amounts of entities that a sync has no more, or all where it reads another thing."""
    kept = CodeAmount.objects.filter(organization=sync.organization, sync=sync)
    if not reads_other:
        for place in sync.entities:
            kept = kept.exclude(domain=place["domain"], entity=place["entity"])
    kept.delete()


def _is_keepable(found: CodeSum) -> bool:
    return (
        len(found.code) <= LONGEST_CODE
        and len(found.currency) <= LONGEST_CURRENCY
        and "\0" not in found.code + found.currency
        and abs(found.amount) < TOO_LARGE
    )
