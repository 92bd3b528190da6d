"""Keys, certificates and signed bodies, made as a client of Anaplan makes them."""

import base64
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


@dataclass
class Identity:
    """A private key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate as PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate as DER bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


def make_identity(email: str, *, issuer: Identity | None = None, days: int = 30) -> Identity:
    """A key and a certificate that names an e-mail; self-signed without an issuer."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, email)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Identity(key, certificate)


def sign(key: rsa.RSAPrivateKey, data: bytes, digest: Any = None) -> dict[str, str]:
    """The two members that both formats have."""
    signature = key.sign(data, padding.PKCS1v15(), digest or hashes.SHA512())
    return {
        "encodedData": base64.b64encode(data).decode(),
        "encodedSignedData": base64.b64encode(signature).decode(),
    }


def sign_v2(key: rsa.RSAPrivateKey, at: float | None = None) -> dict[str, str]:
    """A body of format v2: eight bytes of time in seconds and 92 at random."""
    seconds = int(time.time() if at is None else at)
    data = seconds.to_bytes(8, "big") + os.urandom(92)
    return {"encodedDataFormat": "v2"} | sign(key, data)


def present(origin: str, certificate: bytes, body: object) -> requests.Response:
    """Sign in with a certificate in one of its two forms."""
    header = f"CACertificate {base64.b64encode(certificate).decode()}"
    return requests.post(
        f"{origin}/token/authenticate", headers={"Authorization": header}, json=body
    )
