"""Doing a wish of the REST API once, however often it is sent."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wish:
    """A call with an `Idempotency-Key`: what tells it from another call with the same key."""

    key: str
    method: str
    path: str
    body: bytes

    @property
    def digest(self) -> str:
        """Return the digest over method, address and body."""
        head = f"{self.method} {self.path}\n".encode()
        return hashlib.sha256(head + self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given before."""

    status: int
    headers: dict[str, str]
    body: Any


def begin_wish(*, organization: Organization, wish: Wish) -> Kept | None:
    """Take the key for this wish, or return the answer that it had; inside an open scope.

    Where the same key is at work, this waits until that call has ended. Raises Refused:
    api_idempotency_key_reused.
    """
    with tenant(organization.pk):
        mine = KeptAnswer.objects.filter(organization=organization, key=wish.key)
        mine.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()
        KeptAnswer.objects.bulk_create(
            [KeptAnswer(organization=organization, key=wish.key, digest=wish.digest)],
            ignore_conflicts=True,
        )
        row = mine.get()
        if row.digest != wish.digest:
            raise Refused("api_idempotency_key_reused")
        # Another call's row without an answer is never seen: it is not committed yet.
        return None if row.status is None else Kept(row.status, row.headers, row.body)


def end_wish(
    *, organization: Organization, wish: Wish, status: int, headers: dict[str, str], body: Any
) -> None:
    """Keep the answer to a wish in the transaction of what was done for it."""
    with tenant(organization.pk):
        KeptAnswer.objects.filter(organization=organization, key=wish.key).update(
            status=status, headers=headers, body=body
        )


def purge_answers() -> int:
    """Remove the answers of all organizations that are older than a day."""
    removed = 0
    for organization_id in Organization.objects.values_list("pk", flat=True):
        with tenant(organization_id):
            old = KeptAnswer.objects.filter(
                organization_id=organization_id, created_at__lte=timezone.now() - KEPT_FOR
            )
            removed += old.delete()[0]
    return removed
