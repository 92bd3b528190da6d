"""The lists of both systems: read after runs, by night and when asked, and looked after here."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from accounts.models import Organization
from audit.context import acting
from audit.tenancy import tenant
from integrations import queue
from integrations.models import CodeList, MemberList, Run, RunKind
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.references import list_loads
from integrations.services.code_reading import refresh_codes
from integrations.services.list_choices import guess_lists
from integrations.services.member_reading import refresh_members
from integrations.services.nights import ENOUGH, is_due

REST = timedelta(minutes=15)
"""How long a list is not read again after a try, unless somebody asks."""

ASKED_SECONDS = 240


def read_lists(organization: Organization, *, is_asked: bool = False) -> None:
    """Read the lists that syncs use in both systems; those tried a moment ago only when asked.

    Calls both systems, so it is never used inside a transaction. Whatever fails is noted on its
    list and fails nothing else. Two at once only read twice.
    """
    now = timezone.now()
    before = now if is_asked else now - REST
    refresh_codes(organization, before=before)
    if cache.add(_guessed(organization.pk), 1, ENOUGH.total_seconds()) or is_asked:
        guess_lists(organization)
    refresh_members(organization, before=before)


def read_by_worker(organization_id: int, *, is_asked: bool) -> None:
    """Read the lists of an organization that is open, for nobody who waits."""
    organization = Organization.objects.filter(pk=organization_id, closed_at=None).first()
    if organization is None:
        return
    with acting("system"):
        read_lists(organization, is_asked=is_asked)
    if is_asked:
        cache.delete(_asked(organization_id))


def ask_to_read(organization: Organization) -> None:
    """Let the workers read all lists now; the page says so until they have."""
    cache.set(_asked(organization.pk), 1, ASKED_SECONDS)
    with tenant(organization.pk):
        queue.hint_lists(organization.pk, is_asked=True)


def is_being_read(organization: Organization) -> bool:
    """Whether somebody has asked for a reading that is not over."""
    return bool(cache.get(_asked(organization.pk)))


def ask_after(run: Run) -> None:
    """Let lists that are due be read after a load; a list that was loaded is due at once.

    Inside the transaction that ends the run: the reading is no part of it and cannot fail it.
    """
    if run.kind != RunKind.LOAD or run.sync.brings_plan:
        return
    if DATA_SETS[run.sync.data_set].is_list:
        loaded = MemberList.objects.filter(
            organization=run.organization_id,
            model_id=run.sync.model_id,
            list_name=run.sync.export_name,
        )
        loaded.update(tried_at=None)
    queue.hint_lists(run.organization_id)


def hint_due_readings(now: datetime | None = None) -> int:
    """Hint at every organization of whose lists one is due by night; return how many."""
    at = now or timezone.now()
    due = 0
    for organization in Organization.objects.filter(closed_at__isnull=True).iterator():
        with tenant(organization.pk):
            if _is_due(organization, at):
                queue.hint_lists(organization.pk)
                due += 1
    return due


def _is_due(organization: Organization, now: datetime) -> bool:
    """Whether no list was tried for too long; before the first try, whether a sync uses any."""
    tried = [
        model.objects.filter(organization=organization).aggregate(last=Max("tried_at"))["last"]
        for model in (CodeList, MemberList)
    ]
    moments = [moment for moment in tried if moment is not None]
    if not moments:
        return bool(list_loads(organization))
    return is_due(max(moments), now, organization.time_zone)


def _asked(organization_id: int) -> str:
    return f"lists-asked:{organization_id}"


def _guessed(organization_id: int) -> str:
    """Name what is kept as long as the last guess is young."""
    return f"lists-guessed:{organization_id}"
