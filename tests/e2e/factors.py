"""Second factors for browser tests: an app, a passkey and recovery codes, made directly."""

import hashlib
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User

SECRET = totp.generate_totp_secret()


def add_factors(user: User) -> Authenticator:
    """Give a person all factors; return the passkey."""
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return WebAuthn.add(user, "Work laptop", _credential()).instance


def app_code() -> str:
    """Return what the app shows right now."""
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(SECRET, counter)))


def note_fresh_sign_in(client: Client, user: User) -> None:
    """Let a session count as signed in a moment ago, so that nothing is asked again."""
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "email": user.email, "reauthenticated": True}
    ]
    session.save()


def _credential() -> dict[str, Any]:
    """What a browser answers after it has made a passkey for this site."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    attested = AttestedCredentialData.create(b"\0" * 16, b"example-passkey!", key)
    flags = AuthenticatorData.FLAG
    data = AuthenticatorData.create(
        hashlib.sha256(b"127.0.0.1").digest(), flags.UP | flags.UV | flags.AT, 0, attested
    )
    client_data = CollectedClientData.create(
        type="webauthn.create", challenge=b"challenge", origin="http://127.0.0.1"
    )
    identity = websafe_encode(b"example-passkey!")
    return {
        "id": identity,
        "rawId": identity,
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
    }
