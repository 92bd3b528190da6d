"""The way back: members of an exported plan turned into QAD's own codes, never by a guess."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from integrations.pipeline.amounts import EXACT, to_text
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.layout import Layout
from integrations.pipeline.rules import MappingTable, Rule
from integrations.pipeline.streams import PLAN, escaped
from integrations.transport.errors import IntegrationError

VERSION = "version"
ONE_LINE_ITEM, ANY_LINE_ITEM = "TABULAR_MULTI_COLUMN", "TABULAR_SINGLE_COLUMN"
LAYOUTS = frozenset({"", ONE_LINE_ITEM, ANY_LINE_ITEM})
"""Anaplan's words for exports whose rows name all their members; grids have them elsewhere."""

ENTITY, ACCOUNT, COST_CENTER, PERIOD, CURRENCY = (
    "entity", "gl_account", "cost_center", "period", "currency",
)  # fmt: skip
YEAR_PERIOD_DIGITS = 6
ANY_PERIOD = 0

StatedCodes = Mapping[str, Mapping[str, str]]
"""Per dimension and member the one code that takes all of a member which several codes share."""


class PlanKey(NamedTuple):
    """Where a planned amount belongs, in QAD's own codes."""

    entity: str
    gl_account: str
    cost_center: str
    year_period: int
    currency: str


class Refusal(NamedTuple):
    """Why a cell of a plan has no place in QAD; `code` is of the catalogue of errors."""

    code: str
    dimension: str
    member: str


def bind_columns(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Say what each column of a plan's export holds: as given, else by the header's words."""
    fields = frozenset({*PLAN.dimensions, *PLAN.measures})
    guessed = {
        header: "amount" if name == "net" else name
        for header, name in default_bindings(headers).items()
    }
    guessed |= {h: VERSION for h in headers if h.strip().casefold() in ("version", "versions")}
    taken = {given[header] for header in headers if header in given}
    found = {h: name for h, name in guessed.items() if name in fields and name not in taken}
    return found | {header: given[header] for header in headers if header in given}


def build_layout(headers: Sequence[str], layout: str, given: Mapping[str, str]) -> Layout:
    """Return what the cells of a plan's export are named by.

    Raises IntegrationError plan_layout_unsupported, export_header_unbound and what
    `Layout.build` raises. Where one column holds all line items, every column has to be bound:
    what is left out there would add different figures up.
    """
    if layout not in LAYOUTS:
        raise IntegrationError("plan_layout_unsupported", layout=layout)
    bound = bind_columns(headers, given)
    loose = [header for header in headers if header not in bound]
    if loose and layout == ANY_LINE_ITEM:
        raise IntegrationError("export_header_unbound", header=loose[0])
    shown = [header for header in headers if header in bound]
    return Layout.build(shown, bound, PLAN)


class ReverseTable:
    """QAD's code behind each member, by the rules of one mapping version.

    A code stands behind a member where the rule that wins for it, in the entity's domain and in
    the cell's period, gives it or a part of it to that member. A member that several codes share,
    or that takes codes by a pattern, has no code of its own, unless one of them is stated.
    `entities` are the QAD entities of the sync with their domains, `currencies` the base currency
    of each: it stands where the export shows no currency.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        layout: Layout,
        stated: StatedCodes,
        *,
        entities: Mapping[str, str],
        currencies: Mapping[str, str],
    ) -> None:
        self._forward = MappingTable(rules, layout, {})
        self._stated = stated
        self._entities = entities
        self._currencies = currencies
        self._rules: dict[tuple[str, str], list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault((rule.dimension, rule.member), []).append(rule)
        self._known: dict[tuple[str, str, str, int], str | Refusal] = {}

    def key(self, members: Mapping[str, str]) -> PlanKey | Refusal:
        """Return where a cell with these members belongs, or why it has no place."""
        entity = self._find_entity(members[ENTITY])
        if isinstance(entity, Refusal):
            return entity
        domain = self._entities[entity]
        period = self._find_code(PERIOD, members[PERIOD], domain, ANY_PERIOD)
        if isinstance(period, Refusal):
            return period
        found: dict[str, str] = {}
        for dimension in members.keys() - {PERIOD, VERSION}:
            code = self._find_code(dimension, members[dimension], domain, int(period))
            if isinstance(code, Refusal):
                return code
            found[dimension] = code
        return PlanKey(
            entity,
            found[ACCOUNT],
            found.get(COST_CENTER, ""),
            int(period),
            found.get(CURRENCY) or self._currencies.get(entity, ""),
        )

    def _find_entity(self, member: str) -> str | Refusal:
        """Return the sync's entity behind a member; its domain says which rules count."""
        behind = {rule.code for rule in self._rules.get((ENTITY, member), ())}
        if not behind:
            return Refusal("plan_member_unmapped", ENTITY, member)
        own = behind & self._entities.keys()
        stated = self._stated.get(ENTITY, {}).get(member)
        if stated in own and stated is not None:
            return stated
        if len(own) > 1:
            return Refusal("plan_member_shared", ENTITY, member)
        return own.pop() if own else Refusal("plan_entity_outside", ENTITY, member)

    def _find_code(self, dimension: str, member: str, domain: str, period: int) -> str | Refusal:
        place = dimension, member, domain, period
        if place not in self._known:
            self._known[place] = self._code(*place)
        return self._known[place]

    def _code(self, dimension: str, member: str, domain: str, period: int) -> str | Refusal:
        stated = self._stated.get(dimension, {}).get(member)
        if stated is not None and self._takes(dimension, stated, member, domain, period):
            return stated
        rules = [
            rule
            for rule in self._rules.get((dimension, member), ())
            if rule.domain in ("", domain) and (period == ANY_PERIOD or rule.is_in_force(period))
        ]
        codes = {
            rule.code
            for rule in rules
            if rule.kind == "exact" and self._takes(dimension, rule.code, member, domain, period)
        }
        if len(codes) > 1 or any(rule.kind != "exact" for rule in rules):
            return Refusal("plan_member_shared", dimension, member)
        return codes.pop() if codes else Refusal("plan_member_unmapped", dimension, member)

    def _takes(self, dimension: str, code: str, member: str, domain: str, period: int) -> bool:
        """Whether a code of QAD, or a part of it, goes to a member."""
        if dimension == PERIOD:
            if not _is_year_period(code):
                return False
            period = int(code)
        shares = self._forward.in_force(domain, period).shares(dimension, code)
        # QAD knows no code that can't be printed.
        return code.isprintable() and any(share.member == member for share in shares)


@dataclass(slots=True)
class PlanSums:
    """Exact sums of a plan's amounts per period and currency; currencies are never added."""

    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, period: str, currency: str, amount: str | Decimal) -> None:
        """Add one amount."""
        place = period, currency
        self.sums[place] = EXACT.add(self.sums.get(place, Decimal(0)), Decimal(amount))

    def as_rows(self) -> list[list[str]]:
        """Return [period, currency, sum] in order, as JSON can hold it."""
        return [[*place, to_text(total)] for place, total in sorted(self.sums.items())]

    def differing(self, rows: Iterable[Sequence[str]]) -> str:
        """Return the first period whose sum is another than in `rows`; "" where all agree."""
        others = {(period, currency): Decimal(text) for period, currency, text in rows}
        for place in sorted(self.sums.keys() | others.keys()):
            if self.sums.get(place, Decimal(0)) != others.get(place, Decimal(0)):
                return " ".join(filter(None, place))
        return ""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a version of a plan reaches."""

    rows: int
    entities: frozenset[str]
    periods: frozenset[int]


def external_key(
    entity: str, reference: str, plan_type: str, account: str, center: str, year_period: int
) -> str:
    """Return the hash of a plan reference's key in QAD; plans have no sub-account or project."""
    parts = (entity, reference, plan_type, account, "", center, "", str(year_period))
    return hashlib.sha256("|".join(map(escaped, parts)).encode()).hexdigest()


def find_shrink(before: Extent, now: Extent, percent: int) -> dict[str, object]:
    """Return what a version has lost against the one before it; empty where it is no less.

    Fewer rows are a loss from more than `percent` of them on.
    """
    lost: dict[str, object] = {}
    if (before.rows - now.rows) * 100 > before.rows * percent:
        lost["rows"] = [before.rows, now.rows]
    if before.entities - now.entities:
        lost["entities"] = sorted(before.entities - now.entities)
    if before.periods - now.periods:
        lost["periods"] = sorted(before.periods - now.periods)
    return lost


def _is_year_period(code: str) -> bool:
    return len(code) == YEAR_PERIOD_DIGITS and code.isascii() and code.isdecimal()
