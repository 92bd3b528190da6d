"""Column headers of files bound to fields by the words that they use."""

from collections import Counter
from collections.abc import Sequence

from integrations.pipeline.streams import GL_BALANCES, DataSet

_WORDS = {
    "entity": ("entity", "entities", "company", "companies", "legalentity", "businessunit"),
    "gl_account": ("account", "glaccount", "ledgeraccount", "generalledgeraccount"),
    "code": ("code", "membercode"),
    "name": ("name", "membername", "description", "displayname"),
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


def default_bindings(headers: Sequence[str], data_set: DataSet = GL_BALANCES) -> dict[str, str]:
    """Bind the headers whose words are known ("Cost Centre", "Time", "Net") to fields.

    A header that is not known to the data set, or a second one for the same field, is left
    out: somebody has to say what it means. Of a data set with one measure, "Amount" is that.
    """
    known = {field: field for field in (*data_set.dimensions, *data_set.measures)}
    if len(data_set.measures) == 1:
        known["net"] = data_set.measures[0]
    fields = {header: known.get(field_of(header) or "", "") for header in headers}
    found = {header: field for header, field in fields.items() if field}
    counts = Counter(found.values())
    return {header: field for header, field in found.items() if counts[field] == 1}


def field_of(header: str) -> str | None:
    """Return the field that a header, or the name of a list, speaks of; None for an unknown."""
    word = "".join(filter(str.isalpha, header.lower()))
    forms = [word, *(word.removesuffix(ending) for ending in _ENDINGS)]
    forms += [form.removesuffix("s") for form in forms]
    return next((_FIELDS[form] for form in forms if form in _FIELDS), None)
