"""Routes of signing up, signing in and one's own account: only those that lead somewhere.

The names are django-allauth's, which looks its pages up by them.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from allauth.usersessions import views as session_views
from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from accounts import admin
from accounts.views import account, mailbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-up/", account_views.signup, name="account_signup"),
    path(
        "sign-up/code/",
        account_views.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-in/code/", factor_views.authenticate, name="mfa_authenticate"),
    path("sign-in/remember/", factor_views.trust, name="mfa_trust"),
    path("sign-in/passkey/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("password/", account_views.password_reset, name="account_reset_password"),
    path(
        "password/code/",
        account_views.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/new/",
        account_views.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "password/done/",
        account_views.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("account/", account.security, name="mfa_index"),
    path("account/confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        passkey_views.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/email/", account_views.email, name="account_email"),
    path("account/password/", account_views.password_change, name="account_change_password"),
    path("account/password/first/", account_views.password_set, name="account_set_password"),
    path("account/sessions/", session_views.list_usersessions, name="usersessions_list"),
    path("account/app/", app_views.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove/", app_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/passkeys/", passkey_views.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/add/", passkey_views.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", passkey_views.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "account/passkeys/<int:pk>/remove/",
        passkey_views.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path(
        "account/recovery-codes/",
        recovery_views.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("staff/admin/", admin.staff_site.urls),
]
if settings.KEEPS_MAIL:
    urlpatterns.append(path("demo/mail/", mailbox.kept_mail, name="kept_mail"))
