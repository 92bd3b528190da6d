"""Model fields for secrets and for exact amounts."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from accounts.models import Organization
from audit.tenancy import reading
from integrations.encryption import KeyRing, SealBroken

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
    _AnyField = models.Field[Any, Any]
else:
    _TextField = models.TextField
    _AnyField = models.Field


def key_ring() -> KeyRing:
    """Build the service's key ring from its settings."""
    return KeyRing(settings.ENCRYPTION_KEYS)


class SealedField(_TextField):
    """Holds a sealed text; it opens only on demand, by `open_sealed`.

    The model needs `organization` (with `wrapped_key`) and `reference`, a value that names
    the row for ever; both are bound into the token, so a token copied elsewhere stays shut.
    """

    def context(self, row: Any) -> str:
        """Name the one place where a token of this field opens."""
        parts = (row.organization_id, self.model._meta.db_table, row.reference, self.name)
        return "/".join(str(part) for part in parts)


def seal(row: Any, field_name: str, text: str) -> None:
    """Seal a text into the row's field; the row is not saved.

    The data key is read anew and held until the transaction ends, so that a renewal of it waits.
    """
    field = row._meta.get_field(field_name)
    held = Organization.objects.select_for_update(no_key=True).get(pk=row.organization_id)
    setattr(row, field_name, key_ring().seal(held.wrapped_key, field.context(row), text))


def open_sealed(row: Any, field_name: str) -> str:
    """Open the row's sealed field; raise `SealBroken` where it does not belong here.

    A row that was read before its organization's data key was renewed is read once more.
    """
    try:
        return _open(row, field_name)
    except SealBroken:
        with reading(row.organization_id):
            kept = type(row)._default_manager.select_related("organization").filter(pk=row.pk)
            now = kept.first()
        if now is None or getattr(now, field_name) == getattr(row, field_name):
            raise
        return _open(now, field_name)


def _open(row: Any, field_name: str) -> str:
    field = row._meta.get_field(field_name)
    token = getattr(row, field_name)
    if not token:
        raise SealBroken(field.context(row))
    return key_ring().open(row.organization.wrapped_key, field.context(row), token)


class AmountField(_AnyField):
    """An exact amount of any length: PostgreSQL's `numeric` without a limit."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        """Use the unlimited numeric type."""
        return "numeric"

    def to_python(self, value: Any) -> Decimal | None:
        """Read text and integers; a float is refused."""
        if isinstance(value, float):
            raise TypeError("An amount is never a float.")
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> Decimal | None:
        """Hand a Decimal to the database."""
        return self.to_python(value)
