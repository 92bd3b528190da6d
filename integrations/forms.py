"""The forms of the integrations pages."""

from collections.abc import Sequence
from typing import Any

from django import forms

ALL_PERIODS = ""


class StartRunForm(forms.Form):
    """Which sync to run, and over which period of the books; all of them where none is given."""

    sync = forms.TypedChoiceField(coerce=int, empty_value=None)
    period = forms.CharField(
        required=False,
        max_length=7,
        widget=forms.TextInput(
            attrs={"list": "known-periods", "placeholder": "all", "autocomplete": "off"}
        ),
    )

    def __init__(self, syncs: Sequence[tuple[int, str]], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["sync"].choices = syncs  # type: ignore[attr-defined]

    def clean_period(self) -> list[int] | None:
        """Read 2026/11, 2026-11 or 202611 as a fiscal period; nothing as all of them."""
        text = self.cleaned_data["period"].strip().replace("/", "").replace("-", "")
        if text in (ALL_PERIODS, "all"):
            return None
        if len(text) != 6 or not text.isdecimal() or text[4:] == "00":
            raise forms.ValidationError(
                "Write a fiscal period as year and number, for example 2026/11."
            )
        return [int(text)]


class RunFilterForm(forms.Form):
    """What the run list shows."""

    state = forms.ChoiceField(required=False)
    sync = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(
        self,
        states: Sequence[tuple[str, str]],
        syncs: Sequence[tuple[int, str]],
        *arguments: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["state"].choices = [("", "All states"), *states]  # type: ignore[attr-defined]
        self.fields["sync"].choices = [("", "All syncs"), *syncs]  # type: ignore[attr-defined]


class RecordsForm(forms.Form):
    """Which records of one reason to replay: those chosen, or all that are still open."""

    verdict = forms.CharField(max_length=10)
    code = forms.CharField(max_length=60)
    scope = forms.ChoiceField(choices=[("chosen", "chosen"), ("all", "all")])
    record = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        chosen = self.data.getlist("record") if hasattr(self.data, "getlist") else []
        numbers = [text for text in chosen if text.isdecimal()]
        self.fields["record"].choices = [(text, text) for text in numbers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse an empty choice."""
        cleaned = self.cleaned_data
        if cleaned.get("scope") == "chosen" and not cleaned.get("record"):
            raise forms.ValidationError("Choose at least one record.")
        return cleaned


class RuleForm(forms.Form):
    """One QAD code and the Anaplan member that stands for it."""

    dimension = forms.ChoiceField()
    code = forms.CharField(
        label="QAD code", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    member = forms.CharField(
        label="Anaplan member",
        max_length=200,
        help_text="As the import expects it: the member's code or name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, dimensions: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["dimension"].choices = dimensions  # type: ignore[attr-defined]


class RemoveRuleForm(forms.Form):
    """The rule to remove."""

    dimension = forms.CharField(max_length=30)
    code = forms.CharField(max_length=80, required=False)


class RuleFilterForm(forms.Form):
    """What the mapping list shows."""

    dimension = forms.ChoiceField(required=False)
    text = forms.CharField(
        label="Code or member", required=False, max_length=80, widget=forms.SearchInput()
    )

    def __init__(
        self, dimensions: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        choices = [("", "All dimensions"), *dimensions]
        self.fields["dimension"].choices = choices  # type: ignore[attr-defined]


class SignInProviderForm(forms.Form):
    """Where the provider is, how ml-connector is known there, and whose addresses it proves."""

    issuer = forms.CharField(
        max_length=500,
        help_text="As the provider names itself, for example https://login.example.com.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    client_id = forms.CharField(
        label="Client id", max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret = forms.CharField(
        label="Client secret",
        max_length=1_000,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    domains = forms.CharField(
        label="E-mail domains",
        max_length=2_000,
        help_text="What stands behind the @ of your members' addresses, one a line.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, *arguments: Any, has_secret: bool, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if has_secret:
            self.fields["secret"].required = False
            self.fields[
                "secret"
            ].help_text = "Leave it empty to keep the stored one. Another issuer needs it anew."

    def clean_domains(self) -> list[str]:
        """Return one domain for each line that is not empty."""
        lines = self.cleaned_data["domains"].replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def show_refusal(self, code: str, sentence: str) -> None:
        """Put what the service refused beside its field."""
        fields = {
            "address_invalid": "issuer",
            "secret_needed": "secret",
            "email_domain_invalid": "domains",
        }
        self.add_error(fields.get(code), sentence)
