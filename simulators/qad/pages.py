"""The page for people: the books by entity and period, and a form that posts a late journal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from simulators.qad.amounts import is_number
from simulators.qad.books import Books, Period
from simulators.qad.journals import JournalRefused
from simulators.qad.ledger import Ledger

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
MOST_ROWS = 400
MOST_CHOICES = 2_000
MONEY_COLUMNS = ("debitBC", "creditBC", "netBC")


def journal_from_form(form: Mapping[str, str]) -> dict[str, Any]:
    """The two-line journal of the form: the amount to the account, the same from the offset.

    A negative amount changes the sides. JournalRefused when the amount is no number.
    """
    amount = form.get("amount", "").strip()
    if not is_number(amount) or Decimal(amount) == 0:
        raise JournalRefused(f"The amount '{amount}' is no number other than 0.")
    sides = ("credit", "debit") if amount.startswith("-") else ("debit", "credit")
    text, center = amount.lstrip("-"), form.get("cost_center", "")
    return {
        "entity": form.get("entity", ""),
        "year_period": form.get("year_period", ""),
        "description": form.get("description", "") or "Late journal",
        "reopen": form.get("reopen") == "yes",
        "lines": [
            {"gl_account": form.get("gl_account", ""), "cost_center": center, sides[0]: text},
            {"gl_account": form.get("offset_account", ""), "cost_center": center, sides[1]: text},
        ],
    }


def books_page(ledger: Ledger, query: Mapping[str, str]) -> str:
    """The whole page for the entity and period of the query, the last period without one."""
    books = ledger.books
    entity = query.get("entity", "")
    if entity not in books.entities:
        entity = next(iter(books.entities))
    periods = books.periods_of(entity)
    wanted = query.get("period", "")
    period = next((item for item in periods if str(item.year_period) == wanted), None)
    period = period or (periods[-1] if periods else None)
    parts = [_notice(query), _calendar(ledger, entity, period)]
    if period is not None:
        parts += [_journal_form(ledger, period), _balances(ledger, period)]
    name = escape("/".join(books.folder.resolve().parts[-2:]))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Stand-in QAD: {name}</title><style>{STYLE}</style></head><body><main>"
        f"<header><h1>Stand-in QAD</h1><p>Books in <b>{name}</b>. This page exists only in the "
        "stand-in.</p></header>" + "".join(parts) + "</main></body></html>"
    )


def _notice(query: Mapping[str, str]) -> str:
    if "posted" in query:
        return f'<p class="good" role="status">Posted as {escape(query["posted"])}.</p>'
    if "refused" in query:
        return f'<p class="bad" role="alert">Not posted: {escape(query["refused"])}</p>'
    return ""


def _calendar(ledger: Ledger, entity: str, chosen: Period | None) -> str:
    """Entities down, periods across; each cell leads to its balances."""
    books = ledger.books
    numbers = sorted({number for _, number in books.periods})
    head = "".join(f'<th scope="col">{number}</th>' for number in numbers)
    rows = []
    for code, item in books.entities.items():
        cells = []
        for number in numbers:
            period = books.periods.get((code, number))
            if period is None:
                cells.append("<td></td>")
                continue
            is_chosen = chosen is not None and (code, number) == (entity, chosen.year_period)
            mark = ' aria-current="page"' if is_chosen else ""
            cells.append(
                f'<td><a href="?entity={escape(code)}&amp;period={number}"{mark}>'
                f"{ledger.balance_rows(code, number):,}</a>"
                f'<small class="{period.status.lower()}">{period.status.lower()}</small></td>'
            )
        rows.append(
            f'<tr><th scope="row">{escape(code)}<small>{escape(item.description)}, '
            f"{escape(item.base_currency)}</small></th>{''.join(cells)}</tr>"
        )
    return (
        "<section><h2>Entities and periods</h2><p>Balances of each, and the close status.</p>"
        '<div class="wide" tabindex="0"><table>'
        f'<thead><tr><th scope="col">Entity</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _journal_form(ledger: Ledger, period: Period) -> str:
    books = ledger.books
    domain = books.entities[period.entity].domain
    accounts = [
        (item.code, f"{item.code} {item.description}", item.is_debit)
        for item in books.accounts
        if item.domain in ("", domain) and item.gl_type != "STATISTICAL"
    ][:MOST_CHOICES]
    centers = [
        (item.code, f"{item.code} {item.description}")
        for item in books.cost_centers
        if item.domain in ("", domain)
    ][:MOST_CHOICES]
    first = _first_used(ledger, period, books)
    debit = next((code for code, _, is_debit in accounts if is_debit), "")
    offset = next((code for code, _, is_debit in accounts if not is_debit), "")
    choices = [(code, text) for code, text, _ in accounts]
    closed = "" if period.is_open else " checked"
    return (
        '<section><h2>Post a late journal</h2><form method="post" action="/_sim/journal">'
        f'<input type="hidden" name="entity" value="{escape(period.entity)}">'
        f'<input type="hidden" name="year_period" value="{period.year_period}">'
        f"<p>Into entity <b>{escape(period.entity)}</b>, period <b>{period.year_period}</b>. "
        "The amount is debited to the account and credited to the offset account; a negative "
        'one the other way round.</p><div class="fields">'
        + _select("gl_account", "Account", choices, first.get("gl_account", debit))
        + _select("offset_account", "Offset account", choices, offset)
        + _select("cost_center", "Cost center", centers, first.get("cost_center", ""))
        + '<label>Amount<input name="amount" inputmode="decimal" required value="1250.00"></label>'
        '<label>Text<input name="description" value="Late journal"></label>'
        f'<label class="tick"><input type="checkbox" name="reopen" value="yes"{closed}> '
        "Reopen the period when it is closed</label></div>"
        "<button>Post a late journal</button></form></section>"
    )


def _first_used(ledger: Ledger, period: Period, books: Books) -> dict[str, str]:
    """Account and cost center of a cost that the period already has, as the form's start."""
    costs = {
        item.code
        for item in books.accounts
        if item.is_debit and not item.is_balance_sheet and item.gl_type != "STATISTICAL"
    }
    if ledger.balance_rows(period.entity, period.year_period) <= MOST_ROWS:
        for record in ledger.balances(period.entity, period.year_period):
            if record["glAccountCode"] in costs:
                return {
                    "gl_account": record["glAccountCode"],
                    "cost_center": record["costCenterCode"],
                }
    return {}


def _select(name: str, label: str, choices: Sequence[tuple[str, str]], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>'
        f"{escape(text)}</option>"
        for code, text in choices
    )
    return f'<label>{label}<select name="{name}">{options}</select></label>'


def _balances(ledger: Ledger, period: Period) -> str:
    number = ledger.balance_rows(period.entity, period.year_period)
    title = f"<h2>Balances of {escape(period.entity)} in {period.year_period}</h2>"
    if number > MOST_ROWS:
        return f"<section>{title}<p>{number:,} balances are too many for this page.</p></section>"
    records = ledger.balances(period.entity, period.year_period)
    names = {item.code: item.description for item in ledger.books.accounts}
    statistical = {item.code for item in ledger.books.accounts if item.gl_type == "STATISTICAL"}
    rows = "".join(_balance_row(record, names) for record in records)
    head = "".join(
        f'<th scope="col">{text}</th>' for text in ("Account", "Cost center", "Currency")
    ) + "".join(
        f'<th scope="col" class="number">{text}</th>' for text in ("Debit", "Credit", "Net")
    )
    return (
        f'<section>{title}<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody><tfoot>{_totals(records, statistical)}</tfoot></table></div>"
        "</section>"
    )


def _balance_row(record: Mapping[str, Any], names: Mapping[str, str]) -> str:
    code = record["glAccountCode"]
    amounts = "".join(f'<td class="number">{record[name]}</td>' for name in MONEY_COLUMNS)
    return (
        f'<tr><th scope="row">{escape(code)}<small>{escape(names.get(code, ""))}</small></th>'
        f"<td>{escape(record['costCenterCode'])}</td><td>{escape(record['currencyCode'])}</td>"
        f"{amounts}</tr>"
    )


def _totals(records: Iterable[Mapping[str, Any]], statistical: set[str]) -> str:
    """One line per currency, and one for quantities, which are never added to money."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(MONEY_COLUMNS))
    for record in records:
        is_money = record["glAccountCode"] not in statistical
        name = record["baseCurrencyCode"] if is_money else "Quantities"
        sums[name] = [
            total + Decimal(record[column])
            for total, column in zip(sums[name], MONEY_COLUMNS, strict=True)
        ]
    return "".join(
        f'<tr><th scope="row" colspan="3">{escape(name)}</th>'
        + "".join(f'<td class="number">{total}</td>' for total in totals)
        + "</tr>"
        for name, totals in sorted(sums.items())
    )
