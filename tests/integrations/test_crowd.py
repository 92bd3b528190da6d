"""Eight processes at once: within the budget, within the manners, and never early."""

import json
import subprocess
import sys
import time
from bisect import bisect_left
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.qad.profile import default_profile
from simulators import server
from simulators.anaplan.app import build_app as build_anaplan
from simulators.qad.app import build_app as build_qad
from tests.integrations.anaplan.conftest import StandIn as Anaplan
from tests.integrations.qad.conftest import LOGIN, write_books
from tests.integrations.qad.conftest import StandIn as Qad
from tests.simulators.anaplan.client import ANNA, MODEL_FILE

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 8
# A minute and the second beside it, made short.
MINUTE, BESIDE = 1.5, 0.5
BUDGET = 40
STORM_SECONDS, CALM_SECONDS = 3.0, 2.5
GAP_MS = 40


@contextmanager
def crowd(engines, **order):
    """Let a crowd loose; what it gives is called to hear what each worker has noted."""
    order |= {"redis": engines["REDIS_URL"], "key": f"crowd:{time.time_ns()}", "workers": WORKERS}
    command = [sys.executable, "tests/integrations/crowd.py", json.dumps(order)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**engines, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline() == b"begun\n"
            yield lambda: json.loads(process.communicate(timeout=60)[0])
        finally:
            process.kill()


def fullest(moments, seconds):
    """Return the most moments that any such stretch of time holds."""
    moments = sorted(moments)
    return max(
        bisect_left(moments, start + seconds) - number for number, start in enumerate(moments)
    )


def arrivals(calls):
    """Return when calls arrived at the stand-in."""
    return [call["at"] - call["seconds"] for call in calls]


@pytest.mark.timeout(120)
def test_a_storm_of_429_is_met_within_the_budget_and_never_early(engines):
    with server.start(build_anaplan(MODEL_FILE)) as running:
        anaplan = Anaplan(running.origin)
        anaplan.settings(requests_per_minute=8, rate_window_seconds=MINUTE)
        with crowd(
            engines,
            system="anaplan",
            origin=running.origin,
            user=ANNA[0],
            password=ANNA[1],
            limit=BUDGET,
            window=MINUTE + BESIDE,
            seconds=STORM_SECONDS + CALM_SECONDS,
        ) as notes_of_all:
            time.sleep(STORM_SECONDS)
            anaplan.settings(requests_per_minute=0)
            notes = notes_of_all()
        refused = anaplan.count("too_many_requests")
        calls = anaplan.calls("^/(2/0|token)/")
    granted = sorted(moment for each in notes for moment in each["granted"])
    paused = [stretch for each in notes for stretch in each["paused"]]
    assert refused >= 2
    assert len(paused) == refused
    assert len(calls) == len(granted), "every call was one of the budget's"
    assert [
        moment - start for start, end in paused for moment in granted if start < moment < end
    ] == []
    assert fullest(arrivals(calls), MINUTE) <= BUDGET
    assert fullest(granted, MINUTE + BESIDE) > BUDGET / 2, "the budget is there to be used"
    assert all(each["granted"] for each in notes), "every worker had its share"


@pytest.mark.timeout(120)
def test_qad_is_called_two_at_a_time_and_spaced_whoever_calls(engines, tmp_path):
    profile = default_profile()
    profile["limits"] |= {"min_gap_ms": GAP_MS, "concurrency": 2}
    profile["paging"]["size"] = 5
    with server.start(build_qad(write_books(tmp_path / "books"))) as running:
        qad = Qad(running)
        qad.settings(page_seconds=0.05)
        with crowd(
            engines,
            system="qad",
            origin=running.url,
            profile=profile,
            credentials=LOGIN,
            workspace=["10USA", "10USACO"],
        ) as notes_of_all:
            notes = notes_of_all()
        calls = qad.look("requests?path=clouderp")["requests"]
        most = qad.count("max_parallel")
    assert notes == [{"rows": [5, 5, 5, 5, 3]}] * WORKERS
    assert len(calls) >= WORKERS * 6
    assert most == 2
    moments = arrivals(calls)
    assert max(moments) - min(moments) >= (len(calls) - 2) * GAP_MS / 1000
    assert fullest(moments, GAP_MS / 1000 * 10) <= 10 + 2
