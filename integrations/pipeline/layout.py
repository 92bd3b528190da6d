"""How one cell becomes one line of the import's file, and back."""

from collections.abc import Mapping, Sequence

from integrations.pipeline.streams import DataSet, Values


class Layout:
    """The columns of an import's file bound to dimensions, measures and constants.

    `dimensions` and `measures` are the bound fields in column order; every `Values` tuple of
    the pipeline is in the order of `measures`. A cell's key is the text of its dimension
    columns as they stand in the file, joined by the separator.
    """

    headers: tuple[str, ...]
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    constants: Mapping[str, str]
    separator: str
    delimiter: str
    encoding: str
    decimal_separator: str

    @classmethod
    def build(
        cls,
        headers: Sequence[str],
        bindings: Mapping[str, str],
        data_set: DataSet,
        separator: str = ",",
        delimiter: str = '"',
        encoding: str = "UTF-8",
        decimal_separator: str = ".",
    ) -> "Layout":
        """Bind an import's headers to fields ("gl_account") or constants ("=Actual").

        Raises IntegrationError: import_header_unknown, import_header_unbound,
        import_header_repeated, binding_field_unknown, binding_repeated, layout_incomplete,
        file_format_unsupported, member_not_writable, member_not_encodable.
        """
        raise NotImplementedError

    def quote(self, member: str) -> str:
        """Return a member's text as a field of the file; member_not_writable or _not_encodable."""
        raise NotImplementedError

    def line(self, key: str, values: Values) -> str:
        """Return a cell's line of the file, without the line end."""
        raise NotImplementedError

    def header_line(self) -> str:
        """Return the first line of the file, without the line end."""
        raise NotImplementedError

    def key(self, members: Mapping[str, str]) -> str:
        """Return the key of the cell at the given member of each dimension."""
        raise NotImplementedError

    def members(self, key: str) -> tuple[str, ...]:
        """Return the member texts of a key, in the order of `dimensions`."""
        raise NotImplementedError


def default_bindings(headers: Sequence[str]) -> dict[str, str]:
    """Bind the headers whose words are known ("Cost Centre", "Time", "Net"); leave out others."""
    raise NotImplementedError
