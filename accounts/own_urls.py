"""Routes of signing up, signing in and one's own account: only those that lead somewhere.

The names are django-allauth's, which looks its pages up by them.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as entrance
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as apps
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.conf import settings
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_http_methods, require_safe

from accounts import admin
from accounts.views import account, mailbox


def _form(address: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(address, require_http_methods(["GET", "HEAD", "POST"])(view), name=name)


def _page(address: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(address, require_safe(view), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    _form("sign-up/", entrance.signup, "account_signup"),
    _form("sign-up/code/", entrance.email_verification_sent, "account_email_verification_sent"),
    _form("sign-in/", entrance.login, "account_login"),
    _form("sign-in/code/", factors.authenticate, "mfa_authenticate"),
    _form("sign-in/remember/", factors.trust, "mfa_trust"),
    _form("sign-in/passkey/", passkeys.login_webauthn, "mfa_login_webauthn"),
    path("sign-out/", account.sign_out, name="sign_out"),
    _form("password/", entrance.password_reset, "account_reset_password"),
    _form(
        "password/code/",
        entrance.confirm_password_reset_code,
        "account_confirm_password_reset_code",
    ),
    _form("password/new/", entrance.complete_password_reset, "account_complete_password_reset"),
    _page(
        "password/done/", entrance.password_reset_from_key_done, "account_password_reset_completed"
    ),
    path("account/", account.security, name="mfa_index"),
    _form("account/confirm/", entrance.reauthenticate, "account_reauthenticate"),
    _form("account/confirm/code/", factors.reauthenticate, "mfa_reauthenticate"),
    _form(
        "account/confirm/passkey/", passkeys.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"
    ),
    _form("account/email/", entrance.email, "account_email"),
    _form("account/password/", entrance.password_change, "account_change_password"),
    _form("account/password/first/", entrance.password_set, "account_set_password"),
    _form("account/sessions/", sessions.list_usersessions, "usersessions_list"),
    _form("account/app/", apps.activate_totp, "mfa_activate_totp"),
    _form("account/app/remove/", apps.deactivate_totp, "mfa_deactivate_totp"),
    _page("account/passkeys/", passkeys.list_webauthn, "mfa_list_webauthn"),
    _form("account/passkeys/add/", passkeys.add_webauthn, "mfa_add_webauthn"),
    _form("account/passkeys/<int:pk>/", passkeys.edit_webauthn, "mfa_edit_webauthn"),
    _form("account/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, "mfa_remove_webauthn"),
    _page("account/recovery-codes/", recovery.view_recovery_codes, "mfa_view_recovery_codes"),
    _form(
        "account/recovery-codes/new/",
        recovery.generate_recovery_codes,
        "mfa_generate_recovery_codes",
    ),
    path("staff/admin/", admin.staff_site.urls),
]
if settings.KEEPS_MAIL:
    urlpatterns.append(path("demo/mail/", mailbox.kept_mail, name="kept_mail"))
