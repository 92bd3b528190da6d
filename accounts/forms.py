"""The forms of signing up, signing in and one's own account."""

from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse

from accounts.error_pages import too_many_requests
from accounts.models import User
from accounts.throttles import RESETS_AN_ADDRESS, SIGN_UPS_AN_ADDRESS, take_from

PASSWORD_HELP = "At least 12 characters. A few words that do not belong together are good."  # noqa: S105


class Worded:
    """A form in the house's words: labels above the fields, and no fading placeholders."""

    fields: dict[str, forms.Field]
    is_bound: bool
    words: ClassVar[dict[str, tuple[str, str]]] = {}
    first = ""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs |= {"class": "code-input", "autocapitalize": "characters"}
            if name in self.words:
                field.label, field.help_text = self.words[name]
        if self.first in self.fields and not self.is_bound:
            self.fields[self.first].widget.attrs["autofocus"] = True


class SignUpForm(Worded, allauth_forms.SignupForm):
    """Work e-mail and password; the answer is the same for an address that is known."""

    words = {"email": ("Work e-mail", ""), "password1": ("Password", PASSWORD_HELP)}
    first = "email"

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["email"].widget.attrs["autocomplete"] = "username"

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the person; for a known address do the same work, so that time tells nothing."""
        if wait := take_from(request, SIGN_UPS_AN_ADDRESS).wait:
            return None, too_many_requests(request, wait)
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        user, answer = super().try_save(request)
        return user, answer


class SignInForm(Worded, allauth_forms.LoginForm):
    """E-mail address and password; the same answer whichever of the two is wrong."""

    words = {"login": ("E-mail address", ""), "password": ("Password", "")}
    first = "login"

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ForgottenPasswordForm(Worded, allauth_forms.ResetPasswordForm):
    """The address to which a code for a new password is mailed."""

    words = {"email": ("E-mail address", "")}
    first = "email"

    def save(self, request: HttpRequest, **keywords: Any) -> str:
        """Mail the code, unless too many were asked for from there."""
        if wait := take_from(request, RESETS_AN_ADDRESS).wait:
            raise ImmediateHttpResponse(too_many_requests(request, wait))
        return str(super().save(request, **keywords))


class ResetCodeForm(Worded, allauth_forms.ConfirmPasswordResetCodeForm):
    """The code that was mailed for a new password."""

    words = {"code": ("Code", "It is in the mail that was just sent.")}
    first = "code"


class AddressCodeForm(Worded, allauth_forms.ConfirmEmailVerificationCodeForm):
    """The code that was mailed to confirm an address."""

    words = {"code": ("Code", "It is in the mail that was just sent.")}
    first = "code"


class OnePassword(Worded):
    """A new password typed once: the person can look at it instead of typing it again."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        del self.fields["password2"]


class NewPasswordForm(OnePassword, allauth_forms.ResetPasswordKeyForm):
    """A new password after the code was right."""

    words = {"password1": ("New password", PASSWORD_HELP)}
    first = "password1"


class ChangePasswordForm(OnePassword, allauth_forms.ChangePasswordForm):
    """A new password for a person who knows the old one."""

    words = {
        "oldpassword": ("Current password", ""),
        "password1": ("New password", PASSWORD_HELP),
    }
    first = "oldpassword"


class FirstPasswordForm(OnePassword, allauth_forms.SetPasswordForm):
    """A first password for a person who has none."""

    words = {"password1": ("Password", PASSWORD_HELP)}
    first = "password1"


class ConfirmPasswordForm(Worded, allauth_forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    words = {"password": ("Password", "")}
    first = "password"


class ChangeAddressForm(Worded, allauth_forms.AddEmailForm):
    """A new e-mail address, which takes the old one's place once a code has confirmed it."""

    words = {"email": ("New e-mail address", "A code is mailed there.")}
    first = "email"
