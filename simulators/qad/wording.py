"""How QAD's screens and metadata speak of a field: labels and data types."""

import re

from simulators.qad.filters import AMOUNT, DATE, INTEGER, MOMENT, TEXT, TRUTH

DATA_TYPES = {
    TEXT: "character",
    INTEGER: "integer",
    AMOUNT: "decimal",
    TRUTH: "logical",
    DATE: "date",
    MOMENT: "datetime-tz",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def label(name: str) -> str:
    """The label of a field: "glAccountCode" is "Gl Account Code"."""
    return " ".join(word[:1].upper() + word[1:] for word in _WORD.findall(name))
