"""TLS to customers' addresses: whom to trust, and why a secure connection did not come about."""

import ssl
from functools import lru_cache

import certifi

from integrations.transport.errors import IntegrationError

# OpenSSL's reasons (x509_vfy.h) for which a customer does something of its own.
_CODES = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    62: "tls_wrong_host",
    64: "tls_wrong_host",
    # The chain ends somewhere that nobody vouches for, or a part of it was not sent.
    2: "tls_unknown_authority",
    19: "tls_unknown_authority",
    20: "tls_unknown_authority",
    21: "tls_unknown_authority",
}


@lru_cache(maxsize=32)
def build_tls_context(ca_pem: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with full checking; `ca_pem` adds authorities to the public ones.

    Raises `authority_unreadable` when that text is no certificate.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_pem:
        try:
            context.load_verify_locations(cadata=ca_pem)
        except (ssl.SSLError, ValueError) as error:
            raise IntegrationError("authority_unreadable", str(error)) from error
    return context


def name_tls_failure(error: Exception, host: str) -> IntegrationError:
    """Tell which of the causes kept a secure connection from coming about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        code = _CODES.get(error.verify_code, "tls_certificate_invalid")
        return IntegrationError(code, str(error), host=host, reason=reason)
    if isinstance(error, ssl.CertificateError):
        return IntegrationError("tls_wrong_host", str(error), host=host)
    return IntegrationError("tls_handshake_failed", str(error), host=host)
