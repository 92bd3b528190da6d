"""Claims on runs and the only place that writes a run's state."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.actions import Action
from audit.context import acting
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations.models import DueRun, Run, RunState
from integrations.models.runs import ACTIVE, ENDED, MOVES

SLICE_SECONDS = 45.0
ROWS_TOGETHER = 50_000


class ClaimLost(Exception):
    """Another worker moves the run now; this one must not write any more."""


class BadMove(Exception):
    """A state was asked for that the table of moves does not allow."""


@dataclass(slots=True)
class Slice:
    """One short stretch of work on a claimed run."""

    organization_id: int
    run_id: int
    claim: str
    ends_at: float = field(default_factory=lambda: monotonic() + SLICE_SECONDS)
    cache: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    _first: Run | None = None
    _open: Run | None = None

    @property
    def is_over(self) -> bool:
        """Whether the slice's time is used up and the next one should go on."""
        return monotonic() >= self.ends_at

    @contextmanager
    def commit(self) -> Iterator[Run]:
        """Open a transaction that only the holder of the claim can commit.

        It renews the claim (the heartbeat) and locks the run's row; raises `ClaimLost` where
        another worker has taken over. Inside an open one it is part of that one.
        """
        if self._open is not None:
            yield self._open
            return
        with tenant(self.organization_id):
            renewed = Run.objects.filter(pk=self.run_id, claim=self.claim).update(
                claimed_until=_lease_end()
            )
            if renewed != 1:
                raise ClaimLost(self.claim)
            self._open = self._load()
            try:
                yield self._open
            finally:
                self._open = None

    @contextmanager
    def read(self) -> Iterator[Run]:
        """Open a transaction to read in; nothing is renewed."""
        with reading(self.organization_id):
            yield self._load()

    @contextmanager
    def together(self, *, rows: int) -> Iterator[None]:
        """Make one transaction of many small ones where the work is short: few rows.

        Long work commits as it goes, so that the claim is renewed and little is done twice.
        """
        if rows > ROWS_TOGETHER:
            yield
            return
        with self.commit():
            yield

    def _load(self) -> Run:
        """Read the run's row as it is now; what it points at is read once a slice."""
        if self._first is None:
            self._first = Run.objects.select_related(
                "organization",
                "parent",
                "mapping_version",
                "sync__organization",
                "sync__source__organization",
                "sync__target__organization",
            ).get(pk=self.run_id)
        run = Run.objects.get(pk=self.run_id)
        for name in ("organization", "parent", "mapping_version", "sync"):
            setattr(run, name, getattr(self._first, name))
        return run


def _lease_end() -> Any:
    return Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)


def claim_run(organization_id: int, run_id: int) -> Slice | None:
    """Claim a run that is due and unclaimed, in one conditional update; None if it is not."""
    claim = str(uuid.uuid4())
    with tenant(organization_id):
        mine = Run.objects.filter(organization_id=organization_id, pk=run_id)
        due = mine.filter(state__in=ACTIVE, not_before__lte=Now()).filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now())
        )
        if due.update(claim=claim, claimed_until=_lease_end()) != 1:
            return None
        run = Run.objects.get(pk=run_id)
        if run.state != RunState.RUNNING:
            first = run.started_at is None
            move(run, RunState.RUNNING)
            if first:
                Run.objects.filter(pk=run_id).update(started_at=Now())
                with acting(run_id=run_id):
                    record_event(Action.RUN_STARTED, subject=("run", run_id))
    return Slice(organization_id, run_id, claim)


def move(run: Run, state: RunState, **fields: Any) -> None:
    """Move a run to a state that the table allows, together with other fields.

    Raises `BadMove` where the table forbids it or the run has moved meanwhile.
    """
    if state not in MOVES.get(run.state, frozenset()):
        raise BadMove(f"{run.state} -> {state}")
    if state in ENDED:
        fields |= {"finished_at": Now(), "claim": "", "claimed_until": None}
    moved = Run.objects.filter(pk=run.pk, state=run.state).update(state=state, **fields)
    if moved != 1:
        raise BadMove(f"{run.state} -> {state}: the run has moved")
    run.state = state
    if state in ENDED:
        DueRun.objects.filter(run_id=run.pk).delete()


def release(work: Slice, *, wait: float) -> None:
    """Give the claim back and let the run be due again in `wait` seconds."""
    due = Now() + timedelta(seconds=wait)
    with tenant(work.organization_id):
        released = Run.objects.filter(pk=work.run_id, claim=work.claim).update(
            claim="", claimed_until=None, not_before=due
        )
        if released:
            DueRun.objects.filter(run_id=work.run_id).update(due_at=due)


def count_failure(work: Slice) -> int:
    """Add one to the failures in a row and return how many there are."""
    with work.commit() as run:
        Run.objects.filter(pk=run.pk).update(failures=F("failures") + 1)
        return run.failures + 1


def lock_sync(sync_id: int) -> None:
    """Serialise what creates runs of one sync, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sync:{sync_id}"])
