"""Plan references: values of a plan that a client leaves in QAD, checked and kept by their key."""

import hashlib
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from simulators.qad.amounts import Number, is_number, to_json
from simulators.qad.books import Books, Entity
from simulators.qad.shapes import PLANS
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import Table
from simulators.qad.units import MIDNIGHT

PLAN_TYPES = ("BUDGET", "FORECAST")
NOT_RESOLVED = "Field is mandatory"
FIRST_PERIOD, LONGEST_PERIOD = 100_001, 6
CURRENCY = "currencyCode"
TEXTS = tuple(name for name in PLANS.fields if name != "amount")
HASH_LENGTH = 32
OWN_FIELDS = ("lastModified", "concurrencyHash")

Record = dict[str, Any]
Key = tuple[str, ...]
CodeLists = Mapping[str, Mapping[tuple[str, str], bool]]
"""By field: whether the code of a domain is active."""


@dataclass(frozen=True, slots=True)
class PlanError:
    """Why one row of a batch is not taken; `row` counts from 0."""

    row: int
    field: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of a batch: its refusals, and the kept records of the rows that were taken."""

    errors: list[PlanError] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """How batches are judged.

    A batch stands or falls as a whole; with `partial` the good rows stand. Without `upsert` a row
    that names no operation is a creation. Periods are those of the entity's calendar and
    currencies the known ones, unless any will do.
    """

    partial: bool = False
    upsert: bool = True
    any_period: bool = False
    any_currency: bool = False


class PlanReferences:
    """All plan references of a running stand-in."""

    def __init__(self, books: Books, spool: Spool) -> None:
        self._books = books
        self._spool = spool
        self._kept: dict[Key, Record] = {}
        self._changed = False
        self._table = Table(PLANS, spool)

    def submit(self, rows: Sequence[object], allowed: Collection[str], rules: Rules) -> Outcome:
        """Keep a batch of rows whose entities are among `allowed`."""
        outcome, staged, codes = Outcome(), dict[Key, Record](), _code_lists(self._books)
        if rules.any_currency:
            del codes[CURRENCY]
        for number, raw in enumerate(rows):
            error = _refuse(raw, self._books, codes, allowed, any_period=rules.any_period)
            error = error or self._take(raw, outcome, staged, rules.upsert)
            if error is not None:
                outcome.errors.append(PlanError(number, *error))
        if outcome.errors and not rules.partial:
            return Outcome(outcome.errors)
        self._kept |= staged
        self._changed = self._changed or bool(staged)
        return outcome

    def table(self) -> Table:
        """The document as it stands now."""
        if self._changed:
            self._table, self._changed = self._build(), False
        return self._table

    def _take(
        self,
        raw: Any,
        outcome: Outcome,
        staged: dict[Key, Record],
        upsert: bool,
    ) -> tuple[str, str] | None:
        """Stage a row that can be resolved; returns the field and the reason of a conflict."""
        record = _record(raw)
        key = tuple(str(record[name]) for name in PLANS.key)
        known = staged.get(key) or self._kept.get(key)
        operation = str(raw.get("dataOperation") or ("" if upsert else "C"))
        error = _find_conflict(operation, str(raw.get("concurrencyHash") or ""), known)
        if error is not None:
            return error
        if known is not None and known["concurrencyHash"] == record["concurrencyHash"]:
            outcome.unchanged += 1
            record = known
        else:
            staged[key] = record
            outcome.created += known is None
            outcome.updated += known is not None
        outcome.kept.append(record)
        return None

    def _build(self) -> Table:
        units: dict[tuple[str, int], list[Record]] = {}
        for _, record in sorted(self._kept.items()):
            units.setdefault((record["entityCode"], record["yearPeriod"]), []).append(record)
        table = Table(PLANS, self._spool)
        for (entity, period), records in units.items():
            group = Group(self._spool, {"entityCode": entity, "yearPeriod": period})
            group.append([to_json(record) for record in records])
            table.groups[entity, period] = group
        table.put_in_order()
        return table


def _refuse(
    raw: object, books: Books, codes: CodeLists, allowed: Collection[str], *, any_period: bool
) -> tuple[str, str] | None:
    """The first field that QAD cannot resolve; it reports such a value as missing."""
    if not isinstance(raw, dict):
        return "", "A plan reference is an object"
    odd = next((name for name in TEXTS if isinstance(raw.get(name), bool | dict | list)), None)
    if odd is not None:
        return odd, NOT_RESOLVED
    entity = books.entities.get(str(raw.get("entityCode")))
    if entity is None or raw.get("domainCode") != entity.domain or entity.code not in allowed:
        return "entityCode", NOT_RESOLVED
    if not entity.is_active:
        return "entityCode", f"Entity {entity.code} is closed"
    if raw.get("planType") not in PLAN_TYPES:
        return "planType", NOT_RESOLVED
    for name in ("planVersion", CURRENCY):
        if not str(raw.get(name) or "").strip():
            return name, NOT_RESOLVED
    periods = None if any_period else books.periods
    return _find_code_error(raw, codes, entity) or _find_figure_error(raw, periods)


def _find_figure_error(
    raw: Mapping[str, Any], periods: Container[tuple[str, int]] | None
) -> tuple[str, str] | None:
    """What is wrong with the period, of all or of these, with the date or with the amount."""
    text = str(raw.get("yearPeriod"))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_PERIOD else 0
    is_there = periods is None or (str(raw["entityCode"]), number) in periods
    if number < FIRST_PERIOD or not is_there:
        return "yearPeriod", NOT_RESOLVED
    if not _is_date(str(raw.get("approvedAt") or "")):
        return "approvedAt", "The date is not valid"
    amount = raw.get("amount")
    if not isinstance(amount, Number) or not is_number(amount):
        return "amount", NOT_RESOLVED if amount is None else "The amount is not a number"
    return None


def _is_date(text: str) -> bool:
    """Whether a text is empty, a date, or a date at midnight."""
    try:
        return not text or bool(date.fromisoformat(text.removesuffix(MIDNIGHT)))
    except ValueError:
        return False


def _code_lists(books: Books) -> dict[str, dict[tuple[str, str], bool]]:
    """Every code of the books with its domain, by the field that names it.

    Sub-accounts and projects are looked at only where the books list them; currencies are those
    that are listed or that an entity keeps its books in.
    """
    lists: dict[str, Sequence[Any]] = {
        "glAccountCode": books.accounts,
        "costCenterCode": books.cost_centers,
        "subAccountCode": books.sub_accounts,
        "projectCode": books.projects,
    }
    found: dict[str, dict[tuple[str, str], bool]] = {}
    for name, items in lists.items():
        if items or name in ("glAccountCode", "costCenterCode"):
            known = found[name] = {}
            for item in items:
                key = (item.domain, item.code)
                known[key] = known.get(key, False) or item.is_active
    own = {code: True for e in books.entities.values() for code in e.currencies}
    listed = {item.code: item.is_active for item in books.currencies}
    found[CURRENCY] = {("", code): is_active for code, is_active in (own | listed).items()}
    return found


def _find_code_error(
    raw: Mapping[str, Any], codes: CodeLists, entity: Entity
) -> tuple[str, str] | None:
    """The first of account, cost center, sub-account and project that is wrong."""
    for name, known in codes.items():
        code = str(raw.get(name) or "")
        if not code and name not in ("glAccountCode", CURRENCY):
            continue
        found = [known[key] for key in (("", code), (entity.domain, code)) if key in known]
        if not found:
            return name, NOT_RESOLVED
        if not any(found):
            return name, f"{code} is not active"
    return None


def _find_conflict(operation: str, lock: str, known: Record | None) -> tuple[str, str] | None:
    """Why an operation does not go with what is there."""
    if operation not in ("", "C", "U"):
        return "dataOperation", f"Unknown operation {operation}"
    if operation == "C" and known is not None:
        return "planVersion", "Plan reference already exists"
    if operation == "U" and known is None:
        return "planVersion", "Plan reference does not exist"
    if operation == "U" and known is not None and lock != known["concurrencyHash"]:
        return "concurrencyHash", "The record was changed by another user"
    return None


def _record(raw: Mapping[str, Any]) -> Record:
    """A row as it is kept, by the fields of the document."""
    record: Record = {
        name: "" if raw.get(name) is None else str(raw[name])
        for name in PLANS.fields
        if name not in OWN_FIELDS
    }
    record["yearPeriod"] = int(raw["yearPeriod"])
    record["amount"] = Number(raw["amount"])
    lock = hashlib.sha256(to_json(record).encode()).hexdigest()[:HASH_LENGTH]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    found = record | {"lastModified": now, "concurrencyHash": lock}
    return {name: found[name] for name in PLANS.fields}
