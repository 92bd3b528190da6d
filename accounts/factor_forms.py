"""The forms of second factors: authenticator apps, passkeys and recovery codes."""

from typing import Any

from allauth.mfa.base import forms as base_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms

from accounts.forms import Worded

NAME_LENGTH = 60


class AuthenticatorAppForm(Worded, totp_forms.ActivateTOTPForm):
    """The first code of an authenticator app, which proves that the app has the key."""

    words = {"code": ("Code from the app", "Six digits.")}


class SecondFactorForm(Worded, base_forms.AuthenticateForm):
    """A code at sign-in."""

    words = {"code": ("Code", "Six digits from your authenticator app, or a recovery code.")}
    first = "code"


class ConfirmFactorForm(Worded, base_forms.ReauthenticateForm):
    """A code once more, before something that matters."""

    words = {"code": ("Code", "Six digits from your authenticator app, or a recovery code.")}
    first = "code"


class AddPasskeyForm(Worded, webauthn_forms.AddWebAuthnForm):
    """A name for a new passkey, and what the browser made.

    Every key signs in by itself, so the device has to check its owner.
    """

    words = {"name": ("Name", "So that you know it again, such as “Work laptop”.")}

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["name"].widget.attrs["maxlength"] = NAME_LENGTH
        self.fields["passwordless"] = forms.BooleanField(
            initial=True, widget=forms.HiddenInput, required=True
        )


class RenamePasskeyForm(Worded, webauthn_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    words = {"name": ("Name", "")}
    first = "name"

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["name"].widget.attrs["maxlength"] = NAME_LENGTH
