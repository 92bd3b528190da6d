"""Id tokens: who signed in, as a JSON web token that is signed by a key of this process."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.settings import OpenIdAlgorithm

ISSUER = "https://iam.anaplan.com/"


@dataclass
class SigningKeys:
    """The keys of one process; the pair of RSA is made when it is first asked for."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @cached_property
    def pair(self) -> rsa.RSAPrivateKey:
        """The private key for RS256."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, text: bytes, algorithm: OpenIdAlgorithm) -> bytes:
        """The signature of a text, RSA with PKCS#1 v1.5 or HMAC, both over SHA-256."""
        if algorithm == "RS256":
            return self.pair.sign(text, PKCS1v15(), SHA256())
        return hmac.digest(self.secret, text, hashlib.sha256)


def issue(
    keys: SigningKeys,
    algorithm: OpenIdAlgorithm,
    *,
    user: UserPart,
    client_id: str,
    now: int,
    seconds: int,
) -> str:
    """An id token of a user for a client, from `now` (seconds since 1970) on for `seconds`."""
    claims = {
        "iss": ISSUER,
        "sub": user.id,
        "aud": client_id,
        "email": user.email,
        "iat": now,
        "exp": now + seconds,
    }
    head = {"alg": algorithm, "typ": "JWT"}
    text = ".".join(_pack(json.dumps(part).encode()) for part in (head, claims))
    return f"{text}.{_pack(keys.sign(text.encode(), algorithm))}"


def _pack(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
