"""The forms on the mapping grid: what it shows, and a block of rows to save."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from accounts.choices import offer
from integrations.pipeline.grid_rows import GridFilter, RowState
from integrations.pipeline.rules import DIMENSIONS as DIMENSION_CODES
from integrations.selectors.mappings import DIMENSIONS
from integrations.services.mapping_blocks import LINES_AT_MOST, Ask, read_lines

SIZES = (50, 100, 200)
SORTS = (
    ("todo", "Unmapped first, by amount"),
    ("stake", "Amount at stake"),
    ("code", "QAD code"),
    ("name", "Name"),
    ("member", "Anaplan member"),
    ("state", "State"),
)
is_period = RegexValidator(
    r"^(19|2\d)\d\d(0[1-9]|[1-9]\d)\Z", "Write year and period, such as 202607."
)


class GridForm(forms.Form):
    """Which rows the grid shows, as the address says it."""

    dimension = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)
    text = forms.CharField(label="Find", required=False, max_length=80, widget=forms.SearchInput())
    sort = forms.ChoiceField(required=False, choices=SORTS)
    size = forms.TypedChoiceField(
        label="Rows", required=False, coerce=int, choices=[(size, size) for size in SIZES]
    )
    period = forms.TypedChoiceField(label="As of", required=False, coerce=int, empty_value=None)
    amount = forms.BooleanField(label="With an amount only", required=False)

    def __init__(self, periods: list[int], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "dimension", DIMENSIONS)
        offer(
            self,
            "state",
            [("", "Any"), *((state, state[0].upper() + state[1:]) for state in RowState)],
        )
        newest = [("", "Newest period")]
        offer(self, "period", newest + [(str(at), f"{at // 100}/{at % 100:02}") for at in periods])

    @property
    def chosen(self) -> GridFilter:
        """What was chosen, as far as it can be understood."""
        found = self._found()
        return GridFilter(
            state=found.get("state") or "",
            text=(found.get("text") or "").strip(),
            has_amount=bool(found.get("amount")),
            sort=found.get("sort") or "todo",
        )

    @property
    def size_chosen(self) -> int:
        """How many rows a page has."""
        return self._found().get("size") or SIZES[0]

    @property
    def period_chosen(self) -> int | None:
        """The period as of which states are shown; None for the newest."""
        return self._found().get("period")

    def _found(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


def dimension_of(text: str) -> str:
    """Return the dimension that an address names, or the one that a grid begins with."""
    return text if text in DIMENSION_CODES else "gl_account"


class GridSaveForm(forms.Form):
    """A block of rows, one a line."""

    rows = forms.CharField(strip=False, widget=forms.Textarea)
    wants = forms.ChoiceField(choices=[("members", "Members"), ("parts", "Parts")])
    since = forms.CharField(required=False, validators=[is_period])
    dimension = forms.ChoiceField(choices=DIMENSIONS)
    period = forms.CharField(required=False, validators=[is_period])

    def clean_rows(self) -> str:
        """Refuse a block that is too long to be told of row by row."""
        rows = str(self.cleaned_data["rows"])
        if rows.count("\n") > LINES_AT_MOST:
            raise forms.ValidationError(
                f"These are more than {LINES_AT_MOST:,} lines: paste them in pieces, or import a "
                "file."
            )
        return rows

    @property
    def asks(self) -> list[Ask | str]:
        """What the lines ask for; a line that can't be read is its text."""
        found = self.cleaned_data
        holds_parts = found["wants"] == "parts"
        return read_lines(found["rows"], found["dimension"], holds_parts=holds_parts)

    @property
    def since_period(self) -> int | None:
        """The first period of the change; None for all."""
        return int(self.cleaned_data["since"] or 0) or None

    @property
    def as_of(self) -> int | None:
        """The period as of which the answer shows rows."""
        return int(self.cleaned_data["period"] or 0) or None
