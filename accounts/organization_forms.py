"""The forms of an organization: what it says of itself, and its end."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.choices import offer
from accounts.currencies import CURRENCIES
from accounts.models import Organization
from accounts.services.settings import SECOND_PERSON
from accounts.time_zones import NO_REGION, time_zones, zone_names
from accounts.wording import tidy_name

CURRENCY_CHOICES = [(code, f"{code} - {name}") for code, name in CURRENCIES.items()]


class OrganizationForm(forms.Form):
    """Name, time zone and base currency."""

    name = forms.CharField(
        label="Name of the organization",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text="As your colleagues know it, for example Adventure Works.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=time_zones,
        help_text="Times are shown and days are counted in it.",
    )
    base_currency = forms.ChoiceField(
        label="Base currency",
        choices=CURRENCY_CHOICES,
        help_text="The currency that your group reports in. No amount is converted.",
    )

    def clean_name(self) -> str:
        """Write the name on one line; an address of the web is no name."""
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give a name that can be seen.")
        if "://" in name:
            raise forms.ValidationError("Give a name, not an address.")
        return name


class NewOrganizationForm(OrganizationForm):
    """The last screen of sign-up; the browser fills in its time zone where it can."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        initial = {"time_zone": NO_REGION, "base_currency": "USD"}
        super().__init__(*arguments, **{"initial": initial, **keywords})
        if not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-browser-zone"] = ""


class SettingsForm(OrganizationForm):
    """What an organization says of itself; another currency wants to be confirmed."""

    second_person_publishes = forms.BooleanField(
        label="A second person publishes plans",
        required=False,
        help_text="Then whoever asked for a plan can't publish that version.",
    )
    second_person_maps = forms.BooleanField(
        label="A second person approves the mapping",
        required=False,
        help_text="Then nobody can approve a draft of the mapping that they have changed.",
    )
    confirm_currency = forms.BooleanField(
        label="Change the base currency", required=False, widget=forms.HiddenInput
    )

    def __init__(self, organization: Organization, *arguments: Any, **keywords: Any) -> None:
        names = ("name", "time_zone", "base_currency", *SECOND_PERSON)
        initial = {name: getattr(organization, name) for name in names}
        super().__init__(*arguments, **{"initial": initial, **keywords})
        self.currency_now = organization.base_currency
        if organization.time_zone not in zone_names():
            self._offer("time_zone", organization.time_zone, time_zones())
        if organization.base_currency not in CURRENCIES:
            self._offer("base_currency", organization.base_currency, CURRENCY_CHOICES)

    def _offer(self, name: str, value: str, others: Iterable[Any]) -> None:
        """Keep a value in the list that was there before the list was as it is."""
        offer(self, name, [(value, value), *others])

    @property
    def changes_currency(self) -> bool:
        """Whether another currency was chosen than the organization has."""
        chosen = self.cleaned_data.get("base_currency") if self.is_bound else None
        return chosen is not None and chosen != self.currency_now

    def clean(self) -> dict[str, Any]:
        """Let another currency be confirmed, and say what it means."""
        cleaned = self.cleaned_data
        if self.changes_currency:
            self.fields["confirm_currency"].widget = forms.CheckboxInput()
            if not cleaned.get("confirm_currency"):
                self.add_error(
                    "confirm_currency",
                    f"Amounts keep the currency that QAD gives them, and runs and proofs stay as "
                    f"they are. From now on the organization reports in "
                    f"{cleaned['base_currency']} instead of {self.currency_now}. Tick to confirm.",
                )
        return cleaned


class CloseForm(forms.Form):
    """The organization's name, typed by hand."""

    typed_name = forms.CharField(
        label="Type the name to confirm",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
