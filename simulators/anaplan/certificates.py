"""Sign-in by certificate: reading what was sent, and real verification of the signature."""

import base64
import binascii
from datetime import UTC, datetime

import msgspec
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.people import BAD_CREDENTIAL, Refused, bad_header
from simulators.anaplan.world import WORLD, World

SHORTEST = 100
V2_LENGTH = 100
TIME_BYTES = 8
NOT_TAKEN = "The certificate or its signed data was not accepted."


class Payload(msgspec.Struct, rename="camel"):
    """The body of a sign-in by certificate; unknown members are not read."""

    encoded_data: str
    encoded_signed_data: str
    encoded_data_format: str = "v1"


def read(raw: bytes) -> x509.Certificate:
    """The first certificate of a PEM text, or one in DER; ValueError when it is neither."""
    if raw.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificates(raw)[0]
    return x509.load_der_x509_certificate(raw)


def fingerprint(certificate: x509.Certificate) -> bytes:
    """What a certificate is registered by."""
    return certificate.fingerprint(hashes.SHA256())


async def find_user(request: web.Request, value: str) -> UserPart:
    """The user whom a header `CACertificate <value>` and its body sign in.

    PEM and DER are taken, signed RSA, PKCS#1 v1.5, SHA-512 over the raw bytes, as public
    clients send them. Refused: 400 for a header that cannot be read, else by the switch.
    """
    world = request.app[WORLD]
    try:
        certificate = read(base64.b64decode(value.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise bad_header() from None
    try:
        payload = msgspec.json.decode(await request.read(), type=Payload)
        data = base64.b64decode(payload.encoded_data, validate=True)
        signature = base64.b64decode(payload.encoded_signed_data, validate=True)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise _not_taken(world) from None
    user = _owner(world, certificate)
    good = user is not None and _is_signed(certificate, data, signature)
    if user is None or not good or not _is_timely(world, payload.encoded_data_format, data):
        raise _not_taken(world)
    if payload.encoded_data_format == "v2":
        world.seen_payloads.add(data)
    return user


def _not_taken(world: World) -> Refused:
    return Refused(world.settings.bad_certificate_status, BAD_CREDENTIAL, NOT_TAKEN)


def _owner(world: World, certificate: x509.Certificate) -> UserPart | None:
    """Whose a valid certificate is: registered itself, or by an authority and its e-mail."""
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return None
    user = world.registered.get(fingerprint(certificate))
    by_email = user is None and world.settings.certificate_by_email
    if by_email and any(_is_issued_by(certificate, found) for found in world.authorities):
        user = next(
            (world.users[name] for name in _emails(certificate) if name in world.users), None
        )
    return user if user is not None and user.status in ("active", "password_expired") else None


def _is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _emails(certificate: x509.Certificate) -> list[str]:
    names = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    names += certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [str(name.value).lower() for name in names]


def _is_signed(certificate: x509.Certificate, data: bytes, signature: bytes) -> bool:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, data, PKCS1v15(), hashes.SHA512())
    except InvalidSignature:
        return False
    return True


def _is_timely(world: World, form: str, data: bytes) -> bool:
    """Whether the data has its format's length and, in v2, a time of now and was not seen."""
    settings = world.settings
    if form == "v1":
        return settings.certificate_v1 and len(data) >= SHORTEST
    if form != "v2" or len(data) != V2_LENGTH:
        return False
    sent = float(int.from_bytes(data[:TIME_BYTES], "big"))
    ages = [world.clock.now() - sent]
    if settings.certificate_milliseconds:
        ages.append(world.clock.now() - sent / 1000)
    is_fresh = any(abs(age) <= settings.certificate_minutes * 60 for age in ages)
    return is_fresh and (settings.certificate_reuse or data not in world.seen_payloads)
