"""The forms on a QAD connection: where it is, the way in, and a workspace typed by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.choices import offer
from integrations.qad.address import LONGEST_ADDRESS, Advice
from integrations.services.qad_connection import LOGIN_FIELDS, WayIn, advise

_OFF = {"autocomplete": "off", "spellcheck": "false"}
_WAYS = (
    (
        "oauth2_password",
        "OAuth2 with user and password",
        "What QAD's cloud offers. ml-connector signs in once and renews its token by itself.",
    ),
    (
        "basic",
        "Basic",
        "Works on most instances, but each call carries the password and signs in anew: QAD "
        "itself advises against it. It is slower and easier to overhear.",
    ),
    (
        "session_form",
        "Sign-in form with a session",
        "For instances that offer nothing else: as a person signs in with the browser.",
    ),
    (
        "bearer_static",
        "A token that was pasted",
        "Somebody else gets the token, by single sign-on for example. When it ends, a new one "
        "has to be pasted.",
    ),
)
_LOGIN_PATHS = {
    "login": "Newer: /login",
    "j_spring_security_check": "Older: /j_spring_security_check",
}
# What each way asks for, beside the address.
_NEEDED = {
    "oauth2_password": ("user", "password", "client_id"),
    "basic": ("user", "password"),
    "session_form": ("user", "password", "login_path"),
    "bearer_static": ("token",),
}
SECRETS = ("password", "token")
# Each change of the address is looked at, without asking anybody outside.
_READ = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-vals": '{"do": "read"}',
    "hx-params": "tenant_url,csrfmiddlewaretoken,do",
    "hx-target": "#advice",
    "hx-select": "#advice",
    "hx-swap": "outerHTML",
}


_VISIBLE = RegexValidator(r"^[ -~]+$", "A token has letters, digits and signs alone.")
_CODE = RegexValidator(
    r"^[!-+\--~]+$", "A code has letters, digits and signs, no blanks and no comma."
)


def _way(word: str, meaning: str) -> SafeString:
    return format_html('<span>{} <span class="help">{}</span></span>', word, meaning)


def _missing(sentence: str) -> dict[str, str]:
    return {"required": sentence}


class QadForm(forms.Form):
    """Where a QAD is and how to sign in there; which fields count is for the way in to say."""

    use_required_attribute = False

    name = forms.CharField(
        max_length=80,
        help_text="How you and your colleagues call it, for example “QAD production”.",
        widget=forms.TextInput(attrs=_OFF),
    )
    tenant_url = forms.CharField(
        label="Tenant URL",
        max_length=LONGEST_ADDRESS,
        help_text="The whole address with its context root, as in https://acme.qad.com/clouderp. "
        "Open QAD in the browser and copy what stands before the sign-in page.",
        widget=forms.TextInput(attrs={**_OFF, **_READ, "inputmode": "url"}),
        error_messages=_missing("Give the address of your QAD."),
    )
    address_is_right = forms.BooleanField(label="This address is right as it is", required=False)
    mode = forms.ChoiceField(
        label="Way in",
        choices=[(mode, _way(word, meaning)) for mode, word, meaning in _WAYS],
        initial="oauth2_password",
        widget=forms.RadioSelect,
    )
    user = forms.CharField(
        max_length=200,
        error_messages=_missing("Give the name of the user in QAD."),
        help_text="A user made for ml-connector, with the right to read what is to be loaded and "
        "nothing else. Neither its password nor its rights are changed.",
        widget=forms.TextInput(attrs=_OFF),
    )
    password = forms.CharField(
        max_length=500,
        error_messages=_missing("Give the password of this user."),
        strip=False,
        help_text="Kept sealed, used to sign in to this host alone, and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    client_id = forms.CharField(
        label="Client id",
        max_length=200,
        error_messages=_missing("Give the client id, or let ml-connector find it."),
        help_text="Each instance has its own. With user and password ml-connector can ask for it.",
        widget=forms.TextInput(attrs=_OFF),
    )
    login_path = forms.ChoiceField(
        label="Where the form goes",
        help_text="Try the newer one first.",
        choices=list(_LOGIN_PATHS.items()),
    )
    token = forms.CharField(
        max_length=8_000,
        error_messages=_missing("Paste the token."),
        validators=[_VISIBLE],
        help_text="The token alone, without the word Bearer. Kept sealed and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *arguments: Any, stored: str = "", login_path: str = "login", **keywords: Any
    ) -> None:
        """`stored` names the secret that is kept, `login_path` is one of the profile's own."""
        super().__init__(*arguments, **keywords)
        self.stored = stored
        self.advice = Advice("")
        if self.is_bound:
            needed = _NEEDED.get(self.data.get("mode", ""), ())
            for name in {name for names in _NEEDED.values() for name in names}:
                self.fields[name].required = name in needed
        if stored:
            help_text = "Leave it empty to keep the stored one. Another host needs it anew."
            self.fields[stored].required = False
            self.fields[stored].help_text = help_text
        if login_path not in LOGIN_FIELDS:
            choices = [*_LOGIN_PATHS.items(), (login_path, f"As in the profile: /{login_path}")]
            offer(self, "login_path", choices)

    def clean_token(self) -> str:
        """Take the token without the word that stands before it in a header."""
        return str(self.cleaned_data["token"]).removeprefix("Bearer").strip()

    def clean(self) -> dict[str, Any]:
        """Hold the address to what a tenant URL is."""
        cleaned = self.cleaned_data
        if "tenant_url" in cleaned:
            self.advice = advise(cleaned["tenant_url"])
            is_overruled = self.advice.is_doubt and cleaned.get("address_is_right")
            if self.advice.problem and not is_overruled:
                self.add_error("tenant_url", self.advice.problem)
            cleaned["tenant_url"] = self.advice.url
        if cleaned.get("mode") == "basic" and ":" in cleaned.get("user", ""):
            self.add_error("user", "Basic cannot carry a name with a colon: choose another way in.")
        return cleaned

    @property
    def way_in(self) -> WayIn:
        """The way in that was chosen, with what it needs and nothing else."""
        given = self.cleaned_data
        needed: Sequence[str] = _NEEDED[given["mode"]]
        secret = next(given[name] for name in SECRETS if name in needed)
        return WayIn(
            mode=given["mode"],
            user=given["user"] if "user" in needed else "",
            client_id=given["client_id"] if "client_id" in needed else "",
            login_path=given["login_path"] or "login",
            secret=secret,
        )

    def show_refusal(self, code: str, sentence: str) -> None:
        """Put what the service refused beside its field."""
        secret = "token" if self.cleaned_data.get("mode") == "bearer_static" else "password"
        fields = {
            "connection_name_taken": "name",
            "address_invalid": "tenant_url",
            "secret_needed": secret,
        }
        self.add_error(fields.get(code), sentence)


class CodesForm(forms.Form):
    """A workspace as QAD offers it: a domain and one of its entities."""

    domain = forms.CharField(max_length=200, strip=False)
    entity = forms.CharField(max_length=200, strip=False)


class WorkspaceForm(CodesForm):
    """One whose codes somebody types; QAD's have eight characters at most."""

    domain = forms.CharField(max_length=8, validators=[_CODE], widget=forms.TextInput(attrs=_OFF))
    entity = forms.CharField(max_length=8, validators=[_CODE], widget=forms.TextInput(attrs=_OFF))
