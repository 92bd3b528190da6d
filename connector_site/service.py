"""Runs web, workers and beat together, as a production machine does: `make run`."""

import os
import socket
import time
from pathlib import Path

from connector_site import roster
from connector_site.places import Place
from connector_site.processes import CannotStart
from connector_site.schema import migrate, migrate_place
from connector_site.steps import say
from connector_site.stopping import Stopped, stopping_on_signals
from connector_site.surroundings import (
    EmbeddedEngines,
    Surroundings,
    own_servers_are_given,
    with_embedded_engines,
    with_own_servers,
)
from connector_site.team import Team

_POLL_SECONDS = 0.3


def serve(place: Place) -> int:
    """Runs the service until it is asked to stop; returns the exit status."""
    place.prepare()
    with stopping_on_signals():
        team = Team(place)
        embedded: EmbeddedEngines | None = None
        try:
            given = _surroundings(place)
            embedded = given.embedded
            team.environment |= given.environment
            _serve(team)
        except Stopped:
            say("Stopping.")
        finally:
            team.stop()
            if embedded is not None:
                embedded.leave()
    return 0


def _surroundings(place: Place) -> Surroundings:
    if own_servers_are_given():
        given = with_own_servers()
        migrate(given.environment)
        return given
    say(f"No DATABASE_URL and REDIS_URL are set: the data lies in {place.folder}.")
    given = with_embedded_engines(place, "development")
    if given.embedded is not None:
        migrate_place(place, given.embedded.engines, given.environment)
    return given


def _serve(team: Team) -> None:
    bind = os.environ.get("BIND", roster.DEFAULT_BIND)
    _refuse_taken(bind)
    for name in ("worker", "quick", "beat"):
        team.start(name, roster.role(name))
    web = team.start("web", roster.role("web"))
    team.wait_for_web(web, f"http://{bind}")
    origin = team.environment.get("PUBLIC_ORIGIN", f"http://{bind}")
    team.announce(origin)
    say(f"ml-connector serves {origin} on {bind}. Stop with Ctrl+C.")
    _watch(team, [member.log for member in team.members])


def _refuse_taken(bind: str) -> None:
    host, _, port = bind.rpartition(":")
    try:
        with socket.create_server((host, int(port))):
            return
    except ValueError:
        raise CannotStart("BIND must be host and port, such as 127.0.0.1:8000.") from None
    except OSError as problem:
        reason = os.strerror(problem.errno or 0)
        raise CannotStart(
            f"Nothing can listen on {bind} ({reason}). Choose another place with BIND, "
            "for example: make run BIND=127.0.0.1:8080"
        ) from None


def _watch(team: Team, logs: list[Path]) -> None:
    read = dict.fromkeys(logs, 0)
    while True:
        for log in logs:
            with log.open("rb") as file:
                file.seek(read[log])
                *lines, _unfinished = file.read().split(b"\n")
            for line in lines:
                read[log] += len(line) + 1
                say(f"{log.stem:>7} | {line.decode(errors='replace')}")
        for sentence in team.revive():
            say(sentence)
        time.sleep(_POLL_SECONDS)
