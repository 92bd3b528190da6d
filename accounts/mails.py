"""The mails about a person's own account: their words, and how they leave."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.delivery import deliver


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says; `page` is the route that its one link leads to.

    A mail that the person waits for is needed; one that only tells what happened is not.
    """

    subject: str
    opening: str
    closing: str = ""
    page: str = ""
    link: str = ""
    is_needed: bool = False


_NOT_YOU = (
    "If this was not you, choose a new password at once: that ends every session. "
    "Then tell an owner of your organization."
)
_IGNORE = "If you did not ask for this, you need not do anything: nothing happens without the code."


def _told(subject: str, opening: str) -> Mail:
    return Mail(subject, opening, _NOT_YOU, "mfa_index", "Look at your account")


MAILS: dict[str, Mail] = {
    "account/email/email_confirmation_signup": Mail(
        "Your code for ml-connector",
        "Welcome. Enter this code on the page where you signed up; it holds for 15 minutes.",
        _IGNORE,
        is_needed=True,
    ),
    "account/email/email_confirmation": Mail(
        "Your code for ml-connector",
        "Enter this code on the page that asked for it; it holds for 15 minutes.",
        _IGNORE,
        is_needed=True,
    ),
    "account/email/account_already_exists": Mail(
        "You already have an account",
        "Somebody, perhaps you, tried to sign up with this address. It has an account already, "
        "so nothing was changed. Sign in; if you do not know the password, choose a new one.",
        "If this was not you, you need not do anything.",
        page="account_reset_password",
        link="Choose a new password",
        is_needed=True,
    ),
    "account/email/unknown_account": Mail(
        "There is no account with this address",
        "Somebody, perhaps you, asked for a new password for this address. No account has it. "
        "Perhaps you signed up with another one.",
        "If this was not you, you need not do anything.",
        page="account_signup",
        link="Sign up",
        is_needed=True,
    ),
    "account/email/password_reset_code": Mail(
        "Your code for a new password",
        "Enter this code on the page where you asked for a new password; it holds for 15 minutes.",
        _IGNORE,
        is_needed=True,
    ),
    "account/email/password_changed": _told(
        "Your password was changed", "Your password was changed, and all other sessions were ended."
    ),
    "account/email/password_set": _told(
        "Your account has a password", "A first password was set for your account."
    ),
    "account/email/password_reset": _told(
        "You have a new password",
        "A new password was chosen for your account with a code that was mailed to this address. "
        "All sessions were ended.",
    ),
    "account/email/email_changed": _told(
        "Your e-mail address was changed",
        "Your account now has another e-mail address. Mail no longer comes here.",
    ),
    "account/email/email_deleted": _told(
        "An e-mail address was removed", "An e-mail address was removed from your account."
    ),
    "mfa/email/totp_activated": _told(
        "An authenticator app was added",
        "From now on, signing in asks for a code of your authenticator app.",
    ),
    "mfa/email/totp_deactivated": _told(
        "The authenticator app was removed",
        "Signing in does not ask for a code of your authenticator app any more.",
    ),
    "mfa/email/webauthn_added": _told(
        "A passkey was added", "A passkey now signs in to your account."
    ),
    "mfa/email/webauthn_removed": _told(
        "A passkey was removed", "A passkey does not sign in to your account any more."
    ),
    "mfa/email/recovery_codes_generated": _told(
        "You have new recovery codes", "New recovery codes were made. The old ones do not work."
    ),
}


def build_mail(mail: Mail, to: str, *, code: str = "") -> EmailMultiAlternatives:
    """Return the message in plain text and in HTML.

    Links begin with PUBLIC_ORIGIN, whatever host the request named.
    """
    facts = {
        "mail": mail,
        "code": code,
        "origin": settings.PUBLIC_ORIGIN,
        "url": f"{settings.PUBLIC_ORIGIN}{reverse(mail.page)}" if mail.page else "",
    }
    message = EmailMultiAlternatives(
        mail.subject, render_to_string("account/mail.txt", facts).strip() + "\n", to=[to]
    )
    message.attach_alternative(render_to_string("account/mail.html", facts), "text/html")
    return message


def send_mail(mail: Mail, to: str, *, code: str = "") -> bool:
    """Send a mail; return whether the mail server took it."""
    return deliver(mail.subject, build_mail(mail, to, code=code))
