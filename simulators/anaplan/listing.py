"""An import into a list: members are created, or found by code or name and changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.anaplan.dimensions import UNKNOWN, Dimension, fold
from simulators.anaplan.modelfile import ImportPart
from simulators.anaplan.rows import Columns, RowException


@dataclass(frozen=True, slots=True)
class Member:
    """What a row says about one member; None where the file has no such column."""

    line: int
    fields: list[str]
    name: str
    code: str
    parent: str

    @property
    def key(self) -> str:
        """What tells members apart: the code, or else the name."""
        return fold(self.code or self.name)


class ListTaker:
    """Collects the members of one file; `created` and `updated` are known after `check`."""

    def __init__(self, dimension: Dimension, part: ImportPart) -> None:
        self._dimension = dimension
        self._columns = {c.property: c.header for c in part.columns if c.property}
        self._places: dict[str, int] = {}
        self._members: dict[str, Member] = {}
        self.exceptions: list[RowException] = []
        self.rows = 0
        self.ignored = 0

    @property
    def headers(self) -> list[str]:
        """The columns that the file must have."""
        return list(self._columns.values())

    @property
    def created(self) -> int:
        """How many of the members are new."""
        return sum(self._find(member) == UNKNOWN for member in self._members.values())

    def bind(self, header: Sequence[str]) -> None:
        """Say which columns the file has."""
        self._places = {name: header.index(found) for name, found in self._columns.items()}

    def refuse(self, line: int, fields: Sequence[str], kind: str, words: str) -> None:
        """Count a row that is not even a row."""
        self.rows += 1
        self.exceptions.append(RowException(line, "E", fields, ((kind, words),)))

    def take(self, columns: Columns, lines: Sequence[int]) -> None:
        """Take rows given as columns, with their line numbers in the file."""
        for number, line in enumerate(lines):
            fields = [column[number].lstrip("\n") for column in columns]
            texts = {name: fields[place].strip() for name, place in self._places.items()}
            self._take_one(
                Member(
                    line,
                    fields,
                    texts.get("name", ""),
                    texts.get("code", ""),
                    texts.get("parent", ""),
                )
            )

    def _take_one(self, member: Member) -> None:
        problem = self._problem(member)
        if problem is not None:
            self.refuse(member.line, member.fields, *problem)
            return
        self.rows += 1
        self._members[member.key] = member

    def _problem(self, member: Member) -> tuple[str, str] | None:
        if not member.key:
            return "hierarchyImportEmptyKey", "Empty key"
        if member.key in self._members:
            return (
                "hierarchyImportDuplicateSourceKey",
                f"Duplicate key: {member.code or member.name}",
            )
        parent = fold(member.parent)
        is_known = self._dimension.find(parent) != UNKNOWN or parent in self._members
        if parent and (not is_known or parent in (fold(member.code), fold(member.name))):
            return "hierarchyImportInvalidParent", f"Invalid parent: {member.parent}"
        by_code, by_name = self._find(member), self._dimension.find(member.name, "name")
        if member.code and member.name and by_name not in (UNKNOWN, by_code):
            return "hierarchyImportNameOrCodeExists", f"Name exists: {member.name}"
        return None

    def _find(self, member: Member) -> int:
        return self._dimension.find(member.code or member.name, "code" if member.code else "name")

    def write(self) -> None:
        """Create and change the members, then hang them below their parents."""
        for member in self._members.values():
            index = self._find(member)
            if index == UNKNOWN:
                self._dimension.add(member.name, member.code)
            elif member.name:
                self._dimension.rename(index, member.name)
        for member in self._members.values():
            if member.parent:
                parent = self._dimension.find(member.parent)
                self._dimension.set_parent(self._find(member), parent)
