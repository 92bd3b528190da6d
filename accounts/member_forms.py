"""The forms of members, invitations and rights."""

from datetime import date
from typing import Any

from django import forms

from accounts.choices import offer
from accounts.models import Organization, Role
from accounts.permissions import GRANTABLE, Right
from accounts.terms import Terms

EXTRA_RIGHTS = [(str(right), right.words) for right in Right if right in GRANTABLE]


class DateInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def may_give(by_role: str, role: str) -> bool:
    """Tell whether a member of one role may give another: owners are made by owners only."""
    return by_role == Role.OWNER or role != Role.OWNER


class TermsForm(forms.Form):
    """A role, rights beyond it, and a last day."""

    role = forms.ChoiceField(choices=Role.choices)
    extra_rights = forms.MultipleChoiceField(
        label="Rights beyond the role",
        choices=EXTRA_RIGHTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        widget=DateInput(),
        help_text="The last day on which the person may enter. An auditor always has one.",
    )

    def __init__(
        self, organization: Organization, by_role: str, *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.organization = organization
        roles = [(role, words) for role, words in Role.choices if may_give(by_role, role)]
        offer(self, "role", roles)

    def clean_ends_on(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["ends_on"]
        if day is not None and day < self.organization.today():
            raise forms.ValidationError("Choose today or a later day.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for an auditor's last day."""
        cleaned = self.cleaned_data
        is_endless = not cleaned.get("ends_on") and not self.has_error("ends_on")
        if cleaned.get("role") == Role.AUDITOR and is_endless:
            self.add_error("ends_on", "Name the last day on which the auditor may look.")
        return cleaned

    def terms(self) -> Terms:
        """Return what was chosen."""
        cleaned = self.cleaned_data
        extra = frozenset(map(Right, cleaned["extra_rights"]))
        return Terms(Role(cleaned["role"]), extra, cleaned["ends_on"])


class InviteForm(TermsForm):
    """Whom to invite, and on what terms."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "role", "ends_on", "extra_rights")


class RightsOnForm(forms.Form):
    """Which right, and on which day."""

    right = forms.ChoiceField(choices=[(str(right), right.words) for right in Right])
    day = forms.DateField(widget=DateInput())
