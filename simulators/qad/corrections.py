"""Corrections of posted journals: reversal and replacement, auto-reversal, transfer of a layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.qad.amounts import Number, net
from simulators.qad.books import Period
from simulators.qad.journals import (
    Journal,
    JournalRefused,
    known_layer,
    now,
    parse_journal,
    posting_records,
)
from simulators.qad.ledger import Ledger, LedgerKey
from simulators.qad.units import MIDNIGHT, unit_facts

SIDES = ("debit", "credit")
ENDINGS = ("TC", "BC", "SC")
STYLES = ("swap", "negative")


@dataclass(frozen=True, slots=True)
class _Voucher:
    """The posted lines of one voucher, and the unit they are in."""

    key: LedgerKey
    daybook: str
    number: int
    lines: tuple[dict[str, Any], ...]

    @property
    def reference(self) -> str:
        """The voucher as other postings name it: `2026/JE/000000123`."""
        return f"{self.key[1] // 100}/{self.daybook}/{self.number:09d}"


def reverse(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Reverse a posted voucher, and replace it where the call gives `lines`.

    `{"entity", "year_period", "daybook", "voucher"}`, and `into` another year-period, `style`
    ("swap" sides, or "negative" amounts on the same side), `auto` for an auto-reversal, `layer`
    where the layer's code is not its type. JournalRefused changes nothing.
    """
    voucher = _find(ledger, raw)
    style = str(raw.get("style", "swap"))
    if style not in STYLES:
        raise JournalRefused(f"A style is one of {', '.join(STYLES)}.")
    entity, year_period = voucher.key[0], int(raw.get("into", voucher.key[1]))
    period = ledger.books.periods.get((entity, year_period))
    if period is None:
        raise JournalRefused(f"Entity {entity} has no period {year_period}.")
    layer = known_layer(str(raw["layer"]), ledger.books) if raw.get("layer") else ""
    journal = None
    if raw.get("lines"):
        journal = parse_journal({**raw, "year_period": year_period}, ledger.books)
    ledger.open_for(period, reopen=raw.get("reopen") is True)
    made = {"reversal": ledger.next_voucher()}
    own = _reversing(ledger, voucher, period, made["reversal"], is_auto=raw.get("auto") is True)
    ledger.book(
        (entity, year_period), [(_turned(line, style) | own, layer) for line in voucher.lines]
    )
    if journal is not None:
        made["replacement"] = _replace(ledger, voucher, journal)
    return {"entity": entity, "year_period": year_period, "daybook": voucher.daybook, **made}


def _reversing(
    ledger: Ledger, voucher: _Voucher, period: Period, number: int, *, is_auto: bool
) -> dict[str, Any]:
    """What all lines of a reversal have of their own."""
    facts = unit_facts(ledger.books.entities[period.entity], period)
    moment = now()
    own: dict[str, Any] = {
        name: facts[name] for name in ("postingYear", "postingPeriod", "yearPeriod", "periodType")
    }
    own |= {"voucher": number, "systemDate": moment, "lastModified": moment}
    own |= {"isReversing": not is_auto, "isAutoReversal": is_auto, "isReplacement": False}
    if period.year_period != voucher.key[1]:
        own["postingDate"] = period.start_date + MIDNIGHT
    return own | {"originatorReference": voucher.reference}


def _replace(ledger: Ledger, voucher: _Voucher, journal: Journal) -> int:
    """Post what should have been posted; returns its voucher."""
    number = ledger.next_voucher()
    changes = {"isReplacement": True, "originatorReference": voucher.reference}
    lines = zip(posting_records(journal, number), journal.lines, strict=True)
    key = (journal.entity.code, journal.period.year_period)
    ledger.book(key, [(record | changes, line.layer) for record, line in lines])
    return number


def transfer(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Move a posted voucher to another layer; it keeps its dates and is modified now.

    `{"entity", "year_period", "daybook", "voucher", "to"}`, and `from` where the code of the
    layer is not its type. JournalRefused changes nothing.
    """
    voucher = _find(ledger, raw)
    layers = ledger.books.layers
    new = known_layer(str(raw.get("to", "OFFICIAL")), ledger.books)
    old = known_layer(str(raw.get("from", voucher.lines[0]["layerType"])), ledger.books)
    if any(line["layerType"] != layers[old] for line in voucher.lines):
        raise JournalRefused(f"The voucher is not in layer {old}.")
    if new == old:
        raise JournalRefused(f"The voucher is in layer {new} already.")
    changes = {"layerType": layers[new], "lastModified": now()}
    ledger.alter_postings(voucher.key, lambda line: _is_of(line, voucher), changes)
    moved = [(_turned(line, "negative"), old) for line in voucher.lines]
    moved += [(line | changes, new) for line in voucher.lines]
    ledger.raise_balances(voucher.key, moved)
    entity, year_period = voucher.key
    return {"entity": entity, "year_period": year_period, "lines": len(voucher.lines), "to": new}


def _find(ledger: Ledger, raw: Mapping[str, Any]) -> _Voucher:
    key = (str(raw["entity"]), int(raw["year_period"]))
    daybook, number = str(raw["daybook"]), int(raw["voucher"])
    wanted = _Voucher(key, daybook, number, ())
    lines = tuple(line for line in ledger.postings(*key) if _is_of(line, wanted))
    if not lines:
        raise JournalRefused(f"There is no voucher {wanted.reference} in period {key[1]}.")
    return _Voucher(key, daybook, number, lines)


def _is_of(line: Mapping[str, Any], voucher: _Voucher) -> bool:
    return (line["daybookCode"], int(line["voucher"])) == (voucher.daybook, voucher.number)


def _turned(line: Mapping[str, Any], style: str) -> dict[str, Any]:
    """A line that undoes another: its sides changed, or its amounts negative on their side."""
    turned = dict(line)
    for side, other in (SIDES, SIDES[::-1]):
        for ending in ENDINGS:
            amount = line[f"{other if style == 'swap' else side}{ending}"]
            turned[f"{side}{ending}"] = Number(amount if style == "swap" else net("0", amount))
    return turned


def change_entity(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Close or open an entity for plan references: `{"entity", "is_active"}`."""
    code, is_active = str(raw["entity"]), raw["is_active"]
    if code not in ledger.books.entities:
        raise JournalRefused(f"There is no entity '{code}'.")
    if not isinstance(is_active, bool):
        raise JournalRefused("Say is_active as true or false.")
    ledger.change_entity(code, {"is_active": is_active})
    return {"entity": code, "is_active": is_active}
