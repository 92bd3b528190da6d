"""The cache that web processes share: counts of tries in Redis, or here while it is away."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

Value = TypeVar("Value")
_TIMEOUT_SECONDS = 2
_PAUSE_SECONDS = 10


class JsonText:
    """Values as JSON: whoever writes into Redis could have unpickling run code."""

    def dumps(self, value: Any) -> bytes:
        """Return the value's text."""
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value of a text."""
        return json.loads(data)


class SharedCache(BaseCache):
    """Redis while it answers; for a pause after it did not, this process's own memory."""

    def __init__(self, _location: str, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)
        self._here = LocMemCache("here", parameters)
        self._away_until = 0.0

    def _ask(self, question: Callable[[BaseCache], Value]) -> Value:
        if time.monotonic() >= self._away_until:
            try:
                return question(_redis(settings.REDIS_URL, self.key_prefix))
            except (RedisError, OSError):
                self._away_until = time.monotonic() + _PAUSE_SECONDS
        return question(self._here)

    def add(self, key: str, value: Any, *more: Any, **named: Any) -> bool:
        """Keep a value where there is none yet."""
        return self._ask(lambda place: place.add(key, value, *more, **named))

    def get(self, key: str, *more: Any, **named: Any) -> Any:
        """Return a kept value."""
        return self._ask(lambda place: place.get(key, *more, **named))

    def set(self, key: str, value: Any, *more: Any, **named: Any) -> None:
        """Keep a value."""
        self._ask(lambda place: place.set(key, value, *more, **named))

    def touch(self, key: str, *more: Any, **named: Any) -> bool:
        """Keep a value for longer."""
        return self._ask(lambda place: place.touch(key, *more, **named))

    def delete(self, key: str, *more: Any, **named: Any) -> bool:
        """Forget a value."""
        return self._ask(lambda place: place.delete(key, *more, **named))

    def clear(self) -> None:
        """Forget what this process keeps; Redis holds more than this cache."""
        self._here.clear()


@cache
def _redis(url: str, prefix: str) -> BaseCache:
    options = {
        "serializer": JsonText(),
        "socket_timeout": _TIMEOUT_SECONDS,
        "socket_connect_timeout": _TIMEOUT_SECONDS,
    }
    return RedisCache(url, {"OPTIONS": options, "KEY_PREFIX": prefix})
