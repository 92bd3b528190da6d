"""A team of processes starts, revives, is told apart and ends together."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from connector_site.places import CHECKOUT, Place
from connector_site.processes import CannotStart
from connector_site.team import Team

SUPERVISE = """
import os, sys, time
from pathlib import Path
from connector_site.places import Place
from connector_site.team import Team
place = Place("demo", Path(sys.argv[1]))
place.prepare()
team = Team(place)
team.environment |= {"PATH": os.environ["PATH"]}
member = team.start("parent", ["/bin/sh", "-c", "sleep 600 & echo $!; wait"])
team.announce("http://127.0.0.1:9")
time.sleep(0.5)
print(member.process.pid, member.log.read_text().strip(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place("demo", tmp_path / "place")
    place.prepare()
    return place


def supervise(place: Place) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(place.folder)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


def eventually(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pids(supervisor: subprocess.Popen[str]) -> tuple[int, int]:
    assert supervisor.stdout is not None
    parent, child = supervisor.stdout.readline().split()
    return int(parent), int(child)


def test_a_second_start_is_told_where_the_first_one_runs(place: Place):
    with supervise(place) as first:
        pids(first)
        with pytest.raises(CannotStart, match=rf"at http://127\.0\.0\.1:9 \(process {first.pid}\)"):
            Team(place)
        first.kill()


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next_start(place: Place):
    with supervise(place) as killed:
        parent, child = pids(killed)
        killed.kill()
    if sys.platform.startswith("linux"):
        eventually(lambda: not psutil.pid_exists(parent))
    team = Team(place)
    assert not psutil.pid_exists(parent)
    assert not psutil.pid_exists(child)
    team.stop()


def test_what_ends_by_itself_is_started_again(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connector_site.team._SHORT_LIFE_SECONDS", 0.0)
    team = Team(place)
    member = team.start("sleeper", ["/bin/sleep", "600"])
    member.process.kill()
    member.process.wait()
    assert team.revive() == ["sleeper ended by itself (status -9) and was started again."]
    assert member.process.poll() is None
    assert team.revive() == []
    team.stop()
    assert member.process.returncode == -signal.SIGTERM


def test_what_cannot_stay_up_stops_the_team_with_its_last_words(place: Place):
    team = Team(place)
    member = team.start("broken", ["/bin/sh", "-c", "echo no such setting; exit 3"])
    member.process.wait()
    with pytest.raises(CannotStart, match=r"(?s)broken keeps ending.*no such setting"):
        team.revive()
    team.stop()


def test_what_does_not_listen_to_the_first_signal_is_killed(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connector_site.team._PATIENCE_SECONDS", 0.3)
    team = Team(place)
    member = team.start("deaf", ["/bin/sh", "-c", "trap '' TERM; echo ready; sleep 600"])
    eventually(lambda: "ready" in member.log.read_text())
    team.stop()
    assert member.process.returncode == -signal.SIGKILL
    assert not (place.folder / "running.json").exists()


def test_the_card_of_a_running_team_is_readable_to_its_owner_only(place: Place):
    team = Team(place)
    team.announce("http://127.0.0.1:9")
    card = place.folder / "running.json"
    assert json.loads(card.read_text())["url"] == "http://127.0.0.1:9"
    assert card.stat().st_mode & 0o077 == 0
    team.stop()
