"""Prints fresh secrets for the environment: python -m connector_site.new_keys."""

import base64
import secrets
import sys


def new_secret_key() -> str:
    """A random value for SECRET_KEY."""
    return secrets.token_urlsafe(60)


def new_encryption_key() -> str:
    """A random Fernet key for ENCRYPTION_KEYS: 32 bytes in URL-safe Base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


if __name__ == "__main__":
    sys.stdout.write(f"SECRET_KEY={new_secret_key()}\nENCRYPTION_KEYS={new_encryption_key()}\n")
