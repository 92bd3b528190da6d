"""The engines and the database of one test session, started by their first use."""

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connections
from redis import Redis

from connector_site.celery import app
from connector_site.engines import leave_engines, use_engines
from connector_site.env import parse_database_url
from connector_site.locks import Lock
from connector_site.places import (
    RUNTIME_ROLE,
    Engines,
    Place,
    engine_environment,
    place_named,
    place_secrets,
)
from connector_site.schema import clone_database, drop_clone

REDIS_DATABASES = 64


@dataclass(frozen=True)
class Session:
    """What one pytest process has to itself; `environment` leads other processes to it."""

    place: Place
    engines: Engines
    users: Lock
    redis_lock: Lock
    database: str
    environment: dict[str, str]

    def close(self) -> None:
        """Drops the database and gives up the engines."""
        connections.close_all()
        drop_clone(self.place, self.engines, self.database)
        leave_engines(self.place, self.users)


@cache
def session() -> Session:
    """Starts the engines, clones a migrated database and points the settings at both."""
    place = place_named("test")
    engines, users = use_engines(place)
    environment = {**os.environ, **engine_environment(place, engines)}
    environment["DJANGO_SETTINGS_MODULE"] = "connector_site.settings"
    database = clone_database(place, engines, environment)
    number, redis_lock = _own_redis_database(place)
    password = place_secrets(place)["runtime"]
    environment["DATABASE_URL"] = engines.database_url(RUNTIME_ROLE, password, database)
    environment["REDIS_URL"] = f"{environment['REDIS_URL'].removesuffix('/0')}/{number}"
    with Redis.from_url(environment["REDIS_URL"]) as counts:
        # What an earlier session has counted from this machine's address counts no more.
        counts.flushdb()
    _point_settings(environment, connections.settings["default"])
    return Session(place, engines, users, redis_lock, database, environment)


def _own_redis_database(place: Place) -> tuple[int, Lock]:
    for number in range(1, REDIS_DATABASES):
        lock = Lock(place.folder / f"redis-{number}.lock")
        if lock.try_take():
            return number, lock
        lock.release()
    raise RuntimeError("All Redis databases of the test engines are in use.")


def _point_settings(environment: dict[str, str], database: MutableMapping[str, Any]) -> None:
    os.environ.update(environment)
    address = parse_database_url(environment["DATABASE_URL"])
    database.update(
        NAME=address.name,
        USER=address.user,
        PASSWORD=address.password,
        HOST=address.host,
        PORT=address.port,
    )
    settings.REDIS_URL = environment["REDIS_URL"]
    app.conf.update(broker_url=environment["REDIS_URL"])
