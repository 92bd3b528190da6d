"""Journals posted while the stand-in runs: read from JSON, checked, turned into posting lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from simulators.qad.amounts import Number, is_number
from simulators.qad.books import Books, Entity, Period
from simulators.qad.shapes import POSTINGS
from simulators.qad.units import MIDNIGHT, unit_facts

DEFAULT_DAYBOOK = "JE"
FEWEST_LINES = 2


class JournalRefused(ValueError):
    """A journal that the ledger does not take; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal; `amounts` by their wire names are exact in all three currencies."""

    account: str
    sub_account: str
    cost_center: str
    project: str
    layer: str
    layer_type: str
    currency: str
    amounts: Mapping[str, Number]

    @property
    def net(self) -> Decimal:
        """Debit less credit in the base currency."""
        return Decimal(self.amounts["debitBC"]) - Decimal(self.amounts["creditBC"])


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal of one entity and period."""

    entity: Entity
    period: Period
    daybook: str
    posting_date: str
    description: str
    lines: tuple[Line, ...]
    reopen: bool


def parse_journal(raw: object, books: Books) -> Journal:
    """Read a journal from JSON and check it; JournalRefused names the first thing wrong."""
    if not isinstance(raw, dict):
        raise JournalRefused("A journal is a JSON object.")
    entity = books.entities.get(str(raw.get("entity", "")))
    if entity is None:
        raise JournalRefused(f"There is no entity '{raw.get('entity', '')}'.")
    number = str(raw.get("year_period", ""))
    period = books.periods.get((entity.code, int(number) if number.isdigit() else 0))
    if period is None:
        raise JournalRefused(f"Entity {entity.code} has no period '{number}'.")
    items = raw.get("lines")
    if not isinstance(items, list) or len(items) < FEWEST_LINES:
        raise JournalRefused("A journal has at least two lines.")
    journal = Journal(
        entity=entity,
        period=period,
        daybook=str(raw.get("daybook", DEFAULT_DAYBOOK)),
        posting_date=_date(str(raw.get("posting_date", period.end_date))),
        description=str(raw.get("description", "")),
        lines=tuple(_line(item, entity, books) for item in items),
        reopen=raw.get("reopen") is True,
    )
    _check_balance(journal, books)
    return journal


def _line(raw: object, entity: Entity, books: Books) -> Line:
    if not isinstance(raw, dict):
        raise JournalRefused("A line is a JSON object.")
    account, center = str(raw.get("gl_account", "")), str(raw.get("cost_center", ""))
    domains = ("", entity.domain)
    if not any(item.code == account and item.domain in domains for item in books.accounts):
        raise JournalRefused(f"There is no account '{account}' in domain {entity.domain}.")
    if center and not any(
        item.code == center and item.domain in domains for item in books.cost_centers
    ):
        raise JournalRefused(f"There is no cost center '{center}' in domain {entity.domain}.")
    layer = known_layer(str(raw.get("layer", "OFFICIAL")), books)
    return Line(
        account=account,
        sub_account=str(raw.get("sub_account", "")),
        cost_center=center,
        project=str(raw.get("project", "")),
        layer=layer,
        layer_type=books.layers[layer],
        currency=str(raw.get("currency", entity.base_currency)),
        amounts={
            f"{side}{ending}": Number(_amount(raw, side, f"{side}_{ending.lower()}"))
            for side in ("debit", "credit")
            for ending in ("TC", "BC", "SC")
        },
    )


def known_layer(layer: str, books: Books) -> str:
    """A layer of the books; JournalRefused for one that nobody ever set up."""
    if layer not in books.layers:
        raise JournalRefused(f"There is no layer '{layer}'.")
    return layer


def _date(text: str) -> str:
    """A date as the books write it."""
    try:
        is_date = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_date = False
    if not is_date:
        raise JournalRefused(f"The posting_date '{text}' is no date like 2026-11-30.")
    return text


def _amount(raw: Mapping[str, object], own: str, name: str) -> str:
    """The amount under a name, or that in the base currency where there is none."""
    name = name if name in raw else own
    text = str(raw.get(name, "0"))
    if not is_number(text):
        raise JournalRefused(f"The {name} '{text}' is no plain number.")
    return text


def _check_balance(journal: Journal, books: Books) -> None:
    """Debits equal credits per layer and currency; statistical accounts do not count."""
    statistical = {item.code for item in books.accounts if item.gl_type == "STATISTICAL"}
    sums: dict[tuple[str, str], Decimal] = {}
    for line in journal.lines:
        if line.account not in statistical:
            key = (line.layer, line.currency)
            sums[key] = sums.get(key, Decimal(0)) + line.net
    for (layer, currency), total in sums.items():
        if total != 0:
            raise JournalRefused(f"Debits less credits are {total} {currency} in {layer}, not 0.")


def now() -> str:
    """This moment as QAD writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def posting_records(journal: Journal, voucher: int) -> list[dict[str, Any]]:
    """The journal's lines by the wire names of JournalEntryLines."""
    moment = now()
    facts = unit_facts(journal.entity, journal.period)
    found = []
    for number, line in enumerate(journal.lines, start=1):
        record: dict[str, Any] = {
            "daybookCode": journal.daybook,
            "voucher": voucher,
            "lineNumber": number,
            "postingDate": journal.posting_date + MIDNIGHT,
            "systemDate": moment,
            "lastModified": moment,
            "layerType": line.layer_type,
            "glAccountCode": line.account,
            "subAccountCode": line.sub_account,
            "costCenterCode": line.cost_center,
            "projectCode": line.project,
            "currencyCode": line.currency,
            "description": journal.description,
            "isReversing": False,
            "isReplacement": False,
            "originatorReference": "",
            "isAutoReversal": False,
            "sourceReference": "",
        }
        record.update(line.amounts)
        found.append({name: record.get(name, facts.get(name)) for name in POSTINGS.fields})
    return found
