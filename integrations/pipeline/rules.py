"""The rules of a mapping version: which members stand for a QAD code, where and when.

Of the rules that hold a code, one wins. A rule of the unit's own domain wins over one for every
domain; then the exact code wins over a prefix, a prefix over a range, a range over the default.
Of prefixes the longest wins, of ranges the narrowest, then the one that stands first.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from integrations.pipeline.ranges import CodeRanges, Range, holds

DIMENSIONS = (
    "entity", "gl_account", "cost_center", "supplier", "period", "currency", "sub_account",
    "project",
)  # fmt: skip
ROW_DIMENSIONS = ("gl_account", "cost_center", "supplier", "sub_account", "project")
"""Dimensions that each row has for itself: their codes may be split or go to suspense."""

LAST_PERIOD = 999999
KINDS = ("exact", "prefix", "range", "default")
WHOLE = Decimal(1)


class Quoting(Protocol):
    """What a file makes of a member's text; `dimensions` are those that it has a column for."""

    @property
    def dimensions(self) -> Collection[str]:
        """The dimensions of the file."""

    def quote(self, text: str) -> str:
        """Return a text as a field of the file."""


class AsIs:
    """Leaves members as they are, where no file is made of them."""

    dimensions: Collection[str] = ()

    def quote(self, text: str) -> str:
        """Return the text itself."""
        return text


class RuleKey(NamedTuple):
    """What a rule holds; rules with one key share it by weight, or follow each other in time."""

    dimension: str
    domain: str
    kind: str
    code: str
    code_to: str

    def fits(self, code: str) -> bool:
        """Whether it speaks of a code, whichever rule wins."""
        if self.kind == "prefix":
            return code.startswith(self.code)
        if self.kind == "range":
            return holds(self.code, self.code_to, code)
        return self.kind == "default" or code == self.code


class Rule(NamedTuple):
    """A member text that stands for QAD codes of one dimension; blank = not mapped.

    `domain` is "" for every domain. `valid_from` and `valid_to` are the first and the last
    period (year*100+period), None for no end.
    """

    dimension: str
    code: str
    member: str
    kind: str = "exact"
    code_to: str = ""
    domain: str = ""
    weight: Decimal = WHOLE
    valid_from: int | None = None
    valid_to: int | None = None

    @property
    def key(self) -> RuleKey:
        """What the rule holds, whenever and wherever to."""
        return RuleKey(self.dimension, self.domain, self.kind, self.code, self.code_to)

    def is_in_force(self, year_period: int) -> bool:
        """Whether the rule counts for a period."""
        return (self.valid_from is None or self.valid_from <= year_period) and (
            self.valid_to is None or year_period <= self.valid_to
        )


class Share(NamedTuple):
    """A member that takes a code or a part of it; `field` is the member as the file has it."""

    member: str
    field: str
    weight: Decimal


Shares = tuple[Share, ...]


class RulesInForce:
    """The rules that count for one domain and period; `suspense` takes what they leave out."""

    def __init__(self, finders: Mapping[str, "_Finder"], suspense: Mapping[str, Share]) -> None:
        self._finders = finders
        self.suspense = suspense

    def shares(self, dimension: str, code: str) -> Shares:
        """Return who takes a code, in the visible order; nobody when it is not mapped."""
        finder = self._finders.get(dimension)
        return finder[code] if finder is not None else ()

    def share(self, dimension: str, code: str) -> Share | None:
        """Return who takes a code as a whole; None when it is not mapped, or split."""
        shares = self.shares(dimension, code)
        return shares[0] if len(shares) == 1 else None

    def member(self, dimension: str, code: str) -> str | None:
        """Return the member that takes a code as a whole."""
        share = self.share(dimension, code)
        return share.member if share else None

    def has_splits(self) -> bool:
        """Whether any code is split."""
        return any(finder.has_splits for finder in self._finders.values())


class MappingTable:
    """The rules of one mapping version, with their members quoted for one layout."""

    def __init__(self, rules: Iterable[Rule], layout: Quoting, suspense: Mapping[str, str]) -> None:
        """Quote all members; member_not_writable, member_not_encodable.

        `suspense` names the member per dimension that takes codes without one.
        """
        self._books: dict[str, dict[str, _Book]] = {}
        self._members: dict[str, set[str]] = {}
        self._finders: dict[tuple[str, str, tuple[int, ...]], _Finder] = {}
        self._suspense: dict[str, Share] = {}
        for rule in rules:
            share = _share(rule.dimension, rule.member, rule.weight, layout)
            books = self._books.setdefault(rule.dimension, {})
            books.setdefault(rule.domain, _Book()).add(rule, share)
            self._members.setdefault(rule.dimension, set()).add(rule.member)
        for dimension, member in suspense.items():
            self._suspense[dimension] = _share(dimension, member, WHOLE, layout)
            self._members.setdefault(dimension, set()).add(member)

    def in_force(self, domain: str, year_period: int) -> RulesInForce:
        """Return the rules that count for a unit."""
        finders = {name: self._finder(name, domain, year_period) for name in self._books}
        return RulesInForce(finders, self._suspense)

    def members(self, dimension: str) -> frozenset[str]:
        """Return every member text that is used for a dimension at any time."""
        return frozenset(self._members.get(dimension, ())) - {""}

    def stretches(self, dimension: str) -> list[int]:
        """Return the first period of each stretch in which the same rules count everywhere."""
        books = self._books.get(dimension, {}).values()
        return sorted({0}.union(*(book.starts for book in books)))

    def _finder(self, dimension: str, domain: str, year_period: int) -> "_Finder":
        """Return what finds codes of a dimension; units whose rules are the same share it."""
        by_domain = self._books[dimension]
        books = {name: by_domain[name] for name in (domain, "") if name in by_domain}
        stretches = tuple(book.stretch_of(year_period) for book in books.values())
        place = (dimension, domain if domain in books else "", stretches)
        if place not in self._finders:
            layers = map(_Book.layer, books.values(), stretches)
            self._finders[place] = _Finder(list(layers))
        return self._finders[place]


def _share(dimension: str, member: str, weight: Decimal, layout: Quoting) -> Share:
    field = layout.quote(member) if dimension in layout.dimensions else member
    return Share(member, field, weight)


class _Layer:
    """The rules of one dimension that count in one domain, or in every domain."""

    def __init__(self, rules: Sequence[tuple[Rule, Share]]) -> None:
        self.by_key: dict[RuleKey, Shares] = {}
        for rule, share in rules:
            before = self.by_key.get(rule.key, ())
            self.by_key[rule.key] = (*before, share) if share.member else before
        self._exact = {key.code: key for key in self._of("exact")}
        self._prefixes = {key.code: key for key in self._of("prefix")}
        self._lengths = sorted(set(map(len, self._prefixes)), reverse=True)
        self._ranges = CodeRanges([Range(key.code, key.code_to, key) for key in self._of("range")])
        self._default = next(iter(self._of("default")), None)

    def find(self, code: str) -> Shares | None:
        """Return the shares of the rule that wins; None where no rule holds the code."""
        key = self._exact.get(code) or self._find_pattern(code)
        return self.by_key[key] if key is not None else None

    def _find_pattern(self, code: str) -> RuleKey | None:
        for length in self._lengths:
            key = self._prefixes.get(code[:length])
            if key is not None:
                return key
        return self._ranges.find(code) or self._default

    def _of(self, kind: str) -> list[RuleKey]:
        return [key for key in self.by_key if key.kind == kind]


class _Book:
    """All rules of one dimension in one domain, or for every domain, whenever they count.

    `starts` are the periods with which rules begin, or have just ended. Between two of them the
    same rules count, and one layer serves all periods.
    """

    def __init__(self) -> None:
        self.starts: list[int] = []
        self._rules: list[tuple[Rule, Share]] = []
        self._layers: dict[int, _Layer] = {}

    def add(self, rule: Rule, share: Share) -> None:
        """Add a rule, before any layer is asked for."""
        self._rules.append((rule, share))
        last = None if rule.valid_to is None else rule.valid_to + 1
        for start in (rule.valid_from, last):
            if start is not None and start not in self.starts:
                insort(self.starts, start)

    def stretch_of(self, year_period: int) -> int:
        """Return the number of the stretch that a period is in."""
        return bisect_right(self.starts, year_period)

    def layer(self, stretch: int) -> _Layer:
        """Return the rules that count in a stretch."""
        if stretch not in self._layers:
            first = self.starts[stretch - 1] if stretch else 0
            counting = [pair for pair in self._rules if pair[0].is_in_force(first)]
            self._layers[stretch] = _Layer(counting)
        return self._layers[stretch]


class _Finder(dict[str, Shares]):
    """The shares per code of one dimension: looked for once, then known."""

    def __init__(self, layers: Sequence[_Layer]) -> None:
        super().__init__()
        self._layers = layers
        self.has_splits = any(
            len(shares) > 1 for layer in layers for shares in layer.by_key.values()
        )

    def __missing__(self, code: str) -> Shares:
        found = (layer.find(code) for layer in self._layers)
        shares = self[code] = next((shares for shares in found if shares is not None), ())
        return shares
