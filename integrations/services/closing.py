"""Closing an organization: asked for, taken back within seven days, or carried out."""

import logging
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Invitation, Membership, Organization, User
from accounts.permissions import Right
from accounts.selectors import list_owner_addresses
from accounts.services.deeds import check_right, deed, lock_organization
from accounts.services.departures import end_lonely_sessions, withdraw_all
from accounts.services.keys import revoke_all_keys
from accounts.services.mails import send_after_commit
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.selectors.organizations import Holdings, count_holdings
from integrations.services.stopping import ask_all_to_stop, end_all_runs

logger = logging.getLogger(__name__)

GRACE = timedelta(days=7)
CLOSED_BY = "the closing"


def ask_to_close(*, organization: Organization, actor: User, typed_name: str) -> Organization:
    """Let an organization close in seven days; until then any owner may take it back.

    From now on no run is started, and those under way are asked to stop.
    Raises Refused: right_missing, name_differs, closes_already.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.CLOSE_ORGANIZATION)
        if typed_name.strip() != locked.name.strip():
            raise Refused("name_differs")
        if locked.is_closing:
            raise Refused("closes_already")
        holdings = count_holdings(locked)
        closes_at = timezone.now() + GRACE
        Organization.objects.filter(pk=locked.pk).update(closes_at=closes_at)
        locked.refresh_from_db()
        record_event(
            Action.ORGANIZATION_CLOSING,
            subject=("organization", locked.slug),
            data={"closes_at": closes_at.isoformat(), "has": holdings.as_data()},
        )
        ask_all_to_stop(locked, requested_by=actor.email)
        _tell_owners("closing_asked", locked, holdings, by=actor.email)
        return locked


def keep_organization(*, organization: Organization, actor: User) -> Organization:
    """Take the closing back: everything is as before, but for the runs that were stopped.

    Raises Refused: right_missing, not_closing.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.CLOSE_ORGANIZATION)
        still_open = Organization.objects.filter(pk=locked.pk, closes_at__gt=Now())
        if not still_open.update(closes_at=None):
            raise Refused("not_closing")
        locked.refresh_from_db()
        record_event(Action.ORGANIZATION_KEPT, subject=("organization", locked.slug))
        _tell_owners("closing_taken_back", locked, count_holdings(locked), by=actor.email)
        return locked


def close_due_organizations() -> int:
    """Carry out every closing whose days of grace are over; return how many were closed.

    One that fails is tried again by the next tick and does not hold up the others.
    """
    due = Organization.objects.filter(closes_at__lte=Now(), closed_at__isnull=True)
    closed = 0
    for organization_id in list(due.order_by("closes_at").values_list("pk", flat=True)):
        try:
            closed += _close(organization_id)
        except Exception:
            logger.exception("organization %s could not be closed yet", organization_id)
    return closed


def _close(organization_id: int) -> bool:
    with tenant(organization_id), acting("system"):
        organization = lock_organization(organization_id)
        if organization.closed_at is not None or not organization.is_closed:
            return False
        owners, holdings = list_owner_addresses(organization), count_holdings(organization)
        end_all_runs(organization)
        revoke_all_keys(organization=organization, revoked_by=CLOSED_BY)
        withdraw_all(organization, Invitation.objects.all())
        Organization.objects.filter(pk=organization_id).update(
            closed_at=timezone.now(), wrapped_key=""
        )
        for member in Membership.objects.select_related("user").filter(organization=organization):
            end_lonely_sessions(member.user)
        record_event(
            Action.ORGANIZATION_CLOSED,
            subject=("organization", organization.slug),
            data={"had": holdings.as_data()},
        )
        facts = {"organization": organization, "has": holdings}
        send_after_commit("closing_done", to=owners, facts=facts)
        return True


def _tell_owners(template: str, organization: Organization, has: Holdings, *, by: str) -> None:
    facts = {"organization": organization, "has": has, "by": by}
    send_after_commit(template, to=list_owner_addresses(organization), facts=facts)
