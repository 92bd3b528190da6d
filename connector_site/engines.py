"""Uses a place's engines: starts their host where there is none and keeps them up.

Users hold a shared lock on `users.lock`; the host holds `host.lock`. Locks end with the
process that holds them, however it ends, so that a killed user or host leaves nothing behind.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from connector_site.locks import Lock, is_held, is_held_alone
from connector_site.places import CHECKOUT, Engines, Place, read_engines
from connector_site.processes import GROUP_VARIABLE, CannotStart, last_lines

_POLL_SECONDS = 0.05
_START_SECONDS = 150.0
_STOP_SECONDS = 30.0
# A host outlives its starter for as long as others use it; Python complains about a child that
# is forgotten while it runs.
_started_hosts: list[subprocess.Popen[bytes]] = []


def use_engines(place: Place) -> tuple[Engines, Lock]:
    """The place's running engines, started if need be, and the lock that keeps them up.

    Raises CannotStart with the end of the log when they do not come up.
    """
    place.prepare()
    users = Lock(place.folder / "users.lock")
    users.take_shared()
    host: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if is_held_alone(place.folder / "host.lock"):
            engines = read_engines(place)
            if engines is not None and psutil.pid_exists(engines.host_pid):
                return engines, users
        elif host is None:
            host = _start_host(place)
            _started_hosts.append(host)
        elif host.poll() is not None:
            raise CannotStart(f"The engines did not start. {last_lines(_log(place))}")
        time.sleep(_POLL_SECONDS)
    raise CannotStart(f"The engines were not ready in time. {last_lines(_log(place))}")


def leave_engines(place: Place, users: Lock) -> None:
    """Gives up the engines and waits until they are down, unless somebody else uses them."""
    users.release()
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline and is_held_alone(place.folder / "host.lock"):
        if is_held(place.folder / "users.lock") and read_engines(place) is not None:
            break
        time.sleep(_POLL_SECONDS)
    for host in _started_hosts:
        host.poll()


def _log(place: Place) -> Path:
    return place.logs / "engines.log"


def _start_host(place: Place) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != GROUP_VARIABLE}
    with _log(place).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "connector_site.engine_host", place.name, str(place.folder)],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
