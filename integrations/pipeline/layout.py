"""How one cell becomes one line of the import's file, and back."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from integrations.pipeline.amounts import Values
from integrations.pipeline.formats import FileFormat
from integrations.pipeline.frames import Frame
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.streams import GL_BALANCES, DataSet
from integrations.transport.errors import IntegrationError

__all__ = ["Layout", "default_bindings"]

# Never in a member: these characters part the cells of a block.
_FORBIDDEN = re.compile(r"[\x00\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of an import's file bound to dimensions, measures and constants.

    `dimensions` and `measures` are the bound fields in column order; every `Values` tuple of
    the pipeline is in the order of `measures`. A cell's key is the text of its dimension
    columns as they stand in the file, joined by the separator. `columns` holds per header the
    bound field, or the constant's text after "=".
    """

    headers: tuple[str, ...]
    columns: tuple[str, ...]
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    constants: Mapping[str, str]
    format: FileFormat
    decimal_separator: str
    data_set: DataSet = GL_BALANCES

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
        _check_headers(headers, bindings)
        columns = tuple(bindings[header] for header in headers)
        _check_columns(headers, columns, data_set)
        layout = cls(
            headers=tuple(headers),
            columns=columns,
            dimensions=tuple(c for c in columns if c in data_set.dimensions),
            measures=data_set.measures
            if data_set.is_list
            else tuple(c for c in columns if c in data_set.measures),
            constants={h: b[1:] for h, b in bindings.items() if b[:1] == "="},
            format=FileFormat.build(encoding, separator, delimiter),
            decimal_separator=decimal_separator or ".",
            data_set=data_set,
        )
        layout._check_writable()
        return layout

    @property
    def separator(self) -> str:
        """What stands between two columns."""
        return self.format.separator

    @property
    def delimiter(self) -> str:
        """What encloses a text that holds a separator; "" for nothing."""
        return self.format.delimiter

    def quote(self, member: str) -> str:
        """Return a member's text as a field of the file; member_not_writable or _not_encodable."""
        separator, delimiter = self.format.separator, self.format.delimiter
        if _FORBIDDEN.search(member):
            raise IntegrationError("member_not_writable", member=member, reason="a control code")
        try:
            member.encode(self.format.codec)
        except UnicodeEncodeError as error:
            raise IntegrationError(
                "member_not_encodable",
                member=member,
                character=member[error.start],
                encoding=self.format.codec,
            ) from None
        special = any(mark in member for mark in (separator, "\n", "\r"))
        if not delimiter:
            if special:
                raise IntegrationError(
                    "member_not_writable", member=member, reason="a separator or line end"
                )
            return member
        if special or delimiter in member or member != member.strip():
            return f"{delimiter}{member.replace(delimiter, delimiter * 2)}{delimiter}"
        return member

    def line(self, key: str, values: Values) -> str:
        """Return a cell's line of the file, without the line end."""
        return next(self.lines((key,), [(value,) for value in values]))

    def lines(self, keys: Sequence[str], amounts: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield the lines of many cells, their amounts given per measure."""
        join = self.format.separator.join
        if self.decimal_separator != ".":
            amounts = [list(map(self._amount, column)) for column in amounts]
        if self.columns == self.dimensions + self.measures:
            return map(join, zip(keys, *amounts, strict=True))
        parts: dict[str, Sequence[str]] = dict(zip(self.measures, amounts, strict=True))
        pieces = zip(*map(self.pieces, keys), strict=True)
        parts.update(zip(self.dimensions, pieces, strict=True))
        columns = [
            parts[column] if column in parts else repeat(self.quote(column[1:]), len(keys))
            for column in self.columns
        ]
        return map(join, zip(*columns, strict=True))

    def header_line(self) -> str:
        """Return the first line of the file, without the line end."""
        return self.format.separator.join(map(self.quote, self.headers))

    def key(self, members: Mapping[str, str]) -> str:
        """Return the key of the cell at the given member of each dimension."""
        return self.format.separator.join(self.quote(members[d]) for d in self.dimensions)

    def members(self, key: str) -> tuple[str, ...]:
        """Return the member texts of a key, in the order of `dimensions`."""
        pieces = self.pieces(key)
        mark = self.format.delimiter
        if not mark or mark not in key:
            return tuple(pieces)
        return tuple(
            piece[1:-1].replace(mark * 2, mark) if piece[:1] == mark else piece for piece in pieces
        )

    def pieces(self, key: str) -> list[str]:
        """Return the columns of a key, each as it stands in the file."""
        if not self.format.delimiter or self.format.delimiter not in key:
            return key.split(self.format.separator)
        separator, mark = map(re.escape, (self.format.separator, self.format.delimiter))
        field = rf"{mark}(?:[^{mark}]|{mark}{mark})*{mark}|[^{separator}]*"
        return re.findall(rf"(?:^|{separator})({field})", key)

    def _amount(self, text: str) -> str:
        written = text.replace(".", self.decimal_separator)
        if self.decimal_separator == self.format.separator and written != text:
            return f"{self.format.delimiter}{written}{self.format.delimiter}"
        return written

    def _check_writable(self) -> None:
        self.header_line()
        for text in self.constants.values():
            self.quote(text)
        if self.decimal_separator not in (".", ","):
            raise IntegrationError(
                "file_format_unsupported", part="decimal separator", given=self.decimal_separator
            )
        if self.decimal_separator == self.format.separator and not self.format.delimiter:
            raise IntegrationError(
                "file_format_unsupported",
                part="decimal separator without text delimiter",
                given=self.decimal_separator,
            )


class LineParser:
    """Turns fields of the file's lines back into cells, many lines at a time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._quoted = _Quoted(layout)

    def parse(self, columns: Sequence[Sequence[str]]) -> Frame:
        """Return the cells of lines that are given as columns, in the order of the lines.

        A measure that has no column counts the lines.
        """
        layout = self._layout
        table = dict(zip(layout.columns, columns, strict=True))
        pieces = (map(self._quoted.__getitem__, table[name]) for name in layout.dimensions)
        amounts = [
            list(table[name]) if name in table else ["1"] * len(columns[0])
            for name in layout.measures
        ]
        if layout.decimal_separator != ".":
            mark = layout.decimal_separator
            amounts = [[text.replace(mark, ".") for text in column] for column in amounts]
        return Frame(list(map(layout.separator.join, zip(*pieces, strict=True))), amounts)


class _Quoted(dict[str, str]):
    """The field of the file per member, filled as members are met."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout

    def __missing__(self, member: str) -> str:
        field = self[member] = self._layout.quote(member)
        return field


def _check_headers(headers: Sequence[str], bindings: Mapping[str, str]) -> None:
    for header, count in Counter(headers).items():
        if count > 1:
            raise IntegrationError("import_header_repeated", header=header)
        if header not in bindings:
            raise IntegrationError("import_header_unbound", header=header)
    for header in bindings:
        if header not in headers:
            raise IntegrationError(
                "import_header_unknown", header=header, headers=", ".join(headers)
            )


def _check_columns(headers: Sequence[str], columns: Sequence[str], data_set: DataSet) -> None:
    fields = (*data_set.dimensions, *data_set.measures)
    for header, column in zip(headers, columns, strict=True):
        if column[:1] != "=" and column not in fields:
            raise IntegrationError(
                "binding_field_unknown", header=header, field=column, fields=", ".join(fields)
            )
    for column, count in Counter(columns).items():
        if count > 1 and column[:1] != "=":
            raise IntegrationError("binding_repeated", field=column)
    missing = [dimension for dimension in data_set.required if dimension not in columns]
    if not any(enough <= set(columns) for enough in data_set.enough_measures):
        missing.append(" or ".join(" and ".join(sorted(e)) for e in data_set.enough_measures))
    if missing:
        raise IntegrationError("layout_incomplete", missing=", ".join(missing))
