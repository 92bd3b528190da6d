"""A refused sign-in pauses its connection: no more calls, one mail, until somebody mends it."""

import threading
from collections.abc import Callable

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Organization
from accounts.permissions import Right
from accounts.selectors import list_addresses_with
from accounts.services.mails import send_after_commit
from audit.actions import Action
from audit.catalogue import CATALOGUE
from audit.context import acting, current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import Connection
from integrations.services.tokens import visiting
from integrations.transport.errors import IntegrationError


def pausing(connection: Connection) -> Callable[[IntegrationError], None]:
    """Return what a client calls, in whatever thread, when its sign-in is refused."""
    home, mine = threading.get_ident(), current_acting()

    def pause(refusal: IntegrationError) -> None:
        who = acting(mine.actor, request_id=mine.request_id, run_id=mine.run_id)
        with visiting(home), who:
            pause_connection(connection, refusal)

    return pause


def pause_connection(connection: Connection, refusal: IntegrationError) -> bool:
    """Pause a connection once and tell who may mend it by one mail; return whether it was this.

    Nothing happens where the sign-in was changed since the row was read: it was not that one
    which was refused.
    """
    organization = connection.organization
    with tenant(organization.pk):
        unpaused = Connection.objects.filter(
            pk=connection.pk,
            paused_at__isnull=True,
            secrets=connection.secrets,
            address=connection.address,
        )
        is_paused = unpaused.update(
            paused_at=Now(), paused_code=refusal.code, paused_facts=refusal.facts
        )
        if not is_paused:
            return False
        record_event(
            Action.CONNECTION_PAUSED,
            subject=("connection", connection.name),
            data={"system": connection.system, "code": refusal.code},
        )
        send_after_commit(
            "connection_paused",
            to=list_addresses_with(organization, Right.CONNECT),
            facts={
                "organization": organization,
                "connection": connection,
                "refusal": refusal,
                "url": page_address(connection),
            },
        )
    return True


def resume_connection(*, organization: Organization, connection_id: int) -> bool:
    """Let a paused connection make calls again; return whether it was paused."""
    with tenant(organization.pk):
        paused = Connection.objects.filter(
            organization=organization, pk=connection_id, paused_at__isnull=False
        )
        row = paused.select_for_update(no_key=True).first()
        if row is None:
            return False
        Connection.objects.filter(pk=row.pk).update(paused_at=None, paused_code="", paused_facts={})
        record_event(
            Action.CONNECTION_RESUMED,
            subject=("connection", row.name),
            data={"system": row.system, "code": row.paused_code},
        )
    return True


def check_not_paused(connection: Connection) -> None:
    """Raise `connection_paused` where no call may be made."""
    if connection.paused_at is not None:
        raise IntegrationError(
            "connection_paused",
            name=connection.name,
            cause=CATALOGUE[connection.paused_code].title,
        )


def page_address(connection: Connection) -> str:
    """Return the full address of a connection's page, for mails."""
    path = reverse("connection", args=[connection.organization.slug, connection.pk])
    return f"{settings.PUBLIC_ORIGIN}{path}"
