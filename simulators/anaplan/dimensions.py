"""Lists, time and versions: the members that cells and list imports refer to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

TIME_ID = "20000000003"
VERSIONS_ID = "20000000020"
USERS_ID = "101999999999"
UNKNOWN = -1


@dataclass(slots=True)
class Item:
    """A member; `parent` is the index of another member of the same dimension, or UNKNOWN."""

    id: str
    name: str
    code: str = ""
    parent: int = UNKNOWN


@dataclass(slots=True)
class Dimension:
    """Members in order. An index stays valid for ever: a deleted member leaves a gap."""

    id: str
    name: str
    items: list[Item | None] = field(default_factory=list)
    by_name: dict[str, int] = field(default_factory=dict)
    by_code: dict[str, int] = field(default_factory=dict)
    parents: set[int] = field(default_factory=set)

    @property
    def is_list(self) -> bool:
        """Whether members can be added and deleted."""
        return self.id not in (TIME_ID, VERSIONS_ID)

    def add(self, name: str, code: str = "") -> int:
        """Append a member; ValueError when its name or code is taken."""
        key, code_key = fold(name), fold(code)
        if not key and not code_key:
            raise ValueError(f"list {self.name!r}: a member needs a name or a code")
        if key and key in self.by_name:
            raise ValueError(f"list {self.name!r}: the name {name!r} is there twice")
        if code_key and code_key in self.by_code:
            raise ValueError(f"list {self.name!r}: the code {code!r} is there twice")
        index = len(self.items)
        item_id = f"{int(self.id) % 1_000 + 2_000:04}{index + 1:08}"
        self.items.append(Item(item_id, name.strip() or f"#{index + 1}", code.strip()))
        self.by_name[key or f"#{index + 1}"] = index
        if code_key:
            self.by_code[code_key] = index
        return index

    def is_below(self, index: int, other: int) -> bool:
        """Whether a member is another one or hangs below it; UNKNOWN hangs nowhere."""
        while index not in (UNKNOWN, other):
            item = self.items[index]
            index = UNKNOWN if item is None else item.parent
        return index != UNKNOWN

    def set_parent(self, index: int, parent: int) -> None:
        """Hang a member below another one, which becomes an aggregate; never in a circle."""
        item = self.items[index]
        if item is not None and parent != UNKNOWN and not self.is_below(parent, index):
            item.parent = parent
            self.parents.add(parent)

    def rename(self, index: int, name: str) -> bool:
        """Give a member another name; False when the name is taken or did not change."""
        item, key = self.items[index], fold(name)
        if item is None or not key or item.name == name or self.by_name.get(key, index) != index:
            return False
        self.by_name.pop(fold(item.name), None)
        self.by_name[key] = index
        item.name = name.strip()
        return True

    def recode(self, index: int, code: str) -> bool:
        """Give a member another code; False when it is empty, taken or did not change."""
        item, key = self.items[index], fold(code)
        if item is None or not key or item.code == code or self.by_code.get(key, index) != index:
            return False
        self.by_code.pop(fold(item.code), None)
        self.by_code[key] = index
        item.code = code.strip()
        return True

    def delete(self, index: int) -> None:
        """Take a member out; its index is never used again."""
        item = self.items[index]
        if item is None:
            return
        self.items[index] = None
        self.by_name.pop(fold(item.name), None)
        self.by_code.pop(fold(item.code), None)
        self.parents = {found.parent for found in self.items if found} - {UNKNOWN}

    def remember(self) -> Callable[[], None]:
        """Return what brings the members back as they are now."""
        items = [item and replace(item) for item in self.items]
        names, codes, parents = dict(self.by_name), dict(self.by_code), set(self.parents)

        def bring_back() -> None:
            self.items, self.by_name, self.by_code, self.parents = items, names, codes, parents

        return bring_back

    def find(self, text: str, match: str = "any") -> int:
        """Index of the member with this code or name, UNKNOWN when there is none."""
        key = fold(text)
        if match != "name":
            found = self.by_code.get(key, UNKNOWN) if key else UNKNOWN
            if found != UNKNOWN or match == "code":
                return found
        return self.by_name.get(key, UNKNOWN)

    def find_id(self, identity: str) -> int:
        """Index of the member with this id, UNKNOWN when there is none."""
        return next((index for index, item in self.all() if item.id == identity), UNKNOWN)

    def label(self, index: int, show: str = "") -> str:
        """How a member is written: its name, its code, or the code where it has one."""
        item = self.items[index]
        if item is None:
            return ""
        if show == "name":
            return item.name
        return item.code or ("" if show == "code" and self.is_list else item.name)

    def all(self) -> Iterable[tuple[int, Item]]:
        """The members that exist, in order."""
        return ((index, item) for index, item in enumerate(self.items) if item is not None)


def fold(text: str) -> str:
    """What two spellings of a name or code must share to be the same member."""
    return text.strip().casefold()
