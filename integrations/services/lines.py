"""The lines of the tie-out: per entity, period, account, currency and measure."""

from collections.abc import Mapping
from decimal import Decimal

from integrations.models import RecordException, Run, RunGroup, TieOutLine, Verdict
from integrations.pipeline.amounts import EXACT
from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import Values
from integrations.pipeline.tieout import Place, TieOut
from integrations.services.parts import group_units
from integrations.services.targets import Target

ZERO = Decimal(0)
Sums = dict[str, Decimal]


def amounts(values: Values | None, count: int) -> list[Decimal]:
    """Return amounts as numbers; a cell that is not there holds zeros."""
    return [Decimal(text) for text in values] if values is not None else [ZERO] * count


class HeldPlace:
    """The sums and the number of held records of one place."""

    def __init__(self) -> None:
        self.sums: Sums = {}
        self.records = 0
        self.is_mapped = True

    def add(self, values: Mapping[str, str]) -> None:
        """Add one held record."""
        self.records += 1
        for measure, text in values.items():
            self.sums[measure] = EXACT.add(self.sums.get(measure, ZERO), Decimal(text))


def held_amounts(run: Run, group: RunGroup, target: Target) -> dict[Place, HeldPlace]:
    """Add up the held records of a group that fall on no cell, per place of the tie-out.

    A code without a member stands for itself.
    """
    places: dict[Place, HeldPlace] = {}
    for unit in group_units(group):
        held = RecordException.objects.filter(
            run=run, part=unit.part, verdict=Verdict.HELD, cell_key=""
        ).values_list("source_key", "values")
        account_at = target.data_set.key.index("gl_account")
        currency = target.table.member("currency", unit.currency) or unit.currency
        for source_key, values in held.iterator(chunk_size=5_000):
            code = target.data_set.key_fields(source_key)[account_at]
            member = target.table.member("gl_account", code)
            place = Place(
                group.entity or unit.entity,
                group.period or str(unit.year_period),
                member or code,
                currency if "currency" in target.layout.dimensions else "",
            )
            found = places.setdefault(place, HeldPlace())
            found.is_mapped = member is not None
            found.add(values)
    return places


def build_lines(
    run: Run,
    group: RunGroup,
    layout: Layout,
    result: TieOut,
    explained: Mapping[Place, Sums],
    held: Mapping[Place, HeldPlace],
    *,
    is_read: bool,
) -> list[TieOutLine]:
    """Build a group's lines; a measure that is zero everywhere in a place gets none."""
    lines: list[TieOutLine] = []
    for place in sorted({*result.lines, *held}):
        compared = result.lines.get(place)
        waiting = held.get(place, HeldPlace())
        for index, measure in enumerate(layout.measures):
            source, sent, target = (
                (
                    Decimal(compared.source[index]),
                    Decimal(compared.sent[index]),
                    Decimal(compared.target[index]),
                )
                if compared
                else (ZERO, ZERO, ZERO)
            )
            missing = waiting.sums.get(measure, ZERO)
            if not (source or sent or target or missing):
                continue
            listed = EXACT.add(explained.get(place, {}).get(measure, ZERO), missing)
            lines.append(
                TieOutLine(
                    organization=run.organization,
                    run=run,
                    group=group.number,
                    entity=place.entity,
                    period=place.period,
                    account=place.account,
                    currency=place.currency,
                    measure=measure,
                    is_mapped=waiting.is_mapped,
                    source=EXACT.add(source, missing),
                    sent=sent,
                    target=target if is_read else None,
                    listed=listed,
                    records=waiting.records,
                )
            )
    return lines
