"""The form of the API key pages."""

from typing import Any

from django import forms

from accounts.api_keys import LONGEST_DAYS, Scope
from accounts.choices import offer
from accounts.errors import Refused
from accounts.wording import tidy_name

# Where a refusal of the service is shown; all others stand above the form.
FIELD_OF = {
    "key_name_taken": "name",
    "key_scope_beyond_rights": "scopes",
    "key_expiry_out_of_range": "ends_on",
    "key_address_invalid": "addresses",
}


class KeyForm(forms.Form):
    """What a new key is called, may do, and until when and from where."""

    name = forms.CharField(
        max_length=80,
        help_text="The program that will use it, such as Nightly load.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        widget=forms.CheckboxSelectMultiple,
        help_text="A key never does more than you may do, today and later.",
        error_messages={"required": "Choose at least one."},
    )
    ends_on = forms.DateField(
        label="Last day",
        help_text=f"At most {LONGEST_DAYS} days from today.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    addresses = forms.CharField(
        label="Only from these addresses",
        required=False,
        max_length=2_000,
        help_text="One a line, such as 203.0.113.7 or 2001:db8::/48. Empty for everywhere.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, scopes: list[Scope], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        choices = [(str(scope), f"{scope.words} ({scope})") for scope in scopes]
        offer(self, "scopes", choices)

    def clean_name(self) -> str:
        """Write the name on one line, so that no two look alike that are not."""
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give a name that can be seen.")
        return name

    def clean_scopes(self) -> list[Scope]:
        """Return the chosen scopes."""
        return [Scope(value) for value in self.cleaned_data["scopes"]]

    def clean_addresses(self) -> list[str]:
        """Return one address or range for each line that is not empty."""
        lines = self.cleaned_data["addresses"].replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def show_refusal(self, refused: Refused) -> None:
        """Put what the service refused beside its field."""
        self.add_error(FIELD_OF.get(refused.code), f"{refused.message} {refused.fix}")
