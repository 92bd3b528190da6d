"""What the mapping grid shows: a row for each code of a dimension, as it is in a period."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accounts.models import Organization
from integrations.pipeline.grid_rows import (
    MARKS,
    GridFilter,
    GridRow,
    arrange,
    state_of,
)
from integrations.pipeline.mapping_changes import Parts, group_parts, parts_in_words
from integrations.pipeline.rule_winners import FindKey, find_winners
from integrations.pipeline.rules import LAST_PERIOD, Rule, RuleKey
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.drafts import Standing, read_standing
from integrations.selectors.known_codes import (
    CodeFacts,
    has_code_list,
    loaded_periods,
    member_texts,
    read_codes,
)
from integrations.selectors.mapping_suggestions import suggestions_for


@dataclass(frozen=True, slots=True)
class PatternRule:
    """A rule that holds many codes: who takes them, and how many of the known ones."""

    key: RuleKey
    member_words: str
    codes: int
    is_drafted: bool


class Line(NamedTuple):
    """A row, and what is suggested for it."""

    row: GridRow
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True)
class GridPage:
    """A stretch of the rows, how many there are, and what can be chosen from."""

    lines: list[Line]
    total: int
    fitting: int
    number: int
    pages: int
    first: int
    counts: Counter[str]
    period: int | None
    patterns: list[PatternRule]

    @property
    def row_count(self) -> int:
        """How many rows the whole grid has, its head included."""
        return self.fitting + 1

    @property
    def before(self) -> int:
        """The number of the page before."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The number of the page after."""
        return self.number + 1


@dataclass(frozen=True, slots=True)
class Ground:
    """All that rows of one dimension are made of: read once, in a few queries."""

    dimension: str
    standing: Standing
    codes: dict[str, CodeFacts]
    has_list: bool
    members: frozenset[str] | None
    period: int
    rules: list[Rule]
    effective: dict[RuleKey, Parts] = field(default_factory=dict)
    find: FindKey = lambda _domain, _code: None

    def own_keys(self) -> set[RuleKey]:
        """Return the keys of single codes that have a rule, or a change of the draft."""
        keys = (*self.effective, *self.standing.changes)
        return {key for key in keys if key.dimension == self.dimension and key.kind == "exact"}


def read_grid(
    organization: Organization,
    dimension: str,
    chosen: GridFilter,
    *,
    periods: Sequence[int],
    period: int | None = None,
    number: int = 1,
    size: int = 50,
) -> GridPage:
    """Return a page of the grid, as of a period or of the newest one, inside an open scope."""
    period = period or next(iter(periods), None)
    ground = read_ground(organization, dimension, period=period)
    rows = list(_rows(ground))
    fitting = arrange(rows, chosen)
    pages = max(1, -(-len(fitting) // size))
    number = min(max(1, number), pages)
    first = (number - 1) * size
    return GridPage(
        lines=_with_suggestions(organization, ground, fitting[first : first + size]),
        total=len(rows),
        fitting=len(fitting),
        number=number,
        pages=pages,
        first=first + 1,
        counts=Counter(word for row in rows for word in (row.state, *row.marks)),
        period=period,
        patterns=_patterns(ground, rows),
    )


def read_ground(
    organization: Organization,
    dimension: str,
    *,
    period: int | None = None,
    codes: Collection[str] | None = None,
) -> Ground:
    """Read what rows are made of, of all codes or of some."""
    standing = read_standing(organization)
    rules = [rule for rule in standing.rules_with_draft() if rule.dimension == dimension]
    at = period or LAST_PERIOD
    return Ground(
        dimension=dimension,
        standing=standing,
        codes=read_codes(organization, dimension, codes),
        has_list=has_code_list(organization, dimension),
        members=member_texts(organization, dimension),
        period=at,
        rules=rules,
        effective=group_parts(rules),
        find=find_winners(rules, dimension, at),
    )


def read_lines(
    organization: Organization, keys: Sequence[RuleKey], *, period: int | None = None
) -> list[Line]:
    """Return the rows of some keys of single codes as they are now."""
    found: list[Line] = []
    for dimension in {key.dimension for key in keys}:
        wanted = {key for key in keys if key.dimension == dimension}
        codes = {key.code for key in wanted}
        at = period or max(loaded_periods(organization, dimension), default=None)
        ground = read_ground(organization, dimension, period=at, codes=codes)
        rows = [row for row in _rows(ground, codes) if row.key in wanted]
        found += _with_suggestions(organization, ground, rows)
    return found


def _with_suggestions(
    organization: Organization, ground: Ground, rows: Iterable[GridRow]
) -> list[Line]:
    """Return rows with what is suggested for those without a member."""
    rows = list(rows)
    codes = {row.key.code for row in rows if row.is_unmapped}
    found = suggestions_for(organization, ground.dimension, codes, ground.rules)
    return [Line(row, found.get(row.key.code) if row.is_unmapped else None) for row in rows]


def _rows(ground: Ground, codes: Collection[str] | None = None) -> Iterator[GridRow]:
    own: dict[str, set[str]] = {}
    for key in ground.own_keys():
        if codes is None or key.code in codes:
            own.setdefault(key.code, set()).add(key.domain)
    for code in {**ground.codes, **dict.fromkeys(own)}:
        yield from _rows_of(ground, code, own.get(code, set()))


def _rows_of(ground: Ground, code: str, own: set[str]) -> Iterator[GridRow]:
    """A row for each domain with rules of its own, and one for all the others together."""
    known = ground.codes.get(code) or CodeFacts()
    apart, together = set(own - {""}), {""}
    for domain in known.domains or ():
        held_by = ground.find(domain, code) if domain else None
        if domain in own - {""} or (held_by and held_by.domain):
            apart.add(domain)
        else:
            together.add(domain)
    if "" in own or together > {""} or not apart or "" in (known.domains or ()):
        yield _row(ground, known, RuleKey(ground.dimension, "", "exact", code, ""), together)
    for domain in sorted(apart):
        key = RuleKey(ground.dimension, domain, "exact", code, "")
        yield _row(ground, known, key, {domain})


def _row(ground: Ground, known: CodeFacts, key: RuleKey, domains: set[str]) -> GridRow:
    parts = ground.effective.get(key, ())
    held_by = ground.find(key.domain, key.code)
    taken = ground.effective.get(held_by, ()) if held_by else ()
    members = tuple(
        part
        for part in taken
        if (part.valid_from or 0) <= ground.period <= (part.valid_to or LAST_PERIOD)
    )
    change = ground.standing.changes.get(key)
    gone = ground.members is not None and any(
        part.member and part.member not in ground.members for part in members
    )
    is_so = (change is not None, gone, ground.has_list and not known.is_in_qad)
    return GridRow(
        key=key,
        name=known.name,
        money=known.money_in(domains),
        parts=parts,
        held_by=held_by,
        members=members,
        state=state_of(parts, members, is_own=held_by == key),
        marks=tuple(mark for mark, is_set in zip(MARKS, is_so, strict=True) if is_set),
        changed_by=change.changed_by[-1] if change and change.changed_by else "",
        changed_at=change.changed_at if change else None,
    )


def _patterns(ground: Ground, rows: Sequence[GridRow]) -> list[PatternRule]:
    """Return the rules that hold many codes, in the visible order."""
    codes = Counter(row.held_by for row in rows)
    return [
        PatternRule(key, parts_in_words(parts), codes[key], key in ground.standing.changes)
        for key, parts in ground.effective.items()
        if key.kind != "exact"
    ]
