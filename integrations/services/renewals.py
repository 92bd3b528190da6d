"""Where a connection's refresh token is kept: sealed in PostgreSQL, one for all workers."""

from datetime import datetime, timedelta

from django.db import connection as database
from django.db.models import QuerySet
from django.utils import timezone

from audit.tenancy import reading, tenant
from integrations.fields import open_sealed, seal
from integrations.models import Connection


class InsideTransaction(Exception):
    """A refresh inside an open transaction is a bug: a roll-back would lose the only token."""


class KeptRenewals:
    """The refresh token of one connection, read and written as it is at that moment."""

    def __init__(self, connection: Connection) -> None:
        self._organization_id = connection.organization_id
        self._connection_id = connection.pk

    def read(self) -> str:
        """Return the kept refresh token, "" where nobody has approved.

        Raises `InsideTransaction` before anything can be lost.
        """
        if database.in_atomic_block:
            raise InsideTransaction("Sign in to Anaplan outside of any transaction.")
        with reading(self._organization_id):
            row = self._rows().first()
        return open_sealed(row, "renewal") if row is not None and row.renewal else ""

    def replace(self, shown: str, new: str) -> None:
        """Keep the token that came for `shown`; one of a newer approval stays."""
        with tenant(self._organization_id):
            row = self._rows().select_for_update(no_key=True, of=("self",)).first()
            if row is None or not row.renewal or open_sealed(row, "renewal") != shown:
                return
            keep_renewal(row, new)
            row.save(update_fields=RENEWAL_FIELDS)

    def _rows(self) -> QuerySet[Connection]:
        return Connection.objects.select_related("organization").filter(pk=self._connection_id)


RENEWAL_FIELDS = ("renewal", "renewal_set_at", "secret_ends_at", "announced_days")


def keep_renewal(row: Connection, renewal: str) -> None:
    """Seal a refresh token into a locked row, and note when it ends if its client lets it end."""
    seal(row, "renewal", renewal)
    row.renewal_set_at, row.announced_days = timezone.now(), None
    row.secret_ends_at = end_of_renewal(row)


def end_of_renewal(row: Connection) -> datetime | None:
    """Return when a row's refresh token ends if nobody uses it before; None where it does not."""
    seconds = int(row.address.get("refresh_seconds") or 0)
    if not seconds or row.renewal_set_at is None:
        return None
    return row.renewal_set_at + timedelta(seconds=seconds)
