"""A team of processes that is started together, watched, and ended together."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connector_site.locks import Lock
from connector_site.places import CHECKOUT, Place, write_private
from connector_site.processes import CannotStart, end_survivors, last_lines, run, spawn, stop

_POLL_SECONDS = 0.1
_READY_SECONDS = 60.0
_PATIENCE_SECONDS = 10.0
# A process that ends sooner than this has a reason that starting again does not cure.
_SHORT_LIFE_SECONDS = 5.0
_LISTENING = re.compile(r"^listening on (http://\S+)$", re.MULTILINE)


@dataclass
class Member:
    """One process of the team; started again whenever it ends by itself."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    log: Path
    started: float = field(default_factory=time.monotonic)


class Team:
    """The processes of one place. One team runs at a time; a second one is told where."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.environment = {"PYTHONUNBUFFERED": "1"}
        self.members: list[Member] = []
        self._group = f"processes:{place.folder}"
        self._lock = Lock(place.folder / "processes.lock")
        self._card = place.folder / "running.json"
        if not self._lock.try_take():
            raise CannotStart(self._who_runs())
        end_survivors(self._group)

    def _who_runs(self) -> str:
        try:
            card = json.loads(self._card.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return "It is already starting in this checkout, in another terminal."
        return (
            f"It is already running in this checkout, at {card['url']} (process {card['pid']}). "
            "Stop it with Ctrl+C in its terminal first."
        )

    def announce(self, url: str) -> None:
        """Leaves the address for a second start to tell."""
        write_private(self._card, json.dumps({"pid": os.getpid(), "url": url}))

    def start(self, name: str, command: Sequence[str]) -> Member:
        """Starts one more process, with its own log file."""
        log = self.place.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".previous"))
        member = Member(name, command, self._spawn(command, log), log)
        self.members.append(member)
        return member

    def _spawn(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        return spawn(command, group=self._group, environment=self.environment, log=log)

    def manage(self, *arguments: str, output: bool = False) -> subprocess.CompletedProcess[str]:
        """Runs one management command to its end; `output` gives back what it prints."""
        return run(
            [sys.executable, str(CHECKOUT / "manage.py"), *arguments],
            group=self._group,
            environment=self.environment,
            output=output,
        )

    def address_of(self, member: Member) -> str:
        """Waits for the line in which a stand-in tells its address."""
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and member.process.poll() is None:
            found = _LISTENING.search(member.log.read_text(encoding="utf-8", errors="replace"))
            if found:
                return found[1]
            time.sleep(_POLL_SECONDS)
        raise CannotStart(f"{member.name} did not start. {last_lines(member.log)}")

    def wait_for_web(self, member: Member, url: str) -> None:
        """Waits until the web process answers."""
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and member.process.poll() is None:
            if _is_healthy(url):
                return
            time.sleep(_POLL_SECONDS)
        raise CannotStart(f"{member.name} did not start. {last_lines(member.log)}")

    def revive(self) -> list[str]:
        """Starts again what ended by itself; returns a sentence about each.

        Raises CannotStart when a process ends as soon as it is started.
        """
        told = []
        for member in self.members:
            status = member.process.poll()
            if status is None:
                continue
            if time.monotonic() - member.started < _SHORT_LIFE_SECONDS:
                raise CannotStart(f"{member.name} keeps ending. {last_lines(member.log)}")
            stop(member.process, signal.SIGKILL, patience=0)
            member.process = self._spawn(member.command, member.log)
            member.started = time.monotonic()
            told.append(f"{member.name} ended by itself (status {status}) and was started again.")
        return told

    def stop(self) -> None:
        """Ends all processes: asked first, killed after some patience."""
        for member in reversed(self.members):
            if member.process.poll() is None:
                member.process.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for member in reversed(self.members):
            stop(member.process, signal.SIGTERM, max(0.1, deadline - time.monotonic()))
        self.members.clear()
        self._card.unlink(missing_ok=True)
        self._lock.release()


def _is_healthy(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
