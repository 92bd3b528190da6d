"""Phase 3, load: the lease, the file in chunks, and the import started exactly once."""

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from audit.actions import Action
from audit.trail import record_event
from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import TaskRef
from integrations.models import EvidenceKind, Load, LoadChunk, Phase, Run, RunState
from integrations.pipeline.csvfile import Chunk, Segment, gzip_chunks
from integrations.pipeline.policies import Policies
from integrations.services import clients
from integrations.services.crashpoints import crashpoint
from integrations.services.drift import check_target
from integrations.services.evidence import Place, iter_segments
from integrations.services.leases import (
    check_fence,
    lease_key,
    list_ahead,
    release_lease,
    take_lease,
)
from integrations.services.phases.steps import Again, End, Next, Step, Wait
from integrations.services.states import Slice
from integrations.services.targets import resolve_target
from integrations.transport.errors import IntegrationError

ORGANIZATION_WAIT = 5.0


def advance(work: Slice) -> Step:
    """Take the lease, upload what is missing, start the import or find it started."""
    with work.read() as run:
        load = Load.objects.get(run=run)
        ahead = None if load.intended_at else list_ahead(run)
    if run.cancel_requested and load.intended_at is None:
        return End(RunState.CANCELLED)
    if ahead is not None:
        error = IntegrationError("lists_first", retry_after=ORGANIZATION_WAIT, run=ahead)
        return Wait(ORGANIZATION_WAIT, error)
    quiet = _quiet_seconds(run) if load.intended_at is None else 0
    if quiet:
        until = Policies.parse(run.sync.policies).quiet_to
        return Wait(quiet, IntegrationError("quiet_hours", retry_after=quiet, until=until))
    client = clients.anaplan_of(work, run)
    lease_lost = not _hold_lease(work, run, load, client)
    if lease_lost:
        return Wait(
            ORGANIZATION_WAIT, IntegrationError("model_leased", retry_after=ORGANIZATION_WAIT)
        )
    if load.intended_at is not None:
        return _find_started(work, run, load, client)
    _refuse_busy_model(client)
    if load.uploaded_at is None:
        _upload(work, run, load, client)
        crashpoint("load.uploaded")
        return Again()
    return _start(work, run, load, client)


def _quiet_seconds(run: Run) -> int:
    """Return how long no load may begin, by the organization's clock."""
    now = timezone.now().astimezone(ZoneInfo(run.organization.time_zone))
    return Policies.parse(run.sync.policies).quiet_seconds(now)


def model_key(run: Run, client: AnaplanClient) -> str:
    """Name the model's lease by what Anaplan says after the sign-in."""
    clients.identity_of(run.sync.target, client)
    return lease_key(run.sync.target, run.sync.model_id)


def _hold_lease(work: Slice, run: Run, load: Load, client: AnaplanClient) -> bool:
    """Take or renew the lease; with a new fencing number the upload starts over.

    After the intent the number no longer matters: the file was complete when it was noted.
    """
    key = model_key(run, client)
    with work.commit() as fresh:
        fence = take_lease(fresh, key)
        if fence is None:
            return False
        plan = {**fresh.plan, "lease_key": key}
        Run.objects.filter(pk=fresh.pk).update(plan=plan)
        if load.fence != fence and load.intended_at is None:
            load.fence, load.uploaded_at, load.count_set = fence, None, False
            load.save(update_fields=["fence", "uploaded_at", "count_set"])
            LoadChunk.objects.filter(load=load).update(sent_at=None)
    crashpoint("load.leased")
    return True


def give_up_lease(run: Run) -> None:
    """Release the lease of a run that ends, in the open scope."""
    key = run.plan.get("lease_key")
    if key:
        release_lease(run, key)


def _refuse_busy_model(client: AnaplanClient) -> None:
    status = client.model_status()
    if status.is_busy:
        raise IntegrationError(
            "anaplan_model_busy", retry_after=ORGANIZATION_WAIT, what=status.tooltip or status.step
        )


def _upload(work: Slice, run: Run, load: Load, client: AnaplanClient) -> None:
    """Send each chunk that Anaplan has not taken yet; every answer is checked by the client."""
    file_id = load.file_id
    if not load.count_set:
        _refuse_changed_target(run, client)
        client.set_chunk_count(file_id, -1)
        with work.commit():
            Load.objects.filter(pk=load.pk).update(count_set=True)
    with work.read():
        names = list(run.groups.filter(lines__gt=0).values_list("name", flat=True))
        sent = set(
            LoadChunk.objects.filter(load=load, sent_at__isnull=False).values_list(
                "number", flat=True
            )
        )
    count = 0
    for chunk in gzip_chunks(_segments(run, names), limit=load.chunk_bytes):
        count += 1
        if chunk.number not in sent:
            client.put_chunk(file_id, chunk.number, chunk.gzipped)
            _note_chunk(work, load, chunk)
            crashpoint("load.after_chunk")
        del chunk  # the next one would grow beside it
    client.complete_upload(file_id)
    with work.commit():
        Load.objects.filter(pk=load.pk).update(uploaded_at=Now(), chunks=count)


def _refuse_changed_target(run: Run, client: AnaplanClient) -> None:
    """Look at the import once more: reading and mapping may have taken hours."""
    now = resolve_target(check_target(run.organization, run.sync, client), run.sync)
    if any(run.plan[part] != value for part, value in now.items()):
        raise IntegrationError("anaplan_target_changed", name=run.sync.import_name)


def _segments(run: Run, names: Iterable[str]) -> Iterator[Segment]:
    for name in names:
        place = Place(run.organization_id, run.pk, EvidenceKind.SEGMENT, name)
        yield from iter_segments(place)


def _note_chunk(work: Slice, load: Load, chunk: Chunk) -> None:
    with work.commit() as run:
        check_fence(run, run.plan["lease_key"], load.fence)
        LoadChunk.objects.update_or_create(
            organization=run.organization,
            load=load,
            number=chunk.number,
            defaults={
                "first_line": chunk.first_line,
                "last_line": chunk.last_line,
                "raw_size": chunk.raw_size,
                "sha256": chunk.sha256,
                "sent_at": Now(),
            },
        )
        record_event(
            Action.CHUNK_SENT,
            subject=("file", load.file_id),
            data={
                "chunk": chunk.number,
                "sha256": chunk.sha256,
                "lines": [chunk.first_line, chunk.last_line],
            },
        )


def _start(work: Slice, run: Run, load: Load, client: AnaplanClient) -> Step:
    """Note the intent, start the import, note its task: three separate commits."""
    known = [task.id for task in client.list_tasks(load.kind, load.action_id)]
    with work.commit() as fresh:
        check_fence(fresh, fresh.plan["lease_key"], load.fence)
        Load.objects.filter(pk=load.pk).update(known_tasks=known, intended_at=Now())
        record_event(
            Action.IMPORT_INTENDED,
            subject=("import", load.import_id),
            data={"known_tasks": len(known), "fence": load.fence},
        )
    crashpoint("load.intended")
    try:
        task_id = client.start_import(load.import_id, _prompts(run), process_id=load.process_id)
    except IntegrationError as error:
        if error.code == "anaplan_start_unclear":
            return Wait(1.0, error=error)
        _forget_intent(work, load)
        raise
    crashpoint("load.started")
    return _note_started(work, load, task_id, Action.IMPORT_STARTED)


def _prompts(run: Run) -> list[tuple[str, str]]:
    return [(prompt["entityType"], prompt["entityName"]) for prompt in run.sync.parameters]


def _note_started(work: Slice, load: Load, task_id: str, action: Action) -> Step:
    with work.commit():
        Load.objects.filter(pk=load.pk).update(task_id=task_id)
        record_event(action, subject=("import", load.import_id), data={"task": task_id})
    return Next(Phase.COLLECT)


def _forget_intent(work: Slice, load: Load) -> None:
    with work.commit():
        Load.objects.filter(pk=load.pk).update(known_tasks=None, intended_at=None)


def _find_started(work: Slice, run: Run, load: Load, client: AnaplanClient) -> Step:
    """Look for the import that was about to be started; never start it blindly.

    Exactly one new task is adopted. None at all, although the import is visible and time was
    given, means that the start never arrived: it is made once more. Several are nobody's
    guess: the run reads back what Anaplan holds instead.
    """
    known = set(load.known_tasks or ())
    tasks = client.list_tasks(load.kind, load.action_id)
    new = [task for task in tasks if task.id not in known]
    if len(new) == 1:
        return _note_started(work, load, new[0].id, Action.IMPORT_ADOPTED)
    if new:
        return _settle_by_reading(work, load, new)
    age = _age_of_intent(work, load)
    if age < settings.START_GRACE_SECONDS:
        wait = settings.START_GRACE_SECONDS - age
        return Wait(wait, IntegrationError("anaplan_start_unclear", retry_after=wait))
    offered = client.processes() if load.process_id else client.imports()
    if all(action.id != load.action_id for action in offered):
        raise IntegrationError("anaplan_import_missing", name=run.plan["import_name"])
    _forget_intent(work, load)
    return Again()


def _age_of_intent(work: Slice, load: Load) -> float:
    """Return the seconds since the intent, by the clock that wrote it: a worker's may be off."""
    with work.read():
        since = Load.objects.annotate(since=Now() - F("intended_at")).get(pk=load.pk).since
    return float(since.total_seconds())


def _settle_by_reading(work: Slice, load: Load, new: list[TaskRef]) -> Step:
    facts: dict[str, Any] = {"reason": "several imports were started at the same time"}
    with work.commit():
        Load.objects.filter(pk=load.pk).update(outcome="unknown", result=facts)
        record_event(
            Action.IMPORT_ADOPTED,
            subject=("import", load.import_id),
            data={"unclear": [task.id for task in new]},
        )
    return Next(Phase.RECONCILE)
