"""Runs ml-connector on this machine: `python -m connector_site.supervisor exec|run|demo`."""

import argparse
import os
import sys
from collections.abc import Sequence

from connector_site import demo, service
from connector_site.places import PLACE_NAMES, Place, place_named
from connector_site.processes import CannotStart
from connector_site.schema import migrate_place
from connector_site.surroundings import (
    own_servers_are_given,
    with_embedded_engines,
    with_own_servers,
)

_MODES = {"demo": "demo", "run": "development", "test": "test", "bench": "demo"}


def execute(place: Place, mode: str, command: Sequence[str], *, must_migrate: bool) -> None:
    """Becomes `command`, with the embedded engines up for exactly as long as it lives.

    Where DATABASE_URL and REDIS_URL are set, it becomes the command as it stands.
    """
    if own_servers_are_given() and not place.is_for_tests:
        given = with_own_servers()
    else:
        given = with_embedded_engines(place, mode)
    if given.embedded is not None:
        given.embedded.users.give_to_program()
        if must_migrate:
            migrate_place(place, given.embedded.engines, given.environment)
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
    actions.add_parser("run", help="run web, worker and beat")
    demo.add_options(actions.add_parser("demo", help="show it against stand-ins of both systems"))
    return parser


def _execute(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise CannotStart("Say which command to run: supervisor exec -- COMMAND")
    place = place_named(options.place)
    mode = options.mode or _MODES[place.name]
    execute(place, mode, command, must_migrate=not options.no_migrate)
    return 0


def main() -> None:
    """Reads the command line and runs it; a start that is refused says why in one sentence."""
    options = build_parser().parse_args()
    try:
        if options.action == "exec":
            status = _execute(options)
        elif options.action == "run":
            status = service.serve(place_named("run"))
        else:
            status = demo.demo(place_named("demo"), options)
    except CannotStart as problem:
        sys.exit(str(problem))
    sys.exit(status)


if __name__ == "__main__":
    main()
