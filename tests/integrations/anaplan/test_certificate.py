"""Signing in by certificate: what is shown, what is never shown, and what each fault is called."""

import base64
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from integrations.anaplan.certificates import CertificateSignIn, check_dates, read_pair
from integrations.anaplan.types import Hosts
from integrations.transport.errors import IntegrationError
from tests.integrations.anaplan.conftest import make_session
from tests.integrations.transport.odd_server import OddServer, plain
from tests.simulators.anaplan.client import ANNA
from tests.simulators.anaplan.signing import Identity, make_identity

ANNAS = make_identity(ANNA[0])
OTHER = make_identity(ANNA[0])
PASSPHRASE = "C4nary-pass"


def key_text(identity: Identity, passphrase: str = "") -> str:
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()


CERTIFICATE, KEY = ANNAS.pem.decode(), key_text(ANNAS)


def register(origin, identity):
    request = urllib.request.Request(
        f"{origin}/_sim/certificates?email={ANNA[0]}", data=identity.pem, method="POST"
    )
    urllib.request.urlopen(request).close()


def sign_in(origin, pair=None, **options):
    hosts = Hosts(token=origin, oauth=origin, api=origin)
    pair = pair or read_pair(CERTIFICATE, KEY)
    return CertificateSignIn(session=make_session(), hosts=hosts, pair=pair, **options)


def test_a_registered_certificate_signs_in_by_format_v2(anaplan):
    register(anaplan.origin, ANNAS)
    anaplan.settings(certificate_v1=False)
    token = sign_in(anaplan.origin).authenticate()
    renewed = sign_in(anaplan.origin).renew(token)
    assert renewed is not None
    assert renewed.value == token.value
    assert sign_in(anaplan.origin).authenticate().value != token.value


def test_a_key_that_stands_in_the_same_file_is_not_shown():
    answer = plain(b'{"tokenInfo": {"tokenValue": "v"}}', 201)
    with OddServer([answer]) as server:
        sign_in(server.url, read_pair(KEY + CERTIFICATE, KEY)).authenticate()
        scheme, _, value = server.calls[0].headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(value).decode()) == ("CACertificate", CERTIFICATE)


def test_one_that_is_not_registered_is_refused_by_its_own_name(anaplan):
    with pytest.raises(IntegrationError) as caught:
        sign_in(anaplan.origin).authenticate()
    assert caught.value.code == "anaplan_certificate_refused"
    assert "PRIVATE KEY" not in repr(vars(caught.value))


def test_a_clock_that_is_minutes_off_is_refused_alike(anaplan):
    register(anaplan.origin, ANNAS)
    with pytest.raises(IntegrationError) as caught:
        sign_in(anaplan.origin, clock=lambda: time.time() + 360).authenticate()
    assert caught.value.code == "anaplan_certificate_refused"
    assert "a clock that is minutes off" in caught.value.message


@pytest.mark.parametrize(
    ("days", "code"),
    [(31, "anaplan_certificate_expired"), (-61, "anaplan_certificate_not_yet_valid")],
)
def test_one_that_does_not_hold_today_is_not_even_shown(anaplan, days, code):
    moment = (datetime.now(UTC) + timedelta(days=days)).timestamp()
    with pytest.raises(IntegrationError) as caught:
        sign_in(anaplan.origin, clock=lambda: moment).authenticate()
    assert caught.value.code == code
    assert " UTC" in caught.value.message
    assert anaplan.calls("/token/authenticate") == []


def test_a_pair_holds_between_its_dates():
    pair = read_pair(CERTIFICATE, KEY)
    for moment in (pair.begins, pair.ends):
        check_dates(pair, moment.timestamp())
    assert pair.subject.endswith(ANNA[0])
    assert "key" not in repr(pair).replace("certificate", "")


def patched(pem: str, old: bytes, new: bytes) -> str:
    """Return a certificate with other bytes in it, as no honest maker writes it."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    assert der.count(old) == 1
    body = base64.encodebytes(der.replace(old, new)).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


RSA = bytes.fromhex("2a864886f70d010101")
ODD_KEYS = {
    "a kind of key that nobody knows": patched(CERTIFICATE, RSA, RSA[:-1] + b"\x7f"),
    "a key that is none": patched(CERTIFICATE, b"\x02\x03\x01\x00\x01", b"\x02\x03\x01\x00\x00"),
}


@pytest.mark.parametrize("odd", ODD_KEYS.values(), ids=ODD_KEYS)
def test_a_chain_may_hold_a_certificate_whose_key_cannot_be_read(odd):
    assert read_pair(odd + CERTIFICATE, KEY).pem.decode() == CERTIFICATE
    with pytest.raises(IntegrationError) as caught:
        read_pair(odd, KEY)
    assert caught.value.code == "private_key_differs"


def twice_extended() -> str:
    """A certificate in which one extension stands twice."""
    one, other = (x509.ObjectIdentifier(f"1.2.3.4.{number}") for number in (5, 6))
    name, now = ANNAS.certificate.subject, datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(ANNAS.key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.UnrecognizedExtension(one, b"\x05\x00"), critical=False)
        .add_extension(x509.UnrecognizedExtension(other, b"\x05\x00"), critical=False)
        .sign(ANNAS.key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM).decode()
    return patched(pem, b"\x06\x04\x2a\x03\x04\x06", b"\x06\x04\x2a\x03\x04\x05")


@pytest.mark.parametrize(
    ("certificate", "key", "passphrase"),
    [
        (CERTIFICATE, KEY, ""),
        (CERTIFICATE, KEY, "not needed"),
        (OTHER.pem.decode() + CERTIFICATE, KEY, ""),
        (CERTIFICATE, key_text(ANNAS, PASSPHRASE), PASSPHRASE),
    ],
)
def test_a_pair_is_read(certificate, key, passphrase):
    pair = read_pair(certificate, key, passphrase)
    assert pair.pem.decode() == CERTIFICATE


def authority() -> tuple[str, str]:
    """A self-signed certificate of an authority, as `openssl req -x509` makes it."""
    identity = make_identity(ANNA[0])
    name = identity.certificate.subject
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(identity.key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(identity.key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), key_text(identity)


CURVE = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


@pytest.mark.parametrize(
    ("certificate", "key", "passphrase", "code"),
    [
        ("", KEY, "", "certificate_unreadable"),
        ("MIIC", KEY, "", "certificate_unreadable"),
        (KEY, KEY, "", "certificate_unreadable"),
        (CERTIFICATE.replace("M", "N"), KEY, "", "certificate_unreadable"),
        (*authority(), "", "certificate_of_authority"),
        (twice_extended(), KEY, "", "certificate_unreadable"),
        (CERTIFICATE, "", "", "private_key_unreadable"),
        (CERTIFICATE, CERTIFICATE, "", "private_key_unreadable"),
        (CERTIFICATE, CURVE, "", "private_key_unreadable"),
        (CERTIFICATE, key_text(OTHER), "", "private_key_differs"),
        (CERTIFICATE, key_text(ANNAS, PASSPHRASE), "", "private_key_locked"),
        (CERTIFICATE, key_text(ANNAS, PASSPHRASE), "wrong", "private_key_locked"),
    ],
)
def test_each_fault_of_a_pair_has_a_name(certificate, key, passphrase, code):
    with pytest.raises(IntegrationError) as caught:
        read_pair(certificate, key, passphrase)
    assert caught.value.code == code
    assert "MII" not in repr(vars(caught.value))
