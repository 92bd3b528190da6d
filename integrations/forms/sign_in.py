"""The form on the provider through which members sign in."""

from typing import Any

from django import forms


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
