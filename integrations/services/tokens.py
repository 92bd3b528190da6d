"""Tokens in Redis, sealed: one for all workers; losing them costs a sign-in, nothing else."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError
from redis.retry import Retry

from integrations.encryption import SealBroken
from integrations.fields import key_ring
from integrations.models import Connection
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
        self._until = until

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
        """Wait for the lock over all workers; without Redis each worker is on its own."""
        wait = seconds if self._until is None else min(seconds, self._until - time.monotonic())
        lock = self._redis.lock(
            f"{self._key}:lock", timeout=seconds, blocking_timeout=max(0.0, wait)
        )
        try:
            got = bool(lock.acquire())
        except RedisError:
            yield True
            return
        try:
            yield got
        finally:
            if got:
                with suppress(LockError, RedisError):
                    lock.release()
