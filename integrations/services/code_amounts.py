"""Keeping what the rows of each unit come to by code, for the mapping desk."""

from collections.abc import Iterable
from decimal import Decimal

from integrations.models import CodeAmount, Run, RunUnit
from integrations.pipeline.code_amounts import CodeSum
from integrations.services.bulk import copy_rows

_KEY = ("dimension", "code", "currency")
_FIGURES = ("rows", "amount")


def keep_code_sums(run: Run, unit: RunUnit, sums: Iterable[CodeSum]) -> None:
    """Let the codes of a unit come to these sums, in the open transaction; the same write nothing.

    What an earlier run has kept of the unit goes.
    """
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
    wanted = {tuple(each[:3]): each[3:] for each in sums}
    if found == wanted:
        return
    kept.delete()
    copy_rows(
        CodeAmount,
        (*place, *_KEY, *_FIGURES),
        ((*place.values(), *key, *figures) for key, figures in wanted.items()),
    )
