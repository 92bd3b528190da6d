"""Tokens in Redis, sealed: one for all workers; losing them costs a sign-in, nothing else."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import redis
from django.conf import settings
from django.db import connection as database
from django.db import connections
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError
from redis.retry import Retry

from integrations.encryption import SealBroken
from integrations.fields import key_ring
from integrations.models import Connection
from integrations.selectors.standing import needs_approval
from integrations.transport.tokens import Token


@cache
def redis_client() -> "redis.Redis":
    """Return this process's client; it answers or fails within two seconds, without retries."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2.0,
        socket_connect_timeout=2.0,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 0),
    )


PAUSE_SECONDS = 0.1


class RedisTokenStore:
    """Keeps one connection's token; the key changes with secret, address, user and way in.

    `until` is the moment of `time.monotonic()` past which nobody waits for its lock.
    """

    def __init__(self, connection: Connection, *, until: float | None = None) -> None:
        behind = [connection.secrets, connection.address, connection.profile.get("auth")]
        digest = hashlib.sha256(json.dumps(behind, sort_keys=True).encode()).hexdigest()[:16]
        self._key = f"token:{connection.organization_id}:{connection.reference}:{digest}"
        self._wrapped = connection.organization.wrapped_key
        self._redis = redis_client()
        self._is_shown_once = needs_approval(connection)
        self._lasting_name = f"sign-in:{connection.organization_id}:{connection.reference}"
        self._until = until
        self._home = threading.get_ident()

    def read(self) -> Token | None:
        """Return the kept token; None where there is none or it does not open."""
        try:
            sealed = self._redis.get(self._key)
            if not isinstance(sealed, bytes):
                return None
            return Token(**json.loads(key_ring().open(self._wrapped, self._key, sealed.decode())))
        except (RedisError, SealBroken, TypeError, ValueError):
            return None

    def write(self, token: Token) -> None:
        """Keep the token, sealed, for a day at most."""
        fields = {name: getattr(token, name) for name in token.__slots__}
        sealed = key_ring().seal(self._wrapped, self._key, json.dumps(fields))
        try:
            self._redis.set(self._key, sealed, ex=86_400)
        except RedisError:
            return

    def forget_refusal(self) -> None:
        """Let the next caller sign in again, although a sign-in was refused just now."""
        token = self.read()
        if token is not None and token.refused:
            with suppress(RedisError):
                self._redis.delete(self._key)

    @contextmanager
    def lock(self, seconds: float) -> Iterator[bool]:
        """Wait for the lock over all workers; without Redis it is one of the database's.

        A refresh token that rotates dies by its use, so its exchange is under both: the database's
        lock lasts as long as its holder works, and is one for all versions of a row.
        """
        wait = seconds if self._until is None else min(seconds, self._until - time.monotonic())
        ends = time.monotonic() + wait
        try:
            lock = self._redis.lock(
                f"{self._key}:lock", timeout=seconds, blocking_timeout=max(0.0, wait)
            )
            got = bool(lock.acquire())
        except RedisError:
            with self._lasting_lock(ends) as got:
                yield got
            return
        try:
            if got and self._is_shown_once:
                with self._lasting_lock(ends) as is_alone:
                    yield is_alone
            else:
                yield got
        finally:
            if got:
                with suppress(LockError, RedisError):
                    lock.release()

    @contextmanager
    def _lasting_lock(self, ends: float) -> Iterator[bool]:
        wait = ends - time.monotonic()
        with visiting(self._home), database_lock(self._lasting_name, wait) as got:
            yield got


@contextmanager
def visiting(home: int) -> Iterator[None]:
    """Let a client's own thread use the database; one that is not `home` gives it back after."""
    try:
        yield
    finally:
        if threading.get_ident() != home:
            connections.close_all()


@contextmanager
def database_lock(name: str, seconds: float) -> Iterator[bool]:
    """Wait at most `seconds` for a lock of PostgreSQL; it ends with its holder's session.

    It needs no transaction, so that calls to the outside may be made under it.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    ends = time.monotonic() + seconds
    while not (got := _ask_database("SELECT pg_try_advisory_lock(%s)", number)):
        if time.monotonic() >= ends:
            break
        time.sleep(PAUSE_SECONDS)
    try:
        yield got
    finally:
        if got:
            _ask_database("SELECT pg_advisory_unlock(%s)", number)


def _ask_database(question: str, number: int) -> bool:
    with database.cursor() as cursor:
        cursor.execute(question, [number])
        return bool(cursor.fetchone()[0])
