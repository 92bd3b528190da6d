"""Writing into the trail that somebody tried what they may not."""

from accounts.api_keys import Scope
from accounts.models import Organization
from accounts.permissions import Right
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event


def note_refusal(
    *, organization: Organization, actor: str, right: Right | Scope, address: str
) -> None:
    """Note a refused deed in a transaction of its own, since the refused one left nothing."""
    with tenant(organization.pk), acting(actor):
        record_event(Action.DEED_REFUSED, subject=("address", address), data={"right": str(right)})
