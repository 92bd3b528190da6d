"""Following a run to its end, from a command or a test."""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Phase, Run
from integrations.services.runs import advance_run

PHASES = tuple(Phase)
WORST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: its state, its phase and the share of phases behind it (0 to 1)."""

    state: str
    phase: str
    share: float
    is_over: bool


def read_progress(organization: Organization, run_id: int) -> Progress:
    """Return where a run stands now."""
    with tenant(organization.pk):
        run = Run.objects.get(organization=organization, pk=run_id)
        units, read = run.units.count(), run.units.filter(is_read=True).count()
        groups = run.groups.count()
        done = {
            Phase.EXTRACT: read / units if units else 0.0,
            Phase.MAP: run.groups.filter(is_mapped=True).count() / groups if groups else 0.0,
            Phase.RECONCILE: run.groups.filter(is_tied_out=True).count() / groups
            if groups
            else 0.0,
        }
    place = PHASES.index(Phase(run.phase))
    share = 1.0 if not run.is_active else (place + done.get(Phase(run.phase), 0.0)) / len(PHASES)
    return Progress(run.state, run.phase, share, is_over=not run.is_active)


def follow(organization: Organization, run_id: int, *, pause: float = 0.3) -> Iterator[Progress]:
    """Yield a run's progress until it has ended; the workers move it."""
    while True:
        progress = read_progress(organization, run_id)
        yield progress
        if progress.is_over:
            return
        time.sleep(pause)


def expect_long_streams() -> None:
    """Let this process look for garbage less often.

    A run makes tuples by the million that die by themselves; Python's default counts each 700
    of them as a reason to look through all (a tenth to a quarter of a run's time).
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def drive(
    organization: Organization,
    run_id: int,
    *,
    sleep: Callable[[float], None] = time.sleep,
    on_step: Callable[[], None] = lambda: None,
) -> Progress:
    """Move a run to its end in this process, waiting where it waits."""
    expect_long_streams()
    while True:
        wait = advance_run(organization.pk, run_id)
        on_step()
        progress = read_progress(organization, run_id)
        if progress.is_over:
            return progress
        sleep(min(wait if wait is not None else 0.2, WORST_WAIT))
