"""Tokens of links in mails: 256 random bits, of which only a digest is kept."""

import hashlib
import secrets

_BYTES = 32


def new_token() -> str:
    """Return a new token; whoever has it may open the link.

    Hexadecimal, so that it is always taken for a secret and kept out of log lines.
    """
    return secrets.token_hex(_BYTES)


def digest_of(token: str) -> str:
    """Return the form in which a token is kept and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
