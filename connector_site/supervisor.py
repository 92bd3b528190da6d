"""Runs ml-connector on this machine: `python -m connector_site.supervisor exec|run|demo`."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from connector_site.engines import use_engines
from connector_site.locks import Lock
from connector_site.places import (
    PLACE_NAMES,
    Engines,
    Place,
    engine_environment,
    place_named,
)
from connector_site.processes import CannotStart
from connector_site.schema import migrate_place

_URL_SETTINGS = ("DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process gets: its environment and, where they are embedded, its engines."""

    environment: dict[str, str]
    engines: Engines | None = None
    users: Lock | None = None


def surroundings(place: Place, mode: str) -> Surroundings:
    """The environment of a process in this place, with the engines up that it needs.

    Engines are started only where neither DATABASE_URL nor REDIS_URL is set; what the caller's
    own environment sets, wins over what is made here.
    """
    given = [
        name for name in _URL_SETTINGS if os.environ.get(name) or os.environ.get(f"{name}_FILE")
    ]
    if len(given) == 1:
        raise CannotStart(
            f"{given[0]} is set alone. Set both {' and '.join(_URL_SETTINGS)} to use your own "
            "servers, or neither to use the embedded ones."
        )
    is_production = mode == "production"
    made = {
        "MODE": mode,
        "PUBLIC_ORIGIN": "https://localhost" if is_production else "http://127.0.0.1:8000",
        "ALLOW_LOOPBACK_ADDRESSES": "0" if is_production else "1",
    }
    if given and place.name != "test":
        return Surroundings({**made, **os.environ})
    engines, users = use_engines(place)
    made |= engine_environment(place, engines)
    environment = {**made, **os.environ, **(made if place.is_for_tests else {})}
    return Surroundings(environment, engines, users)


def execute(place: Place, mode: str, command: Sequence[str], *, must_migrate: bool) -> None:
    """Becomes `command`, with engines up for exactly as long as it lives."""
    given = surroundings(place, mode)
    if given.users is not None and given.engines is not None:
        given.users.give_to_program()
        if must_migrate:
            migrate_place(place, given.engines, given.environment)
    try:
        os.execvpe(command[0], list(command), given.environment)
    except FileNotFoundError:
        raise CannotStart(f"There is no program {command[0]}.") from None


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connector_site.supervisor")
    actions = parser.add_subparsers(dest="action", required=True)
    single = actions.add_parser("exec", help="run one command with the engines up")
    single.add_argument("--place", choices=PLACE_NAMES, default="demo")
    single.add_argument("--mode", choices=("production", "demo", "test", "development"))
    single.add_argument("--no-migrate", action="store_true")
    single.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def main() -> None:
    """Reads the command line and runs it; a start that is refused says why in one sentence."""
    options = build_parser().parse_args()
    try:
        command = options.command[1:] if options.command[:1] == ["--"] else options.command
        if not command:
            raise CannotStart("Say which command to run: supervisor exec -- COMMAND")
        place = place_named(options.place)
        mode = options.mode or ("test" if place.is_for_tests else "demo")
        execute(place, mode, command, must_migrate=not options.no_migrate)
    except CannotStart as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
