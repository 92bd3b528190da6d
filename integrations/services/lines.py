"""The lines of the tie-out: per entity, period, account, currency and measure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from integrations.models import RecordException, Run, RunGroup, TieOutPlace, Verdict
from integrations.pipeline.amounts import EXACT, Values, is_zero, to_text
from integrations.pipeline.layout import Layout
from integrations.pipeline.tieout import Line, Place, TieOut
from integrations.services.bulk import copy_rows
from integrations.services.parts import group_units
from integrations.services.targets import Target

ZERO = Decimal(0)
Sums = dict[str, Decimal]
PLACE_COLUMNS = (
    "organization_id", "run_id", "group", "entity", "period", "account", "currency", "measures",
    "is_mapped", "source", "sent", "target", "listed", "records",
)  # fmt: skip


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

    A code without a member, or with several, stands for itself.
    """
    places: dict[Place, HeldPlace] = {}
    for unit in group_units(group):
        held = RecordException.objects.filter(
            run=run, part=unit.part, verdict=Verdict.HELD, cell_key=""
        ).values_list("codes", "values")
        rules, account = target.rules(unit), target.data_set.account
        for codes, values in held.iterator(chunk_size=5_000):
            code, currency = codes[account], codes.get("currency", "")
            member = rules.member(account, code)
            place = Place(
                group.entity or unit.entity,
                group.period or str(unit.year_period),
                member or code,
                rules.member("currency", currency) or currency
                if "currency" in target.layout.dimensions
                else "",
            )
            found = places.setdefault(place, HeldPlace())
            found.is_mapped = bool(rules.shares(account, code))
            found.add(values)
    return places


def keep_lines(
    run: Run,
    group: RunGroup,
    layout: Layout,
    result: TieOut,
    explained: Mapping[Place, Sums],
    held: Mapping[Place, HeldPlace],
    *,
    is_read: bool,
) -> None:
    """Keep a group's lines in the open transaction.

    A measure that is zero everywhere in a place gets no line.
    """
    begin = (run.organization_id, run.pk, group.number)
    nothing, nobody = _empty_line(len(layout.measures)), HeldPlace()

    def rows() -> Iterator[tuple[object, ...]]:
        for place in sorted({*result.lines, *held}):
            line, waiting = result.lines.get(place, nothing), held.get(place, nobody)
            shown = _find_shown(layout, line, waiting)
            if shown:
                source, listed = _with_records(layout, line, waiting, explained.get(place, {}))
                sent = _array(line.sent, shown)
                yield (
                    *begin, *place, _array(layout.measures, shown), waiting.is_mapped,
                    sent if source is line.sent else _array(source, shown), sent,
                    _array(line.target, shown) if is_read else None, _array(listed, shown),
                    waiting.records,
                )  # fmt: skip

    copy_rows(TieOutPlace, PLACE_COLUMNS, rows())


def _find_shown(layout: Layout, line: Line, waiting: HeldPlace) -> list[int]:
    """Return which measures are not zero everywhere in a place."""
    if line.source is line.sent is line.target and not waiting.records:
        return [at for at, amount in enumerate(line.source) if not is_zero(amount)]
    amounts = zip(layout.measures, line.source, line.sent, line.target, strict=True)
    return [
        at
        for at, (measure, *three) in enumerate(amounts)
        if waiting.sums.get(measure) or not all(map(is_zero, three))
    ]


def _with_records(
    layout: Layout, line: Line, waiting: HeldPlace, listed: Sums
) -> tuple[Values, Values]:
    """Return per measure what QAD says, held records included, and what records carry of it."""
    if not waiting.records and not listed:
        return line.source, ("0",) * len(layout.measures)
    held = [waiting.sums.get(measure, ZERO) for measure in layout.measures]
    named = [listed.get(measure, ZERO) for measure in layout.measures]
    source = [EXACT.add(Decimal(text), more) for text, more in zip(line.source, held, strict=True)]
    return (
        tuple(map(to_text, source)),
        tuple(to_text(EXACT.add(one, other)) for one, other in zip(named, held, strict=True)),
    )


def _array(texts: Sequence[str], places: Sequence[int]) -> str:
    """Write some amounts or measures as PostgreSQL's array: none of them needs quotes."""
    return f"{{{','.join([texts[at] for at in places])}}}"


def _empty_line(measures: int) -> Line:
    zeros = ("0",) * measures
    return Line(zeros, zeros, zeros, cells=0, differing=0, rows=0)
