"""Column headers of files bound to fields by the words that they use."""

from collections import Counter
from collections.abc import Sequence

_WORDS = {
    "entity": ("entity", "entities", "company", "companies", "legalentity", "businessunit"),
    "gl_account": ("account", "glaccount", "ledgeraccount", "generalledgeraccount"),
    "supplier": ("supplier", "vendor", "creditor"),
    "sub_account": ("subaccount", "division"),
    "project": ("project",),
    "cost_center": ("costcenter", "costcentre", "cc", "department"),
    "period": ("period", "glperiod", "time", "timeperiod", "month", "yearperiod"),
    "currency": ("currency", "currencies", "basecurrency", "ccy"),
    "debit": ("debit", "debitamount", "dr"),
    "credit": ("credit", "creditamount", "cr"),
    "net": ("net", "netamount", "amount", "balance", "netbalance", "value", "actual"),
    "quantity": ("quantity", "statisticalquantity", "statistic", "statistical", "stat", "qty"),
}
_FIELDS = {word: field for field, words in _WORDS.items() for word in words}
_ENDINGS = ("code", "name", "number", "member")


def default_bindings(headers: Sequence[str], measures: Sequence[str] = ()) -> dict[str, str]:
    """Bind the headers whose words are known ("Cost Centre", "Time", "Net").

    A header that is not known, or a second one for the same field, is left out: somebody has
    to say what it means. Where `measures` holds a single one, "Amount" is that one.
    """
    found = {header: field for header in headers if (field := _field(header))}
    if len(measures) == 1:
        found = {h: measures[0] if field == "net" else field for h, field in found.items()}
    counts = Counter(found.values())
    return {header: field for header, field in found.items() if counts[field] == 1}


def _field(header: str) -> str | None:
    word = "".join(filter(str.isalpha, header.lower()))
    forms = [word, *(word.removesuffix(ending) for ending in _ENDINGS)]
    forms += [form.removesuffix("s") for form in forms]
    return next((_FIELDS[form] for form in forms if form in _FIELDS), None)
