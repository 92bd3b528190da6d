"""The plain questions of the sync editor on conventions, each with its help."""

from collections.abc import Iterable

from django import forms

_SIGNS = (
    ("as_posted", "As posted: debit less credit"),
    ("income_positive", "Income positive: credit accounts of profit and loss are turned"),
    ("natural", "Credit accounts positive: all of them are turned"),
)
_CURRENCIES = (
    ("base", "Base currency of the entity"),
    ("transaction", "Transaction currency, as it was entered"),
    ("statutory", "Statutory currency"),
)


def _text(label: str, help_text: str, most: int = 200) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def question_fields(names: Iterable[str]) -> dict[str, forms.Field]:
    """Return the fields of the questions with these names."""
    fields = {
        "sign": forms.ChoiceField(
            label="Sign of the net",
            choices=_SIGNS,
            required=False,
            help_text="Debit and credit columns are never turned.",
        ),
        "currency": forms.ChoiceField(
            label="Currency of the amounts",
            choices=_CURRENCIES,
            required=False,
            help_text="QAD has to give them: an instance profile that lacks them is named here.",
        ),
        "period_name": _text(
            "Names of periods",
            "For periods that the mapping has no rule for. {Mon} {yy} writes Oct 26. There are "
            "{Mon}, {mm}, {m}, {yyyy}, {yy} and {period}.",
            40,
        ),
        "period_types": _text(
            "Types of periods that are read", "As QAD's calendar names them, a comma between."
        ),
        "layers": _text(
            "Types of layers that are read",
            "As QAD names them, a comma between. OFFICIAL holds what is posted for good.",
        ),
        "left_out_invoice_type": _text(
            "Types of invoices left out", "A comma between; empty leaves none out."
        ),
        "left_out_invoice_status": _text(
            "Statuses of invoices left out",
            "A comma between; empty leaves none out. An initial invoice is not in the books yet.",
        ),
        "member_code": _text(
            "Code of a member",
            "{code} stands for QAD's code, so A_{code} writes A_4000. A code that the mapping "
            "knows keeps its mapped member.",
            60,
        ),
        "member_name": _text(
            "Name of a member",
            "{name} stands for QAD's description and {code} for its code, such as {code} {name}.",
            60,
        ),
    }
    return {name: fields[name] for name in names}
