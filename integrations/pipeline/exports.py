"""What Anaplan holds: an export's bytes read back as cells of the import's layout."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import Cell, Values


class Member(Protocol):
    """A list item as Anaplan names it."""

    @property
    def name(self) -> str:
        """The item's name."""

    @property
    def code(self) -> str:
        """The item's code, empty when it has none."""


class Definition(Protocol):
    """The part of an export's definition that says how its bytes are to be read."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Column headers in order."""

    @property
    def encoding(self) -> str:
        """Anaplan's name of the encoding."""

    @property
    def separator(self) -> str:
        """Column separator."""

    @property
    def delimiter(self) -> str:
        """Text delimiter, empty when there is none."""


class MemberDirectory:
    """Turns any name or code of a list item into the member text that the file uses.

    `items` are the list items per dimension; texts of a dimension that is not in it stand for
    themselves. `used` are the member texts of the mapping per dimension.
    """

    def __init__(
        self,
        items: Mapping[str, Iterable[Member]],
        used: Mapping[str, Collection[str]],
    ) -> None:
        """Index the items; member_written_two_ways when `used` names one item twice."""
        raise NotImplementedError

    def resolve(self, dimension: str, text: str) -> str | None:
        """Return the file's text for an alias, None when unknown; member_ambiguous."""
        raise NotImplementedError


class ExportReader:
    """Reads an export.

    `bindings` maps the export's headers to fields or constants ("=Actual": other rows are
    left out); headers that are not in it are bound by their words or by the layout's own
    constants. With `scope`, only cells of these (entity member, period member) pairs come.
    `rows` counts all rows, `skipped` those out of scope; `unknown` counts rows per
    (dimension, text) that the directory does not know: their cells come under that text.
    """

    rows: int
    skipped: int
    unknown: dict[tuple[str, str], int]

    def __init__(
        self,
        definition: Definition,
        layout: Layout,
        directory: MemberDirectory,
        *,
        bindings: Mapping[str, str] | None = None,
        scope: Collection[tuple[str, str]] | None = None,
    ) -> None:
        """Bind the columns; export_header_unbound, export_incomplete."""
        raise NotImplementedError

    def read(self, pieces: Iterable[bytes]) -> Iterator[Cell]:
        """Yield one cell a row, unsorted; pieces may be cut anywhere.

        Raises IntegrationError: export_header_changed, export_unreadable,
        export_amount_unreadable.
        """
        raise NotImplementedError

    def totals(self) -> Values:
        """Return the exact sums of the cells that were yielded, per measure of the layout."""
        raise NotImplementedError
