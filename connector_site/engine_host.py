"""Hosts a place's engines for as long as anybody uses them; started by `engines.use_engines`."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from connector_site.embedded import Engine, engine_group, start_postgres, start_valkey
from connector_site.locks import Lock
from connector_site.places import Engines, Place, forget_engines, write_engines
from connector_site.processes import CannotStart, end_survivors, last_lines

_POLL_SECONDS = 0.2
# A process that only looks whether there is a host holds the host's lock for an instant.
_LOOKING_SECONDS = 2.0


def host_engines(place: Place) -> None:
    """Runs the engines until nobody uses them, a signal asks to stop, or one of them fails."""
    lock = Lock(place.folder / "host.lock")
    deadline = time.monotonic() + _LOOKING_SECONDS
    while not lock.try_take():
        if time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS / 10)
    forget_engines(place)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    end_survivors(engine_group(place))
    engines: list[Engine] = []
    try:
        engines.append(start_valkey(place))
        engines.append(start_postgres(place))
        write_engines(place, Engines(os.getpid(), engines[1].port, engines[0].port))
        _wait_for_the_last_user(place, engines)
    finally:
        forget_engines(place)
        for engine in reversed(engines):
            engine.stop()


def _wait_for_the_last_user(place: Place, engines: list[Engine]) -> None:
    users = Lock(place.folder / "users.lock")
    while not users.try_take():
        for engine in engines:
            if engine.process.poll() is not None:
                raise CannotStart(f"{engine.name} ended by itself. {last_lines(engine.log)}")
        time.sleep(_POLL_SECONDS)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    try:
        host_engines(Place(sys.argv[1], Path(sys.argv[2])))
    except CannotStart as problem:
        sys.exit(str(problem))
