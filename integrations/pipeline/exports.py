"""What Anaplan holds: an export's bytes read back as cells of the import's layout."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, Protocol

from integrations.pipeline.amounts import plain, plain_all
from integrations.pipeline.delimited import Columns, read_columns
from integrations.pipeline.formats import FileFormat
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.layout import Layout
from integrations.pipeline.members import Member, MemberDirectory
from integrations.transport.errors import IntegrationError

__all__ = ["Definition", "ExportReader", "Member", "MemberDirectory"]

# Columns of these types are no dimensions: leaving them out adds nothing up.
_PLAIN_TYPES = frozenset({"NUMBER", "TEXT", "BOOLEAN", "DATE", "NONE"})

_UNWRITABLE = re.compile(r"[^\w.-]")


class Definition(Protocol):
    """The part of an export's definition that says how its bytes are to be read."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Column headers in order."""

    @property
    def data_types(self) -> tuple[str, ...]:
        """Anaplan's type of each column, as far as it is known."""

    @property
    def encoding(self) -> str:
        """Anaplan's name of the encoding."""

    @property
    def separator(self) -> str:
        """Column separator."""

    @property
    def delimiter(self) -> str:
        """Text delimiter, empty when there is none."""


class Batch(NamedTuple):
    """Cells in any order: the group and the key of each, and the amounts of each measure."""

    groups: list[str]
    keys: list[str]
    columns: list[Sequence[str]]


class ExportReader:
    """Reads an export.

    `bindings` maps headers to fields or constants ("=Actual": other rows are left out);
    headers that are not in it are bound by their words or by the layout's own constants. With
    `scope`, only cells of its (entity member, period member) pairs come, each with the group
    that stands there for its pair; without, all come as one group "". `rows` counts all rows,
    `skipped` those out of scope; `unknown` counts rows per (dimension, text) that the directory
    does not know: their cells come under that text.
    """

    def __init__(
        self,
        definition: Definition,
        layout: Layout,
        directory: MemberDirectory,
        *,
        bindings: Mapping[str, str] | None = None,
        scope: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """Raises IntegrationError export_header_unbound, export_incomplete, …_unsupported."""
        self.rows = 0
        self.skipped = 0
        self.unknown: dict[tuple[str, str], int] = {}
        self._layout = layout
        self._format = FileFormat.build(
            definition.encoding, definition.separator, definition.delimiter
        )
        self._bindings = bindings or {}
        self._types = dict(zip(definition.headers, definition.data_types, strict=False))
        self._aliases = {d: _Aliases(d, layout, directory) for d in layout.dimensions}
        self._scope = (
            None
            if scope is None
            else {
                (layout.quote(entity), layout.quote(period)): group
                for (entity, period), group in scope.items()
            }
        )
        if definition.headers:
            self._bind(definition.headers)

    def read(self, pieces: Iterable[bytes]) -> Iterator[Batch]:
        """Yield a cell for each row, in the order of the file; pieces may be cut anywhere.

        The file's own header row says where each column stands. Raises IntegrationError
        export_header_unbound, export_incomplete, export_unreadable, export_amount_unreadable,
        member_ambiguous.
        """
        columns: _Columns | None = None
        try:
            for table in read_columns(pieces, self._format):
                if columns is None:
                    columns = self._bind([column[0] for column in table])
                    table = [column[1:] for column in table]
                if table[0]:
                    yield self._batch(table, columns)
        except ValueError as error:
            raise self._unreadable(str(error)) from None
        if columns is None:
            raise self._unreadable("the file is empty")

    def _unreadable(self, reason: str) -> IntegrationError:
        return IntegrationError("export_unreadable", reason, row=self.rows + 1, reason=reason)

    def _bind(self, headers: Sequence[str]) -> "_Columns":
        guesses = default_bindings(headers, self._layout.data_set)
        constants = {header: f"={text}" for header, text in self._layout.constants.items()}
        found = _Columns(len(headers), {}, [])
        for index, header in enumerate(headers):
            binding = self._bindings.get(header) or constants.get(header) or guesses.get(header)
            if binding and binding[0] == "=":
                found.constants.append((index, binding[1:]))
            elif binding:
                found.fields[binding] = index
            elif self._types.get(header) not in _PLAIN_TYPES:
                raise IntegrationError("export_header_unbound", header=header)
        needed = (*self._layout.dimensions, *self._layout.measures)
        missing = [field for field in needed if field not in found.fields]
        if missing:
            raise IntegrationError("export_incomplete", missing=", ".join(missing))
        return found

    def _batch(self, table: Columns, columns: "_Columns") -> Batch:
        self.rows += len(table[0])
        members = {d: self._members(d, table[columns.fields[d]]) for d in self._layout.dimensions}
        amounts = [table[columns.fields[measure]] for measure in self._layout.measures]
        groups = self._groups(members)
        keys = list(map(self._layout.separator.join, zip(*members.values(), strict=True)))
        is_wanted = _find_wanted(table, columns, groups)
        if is_wanted is not None:
            self.skipped += is_wanted.count(False)
            groups, keys = list(compress(groups, is_wanted)), list(compress(keys, is_wanted))
            amounts = [list(compress(column, is_wanted)) for column in amounts]
        known = [group for group in groups if group is not None]
        return Batch(known, keys, list(map(_read_amounts, self._layout.measures, amounts)))

    def _groups(self, members: Mapping[str, Sequence[str]]) -> Sequence[str | None]:
        """Return the group of each row's cell, None out of scope."""
        if self._scope is None:
            return [""] * len(members["entity"])
        pairs = zip(members["entity"], members["period"], strict=True)
        return list(map(self._scope.get, pairs))

    def _members(self, dimension: str, column: Sequence[str]) -> list[str]:
        aliases = self._aliases[dimension]
        if column.count(column[0]) == len(column):
            members = [aliases[column[0]]] * len(column)
        else:
            members = list(map(aliases.__getitem__, column))
        for text in aliases.unknown:
            count = column.count(text)
            if count:
                self.unknown[dimension, text] = self.unknown.get((dimension, text), 0) + count
        return members


class _Columns(NamedTuple):
    """Where each field stands in a row, and the places that must hold a fixed text."""

    width: int
    fields: dict[str, int]
    constants: list[tuple[int, str]]


def _find_wanted(
    table: Columns, columns: _Columns, groups: Sequence[str | None]
) -> list[bool] | None:
    """Return per row whether its cell is asked for; None when all are."""
    tests = [[field == text for field in table[index]] for index, text in columns.constants]
    if None in groups:
        tests.append([group is not None for group in groups])
    if not tests or all(all(test) for test in tests):
        return None
    return [all(answers) for answers in zip(*tests, strict=True)]


class _Aliases(dict[str, str]):
    """The field of a key per text of the export, filled as texts are met."""

    def __init__(self, dimension: str, layout: Layout, directory: MemberDirectory) -> None:
        super().__init__()
        self.unknown: set[str] = set()
        self._dimension, self._layout, self._directory = dimension, layout, directory

    def __missing__(self, text: str) -> str:
        member = self._directory.resolve(self._dimension, text)
        if member is None:
            self.unknown.add(text)
        field = self[text] = self._quote(text if member is None else member)
        return field

    def _quote(self, member: str) -> str:
        """Quote a member; one that the import's file could not hold is not known to it."""
        try:
            return self._layout.quote(member)
        except IntegrationError:
            self.unknown.add(member)
            codec = self._layout.format.codec
            return _UNWRITABLE.sub("?", member).encode(codec, "replace").decode(codec)


def _read_amounts(measure: str, column: Sequence[str]) -> Sequence[str]:
    """Return amounts as plain text; an empty field is zero."""
    try:
        return plain_all(column)
    except ValueError:
        return [_read_amount(measure, text.strip()) for text in column]


def _read_amount(measure: str, text: str) -> str:
    try:
        return plain(text) if text else "0"
    except ValueError:
        raise IntegrationError(
            "export_amount_unreadable", header=measure, given=text[:40]
        ) from None
