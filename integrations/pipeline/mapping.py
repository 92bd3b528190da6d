"""From QAD's codes to Anaplan's members: each source row falls on its cells or is held."""

from collections.abc import Mapping, Sequence
from itertools import compress
from operator import not_
from typing import Any, NamedTuple

from integrations.pipeline.amounts import Values, negate, read_amounts, subtract
from integrations.pipeline.code_amounts import CodeSums
from integrations.pipeline.lacking import Lacking
from integrations.pipeline.layout import Layout
from integrations.pipeline.pieces import NO_MEMBER, SPLIT, build_pieces, to_code
from integrations.pipeline.rules import RulesInForce
from integrations.pipeline.splits import cut_all
from integrations.pipeline.streams import DataSet, read_column, read_measure
from integrations.pipeline.units import Totals
from integrations.transport.errors import IntegrationError


class Held(NamedTuple):
    """A source row that has no cell.

    `reason_code` is an entry of the catalogue ("unmapped_gl_account", …), `dimension` and `code`
    the first thing that is missing, `missing` all of them. `values` are the row's amounts in
    the order of the layout's measures, `codes` its codes in the order of the data set's
    dimensions.
    """

    row_key: str
    reason_code: str
    dimension: str
    code: str
    values: Values
    codes: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


class Placed(NamedTuple):
    """The rows of a page that have a cell: the key of each, and the amounts of each measure.

    A row whose codes are split stands there once per part, one after the other. `places` says
    which row of the page each key is of; None where that is row by row. `split` are the cells
    of each split row.
    """

    keys: Sequence[str]
    columns: Sequence[Sequence[str]]
    places: Sequence[int] | None = None
    held: Sequence[Held] = ()
    split: Sequence[tuple[str, ...]] = ()


class UnitFacts(NamedTuple):
    """What holds for all rows of a unit.

    `period` is the year-period as a code. Rows of `statistical` accounts are quantities; the
    net of `turned` accounts changes its sign.
    """

    entity: str
    period: str
    currency: str = ""
    statistical: frozenset[str] = frozenset()
    turned: frozenset[str] = frozenset()


class UnitMapper:
    """Maps the rows of one unit.

    `code_sums` are what all rows come to by code. `rows` counts the rows seen and `held_rows`
    those that were held; `lacking` are the held ones by what they lack, `suspense` those that a
    suspense member took instead. Rows of statistical accounts give their net as quantity and no
    money; all others give money and no quantity.
    """

    def __init__(
        self,
        rules: RulesInForce,
        layout: Layout,
        data_set: DataSet,
        facts: UnitFacts,
    ) -> None:
        self.rows = 0
        self.held_rows = 0
        self.lacking = Lacking(len(layout.measures))
        self.suspense = Lacking(len(layout.measures))
        self._rules = rules
        self._layout = layout
        self._data_set = data_set
        self._unit: dict[str, str] = {
            name: code for name, code in facts._asdict().items() if name in data_set.unit_dimensions
        }
        self._statistical = facts.statistical
        self._turned = facts.turned
        self._turned_total = Totals(1)
        self._totals = Totals(len(layout.measures))
        self._held_totals = Totals(len(layout.measures))
        placed = {*layout.dimensions, *data_set.unit_dimensions}
        self._unmixed = {d: set[str]() for d in data_set.unmixed if d not in placed}
        self._pieces = build_pieces(rules, layout, self._unit)
        self.code_sums = CodeSums(list(self._pieces), layout.measures, facts.currency)
        self._has_splits = rules.has_splits()
        self._codes = [*self._pieces, *self._unmixed]
        self._read_measures = _measures_to_read(layout, data_set)

    def map_rows(self, rows: Sequence[Any]) -> Placed:
        """Place a page's rows on their cells; tell which are held.

        Raises IntegrationError: qad_amount_is_text for an amount that is not a number,
        currency_mixed where the layout has no currency and rows have several.
        """
        if not rows:
            return Placed([], [])
        self.rows += len(rows)
        codes = {d: read_column(rows, self._data_set.row_field(d)) for d in self._codes}
        self._check_unmixed(codes)
        amounts, has_place = self._amounts(rows, codes)
        self._totals.add_columns(amounts)
        self.code_sums.add(codes, amounts, has_place)
        pieces = [list(map(known.__getitem__, codes[d])) for d, known in self._pieces.items()]
        keys = list(map("".join, zip(*pieces, strict=True)))
        is_mapped = self._find_mapped(keys, has_place)
        placed = Placed(keys, amounts)
        if is_mapped is not None:
            placed = self._place_some(rows, keys, amounts, is_mapped)
        if any(known.suspended for known in self._pieces.values()):
            self._note_suspense(placed, codes)
        if self._has_splits and SPLIT in "".join(placed.keys):
            return self._cut(placed, codes)
        return placed

    def totals(self) -> Values:
        """Return the exact sum of all mapped rows per measure of the layout."""
        return tuple(map(subtract, self._totals.values(), self._held_totals.values()))

    def turned_total(self) -> str:
        """Return the net, as QAD has it, of all rows whose sign was turned."""
        return self._turned_total.values()[0]

    def held_totals(self) -> Values:
        """Return the exact sum of all held rows per measure of the layout."""
        return self._held_totals.values()

    def _place_some(
        self,
        rows: Sequence[Any],
        keys: list[str],
        amounts: Sequence[Sequence[str]],
        is_mapped: list[bool],
    ) -> Placed:
        is_held = list(map(not_, is_mapped))
        columns = [list(compress(column, is_held)) for column in amounts]
        self._held_totals.add_columns(columns)
        held = list(map(self._hold, compress(rows, is_held), zip(*columns, strict=True)))
        self.held_rows += len(held)
        for item in held:
            if item.missing:
                known = dict(zip(self._data_set.dimensions, item.codes, strict=True))
                self.lacking.add(item.dimension, item.code, known.get("currency", ""), item.values)
        return Placed(
            list(compress(keys, is_mapped)),
            [list(compress(column, is_mapped)) for column in amounts],
            list(compress(range(len(keys)), is_mapped)),
            held,
        )

    def _note_suspense(self, placed: Placed, codes: Mapping[str, Sequence[Any]]) -> None:
        """Add up the placed rows that only a suspense member takes."""
        order = [d for d in self._data_set.dimensions if d in self._pieces]
        for at, place in enumerate(placed.places or range(len(placed.keys))):
            for dimension in order:
                code = codes[dimension][place]
                if code in self._pieces[dimension].suspended:
                    values = tuple(column[at] for column in placed.columns)
                    currency = codes["currency"][place] if "currency" in codes else ""
                    currency = self._unit.get("currency", to_code(currency))
                    self.suspense.add(dimension, to_code(code), currency, values)
                    break

    def _cut(self, placed: Placed, codes: Mapping[str, Sequence[Any]]) -> Placed:
        """Put a row per part in the place of each split row."""
        keys: list[str] = []
        values: list[Values] = []
        places: list[int] = []
        split: list[tuple[str, ...]] = []
        given = zip(*placed.columns, strict=True)
        for place, key, whole in zip(
            placed.places or range(len(placed.keys)), placed.keys, given, strict=True
        ):
            parts = [(key, whole)]
            if SPLIT in key:
                parts = self._parts({d: codes[d][place] for d in self._pieces}, whole)
                split.append(tuple(part for part, _ in parts))
            for part, amounts in parts:
                keys.append(part)
                values.append(amounts)
                places.append(place)
        columns = list(map(list, zip(*values, strict=True)))
        return placed._replace(keys=keys, columns=columns, places=places, split=split)

    def _parts(self, codes: Mapping[str, Any], values: Values) -> list[tuple[str, Values]]:
        """Cut a row by one dimension after the other, in the order of the data set.

        So the parts of an account add up to the same sums, however cost centers are split.
        """
        whole = {d: known[codes[d]] for d, known in self._pieces.items()}
        parts = [(whole, values)]
        for dimension in self._data_set.dimensions:
            if SPLIT in whole.get(dimension, ""):
                pieces, weights = self._pieces[dimension].of_split(codes[dimension])
                parts = [
                    ({**chosen, dimension: piece}, part)
                    for chosen, amounts in parts
                    for piece, part in zip(pieces, cut_all(amounts, weights), strict=True)
                ]
        return [("".join(chosen.values()), amounts) for chosen, amounts in parts]

    def _hold(self, row: Any, values: Values) -> Held:
        codes = {d: self._code(row, d) for d in self._data_set.dimensions}
        missing = tuple(
            (dimension, code)
            for dimension, code in codes.items()
            if dimension in self._layout.dimensions and self._lacks(dimension, code)
        )
        dimension, code = missing[0] if missing else ("gl_account", codes["gl_account"])
        return Held(
            row_key=self._data_set.row_key(row),
            reason_code=f"unmapped_{dimension}" if missing else "statistical_not_imported",
            dimension=dimension,
            code=code,
            values=values,
            codes=tuple(codes.values()),
            missing=missing,
        )

    def _code(self, row: Any, dimension: str) -> str:
        known = self._unit.get(dimension)
        if known is not None:
            return known
        return to_code(getattr(row, self._data_set.row_field(dimension), None))

    def _lacks(self, dimension: str, code: str) -> bool:
        if dimension in self._unit:
            return self._rules.share(dimension, code) is None
        return self._pieces[dimension].middle(code) == NO_MEMBER

    def _find_mapped(self, keys: list[str], has_place: list[bool] | None) -> list[bool] | None:
        """Return per row whether it has a cell; None when all have."""
        if has_place is None and NO_MEMBER not in "".join(keys):
            return None
        has_members = [NO_MEMBER not in key for key in keys]
        if has_place is not None:
            return [
                place and members for place, members in zip(has_place, has_members, strict=True)
            ]
        return has_members

    def _amounts(
        self, rows: Sequence[Any], codes: Mapping[str, Sequence[str]]
    ) -> tuple[list[Sequence[str]], list[bool] | None]:
        """Return the rows' amounts per measure of the layout, and which rows have a measure."""
        measure = self._data_set.statistical_measure
        amounts: dict[str, Sequence[str]] = {
            name: self._read_amounts(name, rows) for name in self._read_measures
        }
        has_place = None
        if self._turned:
            self._turn(amounts, codes["gl_account"])
        if self._data_set.statistical_measure:
            amounts[measure] = ["0"] * len(rows)
            is_statistical = list(map(self._statistical.__contains__, codes["gl_account"]))
            if True in is_statistical:
                if measure in self._layout.measures:
                    _move_to_quantity(amounts, measure, is_statistical)
                else:
                    has_place = [not statistical for statistical in is_statistical]
        return [amounts[name] for name in self._layout.measures], has_place

    def _turn(self, amounts: dict[str, Sequence[str]], accounts: Sequence[str]) -> None:
        """Change the sign of the net of turned accounts, and add up what was turned."""
        net = amounts.get("net")
        is_turned = list(map(self._turned.__contains__, accounts))
        if net is None or True not in is_turned:
            return
        self._turned_total.add_columns([list(compress(net, is_turned))])
        amounts["net"] = [
            negate(text) if turned else text for text, turned in zip(net, is_turned, strict=True)
        ]

    def _read_amounts(self, measure: str, rows: Sequence[Any]) -> Sequence[str]:
        """Return amounts as plain text; QAD's rows hold them as text or as JSON's bytes."""
        try:
            return read_amounts(read_measure(self._data_set, rows, measure))
        except (TypeError, ValueError) as error:
            raise IntegrationError(
                "qad_amount_is_text",
                str(error),
                document=self._data_set.document,
                field=measure,
                given=str(error),
            ) from None

    def _check_unmixed(self, codes: Mapping[str, Sequence[str]]) -> None:
        for dimension, seen in self._unmixed.items():
            seen.update(codes[dimension])
            if len(seen) > 1:
                raise IntegrationError(
                    "currency_mixed",
                    dimension=dimension,
                    entity=self._unit["entity"],
                    period=self._unit["period"],
                    codes=", ".join(sorted(map(str, seen))),
                )


def _measures_to_read(layout: Layout, data_set: DataSet) -> list[str]:
    """Return the amounts that a row must have; a quantity is read from the net."""
    wanted = set(layout.measures)
    if data_set.statistical_measure in wanted:
        wanted.add("net")
    return [m for m in data_set.measures if m in wanted and m != data_set.statistical_measure]


def _move_to_quantity(
    amounts: dict[str, Sequence[str]], measure: str, is_statistical: list[bool]
) -> None:
    """Give statistical rows their net as quantity, and no money."""
    money = {name: list(column) for name, column in amounts.items() if name != measure}
    quantity = list(amounts[measure])
    for index in compress(range(len(quantity)), is_statistical):
        quantity[index] = money["net"][index]
        for column in money.values():
            column[index] = "0"
    amounts.update(money)
    amounts[measure] = quantity
