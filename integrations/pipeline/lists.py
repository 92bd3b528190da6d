"""Members of an Anaplan list made of QAD's codes: one key a member, whatever set it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.pipeline.amounts import Values
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.lacking import Lacking
from integrations.pipeline.layout import Layout
from integrations.pipeline.mapping import Held, Placed
from integrations.pipeline.rules import RulesInForce
from integrations.pipeline.streams import DataSet

PRESENT, AGAIN = "1", "0"
LIST_GROUP = "members"


@dataclass(slots=True)
class Members:
    """What each code of a list is in all shared sets together.

    A code that has two meanings, or whose member is taken by another code, is in `torn`: nobody
    may choose for it. `owners` says by which row a member is counted, since the same code in
    two shared sets is one member.
    """

    layout: Layout
    rules: RulesInForce
    data_set: DataSet
    conventions: Conventions
    owners: dict[str, str] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    _keys: dict[str, str] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)

    def add(self, part: str, rows: Iterable[Any]) -> None:
        """Learn the rows of one unit."""
        for row in rows:
            members = self.members_of(row)
            key = self.layout.key(members)
            first = self._keys.setdefault(row.code, key)
            holder = self._codes.setdefault(members["code"], row.code)
            if first != key or holder != row.code:
                self.torn |= {row.code, holder}
            self.owners.setdefault(key, self._owner(part, row))

    @property
    def codes(self) -> Mapping[str, str]:
        """The QAD code that each member's code stands for."""
        return self._codes

    def members_of(self, row: Any) -> dict[str, str]:
        """Return what the file says of a row: its code and its name."""
        code = str(row.code)
        mapped = self.rules.member(self.data_set.mapped_as, code)
        name = str(row.description).strip() or code
        return {
            "code": mapped or self.conventions.member_code.replace("{code}", code),
            "name": self.conventions.member_name.replace("{code}", code).replace("{name}", name),
        }

    def counts(self, part: str, row: Any, key: str) -> bool:
        """Whether this row is the one that its member is counted by."""
        return self.owners[key] == self._owner(part, row)

    def _owner(self, part: str, row: Any) -> str:
        return f"{part} {self.data_set.row_key(row)}"


class ListMapper:
    """Maps the rows of one unit to members of a list; offers what `UnitMapper` offers."""

    def __init__(self, members: Members, part: str) -> None:
        self.rows = 0
        self.held_rows = 0
        self.lacking = self.suspense = Lacking(1)
        self._members = members
        self._part = part
        self._counted = self._held = 0

    def map_rows(self, rows: Sequence[Any]) -> Placed:
        """Place a page's rows; those whose code has two meanings are held."""
        self.rows += len(rows)
        held = [row for row in rows if row.code in self._members.torn]
        self.held_rows += len(held)
        keys, marks, places = [], [], []
        for place, row in enumerate(rows):
            if row.code in self._members.torn:
                continue
            key = self._members.layout.key(self._members.members_of(row))
            is_counted = self._members.counts(self._part, row, key)
            self._counted += is_counted
            keys.append(key)
            marks.append(PRESENT if is_counted else AGAIN)
            places.append(place)
        return Placed(keys, [marks], places, list(map(self._hold, held)))

    def totals(self) -> Values:
        """Return how many members the unit brings."""
        return (str(self._counted),)

    def held_totals(self) -> Values:
        """Return how many rows are held, each as one member."""
        return (str(self.held_rows),)

    def turned_total(self) -> str:
        """Nothing is turned in a list."""
        return "0"

    def _hold(self, row: Any) -> Held:
        code = str(row.code)
        return Held(
            row_key=self._members.data_set.row_key(row),
            reason_code="list_code_torn",
            dimension=self._members.data_set.mapped_as,
            code=code,
            values=(PRESENT,),
            codes=(code, str(row.description)),
            missing=((self._members.data_set.mapped_as, code),),
        )


def read_members(
    items: Iterable[Any], layout: Layout, wanted: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the keys of a list's items that QAD has too, and the codes of the others.

    `wanted` is a directory of codes; an item is looked for by its code, or by its name where it
    has none.
    """
    keys: dict[str, str] = {}
    others: list[str] = []
    for item in items:
        code = item.code or item.name
        if code not in wanted:
            others.append(code)
            continue
        texts = {"code": code, "name": item.name}
        keys[layout.key(texts)] = code
    return keys, sorted(others)
