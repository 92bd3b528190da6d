"""The form on a connection to Anaplan: where it is, and what its way in needs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.files.base import File

from integrations.anaplan.hosts import REGIONS

OTHER = "other"
HOSTS = {"token_host": "token", "oauth_host": "oauth", "api_host": "api"}
LARGEST_FILE = 65_536
# A token is used when half its life is over, by one of the looks that come each 600 s.
SHORTEST_LIFE = 2_400
LONGEST_LIFE = 366 * 86_400
_OFF = {"autocomplete": "off", "spellcheck": "false"}


class WriteOnlyText(forms.Textarea):
    """A text that goes in and is never shown again, not even beside an error."""

    def format_value(self, value: object) -> str | None:  # noqa: ARG002
        """Show nothing."""
        return None


class AnaplanForm(forms.Form):
    """What all ways in have in common; `way` names the one of a subclass."""

    way: ClassVar[str]
    secret_fields: ClassVar[tuple[str, ...]] = ()
    address_fields: ClassVar[tuple[str, ...]] = ()

    name = forms.CharField(
        max_length=80,
        initial="Anaplan",
        help_text="How syncs and colleagues will call it.",
        widget=forms.TextInput(attrs=_OFF),
    )
    region = forms.ChoiceField(
        help_text="As in the address of Anaplan in your browser.",
        choices=[
            *(
                (name, f"{name} ({hosts.oauth.removeprefix('https://')})")
                for name, hosts in REGIONS.items()
            ),
            (OTHER, "Other: three addresses of your own"),
        ],
    )
    token_host = forms.CharField(
        label="Address of the sign-in", max_length=300, required=False,
        help_text="For example https://auth.anaplan.com.", widget=forms.URLInput(attrs=_OFF),
    )  # fmt: skip
    oauth_host = forms.CharField(
        label="Address of OAuth2", max_length=300, required=False,
        help_text="For example https://us1a.app.anaplan.com.", widget=forms.URLInput(attrs=_OFF),
    )  # fmt: skip
    api_host = forms.CharField(
        label="Address of the API", max_length=300, required=False,
        help_text="For example https://api.anaplan.com.", widget=forms.URLInput(attrs=_OFF),
    )  # fmt: skip

    def __init__(self, *arguments: Any, has_secret: bool, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.has_secret = has_secret
        for name in HOSTS:
            self.fields[name].required = self["region"].value() == OTHER
        if has_secret:
            for name in self.secret_fields:
                self.fields[name].required = False
                self.fields[name].help_text = (
                    "Leave it empty to keep the stored one. Another client or address needs it "
                    "anew."
                )

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """What this way in asks for, beside name and place."""
        return [field for field in self if field.name not in {"name", "region", *HOSTS}]

    @property
    def host_fields(self) -> list[forms.BoundField]:
        """The three addresses."""
        return [self[name] for name in HOSTS]

    @property
    def shows_hosts(self) -> bool:
        """Whether the three addresses are in use or wrong."""
        return self["region"].value() == OTHER or any(name in self.errors for name in HOSTS)

    def address(self) -> dict[str, str]:
        """Return what is kept in the open."""
        cleaned = self.cleaned_data
        region = REGIONS.get(cleaned["region"])
        hosts = {
            name: getattr(region, part) if region else cleaned[name] for name, part in HOSTS.items()
        }
        own = {name: str(cleaned[name] or "") for name in self.address_fields}
        return {"region": cleaned["region"], **hosts, "sign_in": self.way, **own}

    def secrets(self) -> dict[str, str]:
        """Return what is sealed; empty where the stored ones stay."""
        return {name: self.cleaned_data[name] for name in self.secret_fields}

    def show_refusal(self, code: str, sentence: str) -> None:
        """Put what the service refused beside its field."""
        places = {
            "connection_name_taken": "name",
            "address_invalid": "region",
            "private_key_locked": "passphrase",
        }
        place = places.get(code, "")
        if code == "secret_needed" and self.secret_fields:
            place = self.secret_fields[0]
        elif code.startswith("private_key") and not place:
            place = "private_key"
        elif "certificate" in code:
            place = "certificate"
        self.add_error(place if place in self.fields else None, sentence)


class BasicForm(AnaplanForm):
    """User and password."""

    way = "basic"
    secret_fields = ("password",)
    address_fields = ("user",)

    user = forms.EmailField(
        label="Integration user",
        help_text="The e-mail address that this user signs in to Anaplan with.",
        widget=forms.EmailInput(attrs=_OFF),
    )
    password = forms.CharField(
        max_length=1_000, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class DeviceForm(AnaplanForm):
    """An OAuth client without a secret."""

    way = "oauth_device"
    address_fields = ("client_id", "refresh_seconds")

    client_id = forms.CharField(
        label="Client id",
        max_length=100,
        help_text="32 letters and digits, as shown at the OAuth client in Anaplan.",
        widget=forms.TextInput(attrs=_OFF),
    )
    refresh_seconds = forms.IntegerField(
        label="Life of the refresh token, in seconds",
        required=False,
        min_value=SHORTEST_LIFE,
        max_value=LONGEST_LIFE,
        help_text="As it stands at the OAuth client, if its refresh tokens rotate: Anaplan's own "
        "choice is 43000, about 12 hours. Leave it empty if they do not rotate.",
    )


class CodeForm(DeviceForm):
    """An OAuth client with a secret, approved in the browser."""

    way = "oauth_code"
    secret_fields = ("client_secret",)

    client_secret = forms.CharField(
        label="Client secret",
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "region", *HOSTS, "client_id", "client_secret", "refresh_seconds")


class CertificateForm(AnaplanForm):
    """A certificate and its key, pasted or as files."""

    way = "certificate"
    secret_fields = ("certificate", "private_key", "passphrase")

    certificate = forms.CharField(
        required=False,
        max_length=LARGEST_FILE,
        help_text="Paste it, or choose its file below. It begins with -----BEGIN CERTIFICATE-----.",
        widget=WriteOnlyText(attrs={**_OFF, "rows": 4}),
    )
    certificate_file = forms.FileField(label="Certificate, as a file", required=False)
    private_key = forms.CharField(
        label="Private key",
        required=False,
        max_length=LARGEST_FILE,
        help_text="It begins with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----. "
        "It signs here and is never sent.",
        widget=WriteOnlyText(attrs={**_OFF, "rows": 4}),
    )
    private_key_file = forms.FileField(label="Private key, as a file", required=False)
    passphrase = forms.CharField(
        label="Passphrase of the key",
        required=False,
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take each text from where it was given, and ask for what is missing."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("certificate", "private_key"):
            file = cleaned.get(f"{name}_file")
            if file and cleaned.get(name):
                self.add_error(name, "Paste it or choose a file, not both.")
            elif file:
                cleaned[name] = self._read(f"{name}_file", file)
        given = [name for name in ("certificate", "private_key") if cleaned.get(name)]
        for name in ("certificate", "private_key"):
            if name not in given and name not in self.errors and (given or not self.has_secret):
                self.add_error(name, "Certificate and key are needed together.")
        return cleaned

    def _read(self, name: str, file: "File[bytes]") -> str:
        if file.size is not None and file.size > LARGEST_FILE:
            self.add_error(name, "This file is larger than 64 KB, so it is no certificate or key.")
            return ""
        return str(file.read().decode("latin-1"))


FORMS: Mapping[str, type[AnaplanForm]] = {
    form.way: form for form in (CodeForm, CertificateForm, DeviceForm, BasicForm)
}
"""The form of each way in."""
