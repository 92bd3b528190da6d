"""Which pings are kept: the newest ones of each connection."""

from django.db.models import Count

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Ping

KEPT_PINGS = 20


def purge_pings() -> int:
    """Remove all but the newest pings of each connection; return how many."""
    removed = 0
    for organization_id in Organization.objects.values_list("pk", flat=True):
        with tenant(organization_id):
            rows = Ping.objects.filter(organization_id=organization_id)
            full = (
                rows.values("connection").annotate(count=Count("pk")).filter(count__gt=KEPT_PINGS)
            )
            for connection_id in full.order_by().values_list("connection", flat=True):
                mine = rows.filter(connection_id=connection_id).order_by("-pk")
                oldest = mine.values_list("pk", flat=True)[KEPT_PINGS - 1]
                removed += mine.filter(pk__lt=oldest).delete()[0]
    return removed
