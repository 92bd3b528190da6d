"""What a process of ml-connector gets: its environment and, where they are embedded, engines."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from connector_site import roster
from connector_site.engines import leave_engines, use_engines
from connector_site.locks import Lock
from connector_site.places import Engines, Place, engine_environment
from connector_site.processes import CannotStart

_URL_SETTINGS = ("DATABASE_URL", "REDIS_URL")
# The C library keeps what was freed, per thread and in ever larger pieces. With these a long
# load gives its buffers back: 10 % less memory at 200,000 rows, 15 % at a million. The image's
# Dockerfile sets the same.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "524288"}


@dataclass(frozen=True, slots=True)
class EmbeddedEngines:
    """Running engines and the lock that keeps them up."""

    place: Place
    engines: Engines
    users: Lock

    def leave(self) -> None:
        """Gives them up; the last user waits until they are down."""
        leave_engines(self.place, self.users)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings of a process; `embedded` is None where its servers are somebody else's."""

    environment: dict[str, str]
    embedded: EmbeddedEngines | None


def own_servers_are_given() -> bool:
    """DATABASE_URL and REDIS_URL name servers to use; raises CannotStart when only one does."""
    given = [
        name for name in _URL_SETTINGS if os.environ.get(name) or os.environ.get(f"{name}_FILE")
    ]
    if len(given) == 1:
        raise CannotStart(
            f"{given[0]} is set alone. Set both {' and '.join(_URL_SETTINGS)} to use your own "
            "servers, or neither to use the embedded ones."
        )
    return bool(given)


def with_embedded_engines(place: Place, mode: str) -> Surroundings:
    """Starts the place's engines, if need be, and makes the settings that lead to them.

    Settings in the caller's own environment win, except those of the engines and, in a
    disposable place, those that say which installation this is.
    """
    engines, users = use_engines(place)
    chosen = {**_mode_settings(mode), **engine_environment(place, engines)}
    forced = chosen if place.is_disposable else engine_environment(place, engines)
    environment = {**chosen, **_with_programs(os.environ.copy()), **forced}
    return Surroundings(environment, EmbeddedEngines(place, engines, users))


def with_own_servers() -> Surroundings:
    """Everything as the caller's environment says."""
    return Surroundings(_with_programs(os.environ.copy()), None)


def _mode_settings(mode: str) -> dict[str, str]:
    is_production = mode == "production"
    bind = os.environ.get("BIND", roster.DEFAULT_BIND)
    return {
        "MODE": mode,
        "PUBLIC_ORIGIN": "https://localhost" if is_production else f"http://{bind}",
        "ALLOW_LOOPBACK_ADDRESSES": "0" if is_production else "1",
        "MAIL_URL": "smtps://localhost" if is_production else "",
        "MAIL_FROM": "ml-connector <no-reply@localhost>",
    }


def _with_programs(environment: dict[str, str]) -> dict[str, str]:
    programs = Path(sys.executable).parent
    path = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    return {**_ALLOCATOR, **environment, "PATH": path}
