"""What the pages of sign-up and sign-in say: refusals of a form, and short notices."""

WRONG_PAIR = "This e-mail address and password do not belong together. Check both and try again."
WRONG_CODE = "This code is not right. Check it, or ask for a new one."

REFUSALS: dict[str, str] = {
    "account_inactive": "This account was closed by the operator of this service.",
    "cannot_delete_authenticator": "The second factor can't be taken away.",
    "cannot_generate_recovery_codes": "Add an authenticator app or a passkey first.",
    "cannot_remove_primary_email": "An account needs one e-mail address.",
    "duplicate_email": "This is already your e-mail address.",
    "email_password_mismatch": WRONG_PAIR,
    "email_taken": "This address can't be used. Choose another one.",
    "enter_current_password": "This is not your current password.",
    "incorrect_code": WRONG_CODE,
    "incorrect_password": "This is not your password.",
    "invalid_or_expired_key": "The code has expired. Ask for a new one.",
    "invalid_password_reset": "The code has expired. Ask for a new one.",
    "max_email_addresses": "An account has one e-mail address.",
    "rate_limited": "Too many tries. Wait a minute and try again.",
    "same_as_current": "This is already your e-mail address.",
    "too_many_login_attempts": "Too many tries. Wait a few minutes, then begin again.",
    "unknown_email": WRONG_PAIR,
    "unverified_email": "Confirm your e-mail address first.",
    "unverified_primary_email": "Confirm your e-mail address first.",
}

_OTHERS_ENDED = "All your other sessions were ended."

# What is not listed is not said: signing in or out shows by itself.
NOTICES: dict[str, str] = {
    "account/messages/cannot_delete_primary_email.txt": "An account needs one e-mail address.",
    "account/messages/email_confirmed.txt": "Your e-mail address is confirmed.",
    "account/messages/email_deleted.txt": "The e-mail address was removed.",
    "account/messages/password_changed.txt": f"You have a new password. {_OTHERS_ENDED}",
    "account/messages/password_set.txt": "Your account has a password now.",
    "account/messages/primary_email_set.txt": "Your e-mail address was changed.",
    "account/messages/unverified_primary_email.txt": "Confirm your e-mail address first.",
    "mfa/messages/recovery_codes_generated.txt": "Recovery codes were made. No others work.",
    "mfa/messages/totp_activated.txt": f"The authenticator app is on. {_OTHERS_ENDED}",
    "mfa/messages/totp_deactivated.txt": f"The authenticator app was removed. {_OTHERS_ENDED}",
    "mfa/messages/webauthn_added.txt": f"The passkey was added. {_OTHERS_ENDED}",
    "mfa/messages/webauthn_removed.txt": f"The passkey was removed. {_OTHERS_ENDED}",
    "usersessions/messages/sessions_logged_out.txt": _OTHERS_ENDED,
}
