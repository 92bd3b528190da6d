"""From QAD's codes to Anaplan's members: each source row falls on one cell or is held."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from integrations.pipeline.cells import CellStore
from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import DataSet, Values


class Rule(NamedTuple):
    """The member text that stands for one QAD code of one dimension; blank = not mapped."""

    dimension: str
    code: str
    member: str


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


class MappingTable:
    """The rules of one mapping version, ready for one layout."""

    @classmethod
    def build(cls, rules: Iterable[Rule], layout: Layout) -> "MappingTable":
        """Check and quote the rules; mapping_conflict, mapping_dimension_unknown."""
        raise NotImplementedError

    def member(self, dimension: str, code: str) -> str | None:
        """Return the member text for a code, None when it is not mapped."""
        raise NotImplementedError

    def members(self, dimension: str) -> frozenset[str]:
        """Return every member text that the rules of a dimension use."""
        raise NotImplementedError


class UnitMapper:
    """Maps the rows of one unit into a cell store.

    `rows` counts the rows seen, `held_rows` those that were held; `totals` and `held_totals`
    are the exact sums of mapped and of held rows per measure of the layout.
    """

    rows: int
    held_rows: int

    def __init__(
        self,
        table: MappingTable,
        layout: Layout,
        data_set: DataSet,
        entity: str,
        year_period: int,
        statistical: frozenset[str],
        store: CellStore,
    ) -> None:
        raise NotImplementedError

    def map_rows(self, rows: Sequence[Any]) -> list[Held]:
        """Add a page's rows to the store; return those that are held.

        Raises IntegrationError: qad_amount_is_text for an amount that is not a number,
        currency_mixed where the layout has no currency and rows have several.
        """
        raise NotImplementedError

    def totals(self) -> Values:
        """Return the exact sum of all mapped rows per measure of the layout."""
        raise NotImplementedError

    def held_totals(self) -> Values:
        """Return the exact sum of all held rows per measure of the layout."""
        raise NotImplementedError
