"""Signs in to Anaplan by a certificate and the private key behind it."""

import base64
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from integrations.anaplan.tokens import TokenService
from integrations.anaplan.types import Hosts
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from integrations.transport.tokens import SignInRefused, Token

TIME_BYTES = 8
RANDOM_BYTES = 92


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate with its private key; `begins` and `ends` say when it holds, in UTC."""

    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)

    @property
    def begins(self) -> datetime:
        """When it begins to hold."""
        return self.certificate.not_valid_before_utc

    @property
    def ends(self) -> datetime:
        """When it ceases to hold."""
        return self.certificate.not_valid_after_utc

    @property
    def subject(self) -> str:
        """Whom it was issued to, as the certificate says."""
        return self.certificate.subject.rfc4514_string()

    @property
    def pem(self) -> bytes:
        """The one certificate as PEM text, without whatever else stood in its file."""
        return self.certificate.public_bytes(Encoding.PEM)


def read_pair(certificate: str, private_key: str, passphrase: str = "") -> KeyPair:
    """The certificate and key of two PEM texts; of a chain the certificate that fits the key.

    Raises `certificate_unreadable`, `certificate_of_authority`, `private_key_unreadable`,
    `private_key_locked` or `private_key_differs`.
    """
    try:
        found = x509.load_pem_x509_certificates(certificate.encode())
    except ValueError:
        raise IntegrationError("certificate_unreadable") from None
    key = _read_key(private_key, passphrase)
    fitting = [one for one in found if _fits(one, key)]
    if not fitting:
        raise IntegrationError("private_key_differs")
    if _is_authority(fitting[0]):
        raise IntegrationError("certificate_of_authority")
    return KeyPair(fitting[0], key)


def check_dates(pair: KeyPair, now: float) -> None:
    """Raise unless the certificate holds at `now`, in seconds since 1970.

    Raises `anaplan_certificate_expired` or `anaplan_certificate_not_yet_valid`.
    """
    moment = datetime.fromtimestamp(now, UTC)
    if moment > pair.ends:
        raise SignInRefused("anaplan_certificate_expired", ends=_said(pair.ends))
    if moment < pair.begins:
        raise IntegrationError("anaplan_certificate_not_yet_valid", begins=_said(pair.begins))


class CertificateSignIn(TokenService):
    """A certificate, and each time the time of now and chance, signed by its key (format v2)."""

    bad_credential = "anaplan_certificate_refused"

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        pair: KeyPair,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session=session, hosts=hosts, clock=clock)
        self._pair = pair

    def authenticate(self) -> Token:
        """A new token; one that does not hold today is not shown."""
        check_dates(self._pair, self._clock())
        data = int(self._clock()).to_bytes(TIME_BYTES, "big") + os.urandom(RANDOM_BYTES)
        signature = self._pair.key.sign(data, PKCS1v15(), hashes.SHA512())
        body = {
            "encodedDataFormat": "v2",
            "encodedData": _pack(data),
            "encodedSignedData": _pack(signature),
        }
        return self._sign_in(f"CACertificate {_pack(self._pair.pem)}", body)


def _read_key(private_key: str, passphrase: str) -> RSAPrivateKey:
    unread = IntegrationError("private_key_unreadable")
    for secret in _secrets(passphrase):
        try:
            key = load_pem_private_key(private_key.encode(), secret)
        except TypeError:
            # Said of a passphrase that is missing, or given for a key that needs none.
            unread = IntegrationError("private_key_locked")
            continue
        except (ValueError, UnsupportedAlgorithm):
            is_locked = passphrase and "ENCRYPTED" in private_key
            raise IntegrationError(
                "private_key_locked" if is_locked else "private_key_unreadable"
            ) from None
        if isinstance(key, RSAPrivateKey):
            return key
        raise IntegrationError("private_key_unreadable")
    raise unread


def _secrets(passphrase: str) -> Iterator[bytes | None]:
    """What opens a key: its passphrase, and nothing for one that needs none."""
    if passphrase:
        yield passphrase.encode()
    yield None


def _fits(certificate: x509.Certificate, key: RSAPrivateKey) -> bool:
    try:
        return certificate.public_key() == key.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return False


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.DuplicateExtension:
        raise IntegrationError("certificate_unreadable") from None
    except (x509.ExtensionNotFound, ValueError):
        return False


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _pack(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
