"""A test authority: certificates made on the spot, good ones and ones that must be refused."""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
OTHER_HOSTS = ("other.example.com",)
KINDS = {
    "good": "for this machine, valid for a month",
    "expired": "for this machine, its time ended yesterday",
    "not-yet-valid": "for this machine, its time begins tomorrow",
    "self-signed": "for this machine, signed by nobody but itself",
    "unknown-authority": "for this machine, signed by an authority that nobody is told about",
    "wrong-host": f"valid, but for {OTHER_HOSTS[0]}",
}
AUTHORITY_FILE = "authority.pem"


class BadCertificate(ValueError):
    """Files that cannot serve TLS; the text names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both as PEM."""

    certificate: bytes
    key: bytes

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write `NAME.pem` and `NAME.key`, the key for the owner's eyes only."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.certificate)
        key.touch(mode=0o600)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """An authority with a key of its own that signs certificates for servers."""

    def __init__(self, name: str = "Stand-in authority") -> None:
        self._name = _named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key()
        start, end = _around(days_before=1, days_after=365)
        builder = _builder(self._name, self._name, public, start, end)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self.pem: bytes = self._certificate.public_bytes(serialization.Encoding.PEM)
        """The authority's certificate: what a client is told to trust."""

    def issue(self, kind: str = "good", hosts: Sequence[str] = LOCAL_HOSTS) -> Pair:
        """A server certificate of a kind of `KINDS` for host names and addresses."""
        if kind not in KINDS:
            raise BadCertificate(f"Unknown kind {kind!r}; known are: {', '.join(KINDS)}.")
        if kind == "unknown-authority":
            return Authority("Somebody else").issue("good", hosts)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(hosts[0])
        start, end = _around(days_before=1, days_after=30)
        if kind == "expired":
            start, end = _around(days_before=30, days_after=-1)
        if kind == "not-yet-valid":
            start, end = _around(days_before=-1, days_after=30)
        names = OTHER_HOSTS if kind == "wrong-host" else hosts
        is_own = kind == "self-signed"
        issuer, signer = (subject, key) if is_own else (self._name, self._key)
        built = (
            _builder(subject, issuer, key.public_key(), start, end)
            .add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
            .sign(signer, hashes.SHA256())
        )
        return Pair(built.public_bytes(serialization.Encoding.PEM), _private(key))


def write_all(folder: Path, hosts: Sequence[str] = LOCAL_HOSTS) -> list[Path]:
    """Make an authority and one certificate of each kind in a folder; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority()
    (folder / AUTHORITY_FILE).write_bytes(authority.pem)
    written = [folder / AUTHORITY_FILE]
    for kind in KINDS:
        written += authority.issue(kind, hosts).write(folder, kind)
    return written


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS 1.2 or 1.3; BadCertificate names the file at fault."""
    for path in (certificate, key):
        if not path.is_file():
            raise BadCertificate(f"{path} is no file.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or "no certificate or no key in PEM form"
        raise BadCertificate(f"{certificate} and {key} cannot serve TLS: {reason}.") from error
    return context


def folder_context(folder: Path, kind: str = "good") -> ssl.SSLContext:
    """The certificate of a kind out of a folder, which is filled first when it has none."""
    certificate, key = folder / f"{kind}.pem", folder / f"{kind}.key"
    if not certificate.is_file() or not key.is_file():
        write_all(folder)
    return server_context(certificate, key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _around(*, days_before: int, days_after: int) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(days=days_before), now + timedelta(days=days_after)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
