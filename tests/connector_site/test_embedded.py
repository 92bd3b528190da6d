"""Embedded engines live as long as somebody uses them, and survive being killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from connector_site.embedded import engine_group
from connector_site.engines import leave_engines, use_engines
from connector_site.locks import is_held_alone
from connector_site.places import CHECKOUT, OWNER_ROLE, Place, place_secrets
from connector_site.processes import GROUP_VARIABLE, end_survivors

HOLD = """
import sys, time
from pathlib import Path
from connector_site.engines import use_engines
from connector_site.places import Place
engines, users = use_engines(Place("test", Path(sys.argv[1])))
print(engines.postgres_port, engines.host_pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place("test", tmp_path / "place")
    yield place
    end_survivors(engine_group(place))


def hold(place: Place) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place.folder)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(holder: subprocess.Popen[str]) -> tuple[int, int]:
    assert holder.stdout is not None
    port, host = holder.stdout.readline().split()
    return int(port), int(host)


def kill(holder: subprocess.Popen[str]) -> None:
    with holder:
        holder.kill()


def members(place: Place) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(GROUP_VARIABLE) == engine_group(place):
                found.append(process)
        except psutil.Error:
            continue
    return found


def eventually(happens: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def owner_url(place: Place, port: int) -> str:
    password = place_secrets(place)["owner"]
    return f"postgresql://{OWNER_ROLE}:{password}@127.0.0.1:{port}/connector"


def test_the_last_user_takes_the_engines_down(place: Place):
    engines, users = use_engines(place)
    assert sorted(process.name() for process in members(place)) == ["postgres", "valkey-server"]
    leave_engines(place, users)
    assert members(place) == []
    assert not psutil.pid_exists(engines.host_pid)
    assert not (place.folder / "engines.json").exists()


def test_a_second_user_shares_the_engines_and_keeps_them_up(place: Place):
    first, second = hold(place), hold(place)
    port, host = told(first)
    assert told(second) == (port, host)
    kill(first)
    time.sleep(0.5)
    psycopg.connect(owner_url(place, port)).close()
    kill(second)
    eventually(lambda: not members(place))


def test_data_outlives_a_killed_user(place: Place):
    holder = hold(place)
    port, _host = told(holder)
    with psycopg.connect(owner_url(place, port)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    kill(holder)
    eventually(lambda: not members(place))
    engines, users = use_engines(place)
    with psycopg.connect(owner_url(place, engines.postgres_port)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    leave_engines(place, users)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children")
def test_a_killed_host_takes_its_engines_along(place: Place):
    holder = hold(place)
    _port, host = told(holder)
    os.kill(host, signal.SIGKILL)
    eventually(lambda: not members(place))
    kill(holder)


def test_a_killed_host_and_killed_engines_do_not_stop_the_next_start(place: Place):
    holder = hold(place)
    _port, host = told(holder)
    os.kill(host, signal.SIGSTOP)
    for process in [*members(place), psutil.Process(host)]:
        process.kill()
    kill(holder)
    eventually(lambda: not is_held_alone(place.folder / "host.lock"))
    assert (place.folder / "engines.json").exists()
    assert (place.folder / "postgres" / "postmaster.pid").exists()
    engines, users = use_engines(place)
    assert engines.host_pid != host
    psycopg.connect(owner_url(place, engines.postgres_port)).close()
    leave_engines(place, users)


def test_survivors_of_a_killed_host_are_ended_by_the_next_one(place: Place):
    place.prepare()
    environment = {**os.environ, GROUP_VARIABLE: engine_group(place)}
    started = subprocess.run(
        ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    survivor = int(started.stdout)
    assert psutil.pid_exists(survivor)
    _engines, users = use_engines(place)
    assert not psutil.pid_exists(survivor)
    leave_engines(place, users)


def test_two_places_run_side_by_side(place: Place, tmp_path: Path):
    other = Place("test", tmp_path / "other")
    mine, my_users = use_engines(place)
    theirs, their_users = use_engines(other)
    assert mine.postgres_port != theirs.postgres_port
    assert mine.valkey_port != theirs.valkey_port
    leave_engines(place, my_users)
    psycopg.connect(owner_url(other, theirs.postgres_port)).close()
    leave_engines(other, their_users)


def test_engines_never_run_as_root_and_secrets_are_readable_to_their_owner_only(place: Place):
    _engines, users = use_engines(place)
    assert all(process.uids().effective != 0 for process in members(place))
    assert (place.folder / "secrets.json").stat().st_mode & 0o077 == 0
    assert (place.folder / "postgres").stat().st_mode & 0o077 == 0
    arguments = " ".join(word for process in members(place) for word in process.cmdline())
    secrets = json.loads((place.folder / "secrets.json").read_text())
    assert not [name for name, value in secrets.items() if value in arguments]
    leave_engines(place, users)


@pytest.mark.skipif(os.geteuid() != 0, reason="a closed folder stops only another user")
def test_root_can_start_them_below_a_folder_that_others_may_not_enter(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = Place("test", closed / "place")
    _engines, users = use_engines(place)
    assert closed.stat().st_mode & 0o777 == 0o700
    leave_engines(place, users)
