"""Runs ml-connector on this machine: `python -m connector_site.supervisor exec|run|demo`."""

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from connector_site.engines import use_engines
from connector_site.locks import Lock
from connector_site.places import (
    CHECKOUT,
    PLACE_NAMES,
    Place,
    engine_environment,
    place_named,
    write_private,
)
from connector_site.processes import CannotStart

_URL_SETTINGS = ("DATABASE_URL", "REDIS_URL")


def settings_for(place: Place, mode: str) -> tuple[dict[str, str], Lock | None]:
    """The environment of a process in this place, and the lock that keeps its engines up.

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
        return {**made, **os.environ}, None
    engines, users = use_engines(place)
    made |= engine_environment(place, engines)
    return {**made, **os.environ, **(made if place.is_for_tests else {})}, users


def migrate(place: Place, environment: dict[str, str]) -> None:
    """Brings the database up to the code; skipped while no migration file has changed."""
    stamp = place.folder / "migrated"
    digest = migrations_digest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"]
    result = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False)
    if result.returncode != 0:
        raise CannotStart("The database could not be migrated; the reason stands above.")
    write_private(stamp, digest)


def migrations_digest() -> str:
    """Changes whenever a migration, or the code that migrations call, changes."""
    digest = hashlib.sha256()
    for path in sorted(_migration_files()):
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _migration_files() -> list[Path]:
    apps = ("accounts", "audit", "integrations")
    files = [path for app in apps for path in (CHECKOUT / app).glob("migrations/*.py")]
    # Django's own apps bring migrations too, by the version that is pinned.
    return [*files, CHECKOUT / "audit" / "rowsecurity.py", CHECKOUT / "requirements.txt"]


def execute(place: Place, mode: str, command: Sequence[str], *, must_migrate: bool) -> None:
    """Becomes `command`, with engines up for exactly as long as it lives."""
    environment, users = settings_for(place, mode)
    if users is not None:
        users.give_to_program()
        if must_migrate:
            migrate(place, environment)
    try:
        os.execvpe(command[0], list(command), environment)
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
