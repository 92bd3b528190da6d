"""How second factors are kept: the keys of authenticator apps and recovery codes are sealed."""

from collections.abc import Iterator
from contextlib import suppress

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from accounts.notices import REFUSALS

SEALED = frozenset({"secret", "seed"})
"""Names in a second factor's data that hold a sealed key."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """The house's rules where django-allauth asks for them."""

    error_messages = {**DefaultMFAAdapter.error_messages, **REFUSALS}

    def encrypt(self, text: str) -> str:
        """Seal a key before it is stored."""
        return _ring().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored key; one that was tampered with raises instead of giving nonsense."""
        return _ring().decrypt(encrypted_text).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Suggest a name for a passkey."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the site to the browser that keeps the passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": "ml-connector"}


def iter_sealed() -> Iterator[tuple[str, str]]:
    """Yield every sealed key of a second factor: its place, by row and name, and its token."""
    for pk, data in Authenticator.objects.order_by("pk").values_list("pk", "data"):
        for name in SEALED & set(data):
            yield f"{Authenticator._meta.db_table} {pk} {name}", data[name]


def wrap_second_factors_anew() -> int:
    """Seal every key by the newest service key; return how many were changed.

    One row a transaction, each found by what it holds: an interrupted command goes on where it
    stopped. One that no service key opens is left as it is.
    """
    newest = Fernet(settings.ENCRYPTION_KEYS[0])
    changed = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            found = Authenticator.objects.select_for_update().filter(pk=pk).first()
            with suppress(InvalidToken):
                if found is not None and _wrap_anew(found, newest):
                    changed += 1
    return changed


def _wrap_anew(authenticator: Authenticator, newest: Fernet) -> bool:
    names = SEALED & set(authenticator.data)
    old = [name for name in names if not _opens(newest, authenticator.data[name])]
    for name in old:
        authenticator.data[name] = _ring().rotate(authenticator.data[name]).decode()
    if old:
        authenticator.save(update_fields=["data"])
    return bool(old)


def _opens(key: Fernet, token: str) -> bool:
    try:
        key.decrypt(token)
    except InvalidToken:
        return False
    return True


def _ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
