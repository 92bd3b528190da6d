"""The cache that counts tries: shared through Redis, and here while Redis is away."""

from django.core.cache import cache
from redis import Redis

from connector_site.cache import SharedCache
from tests.names import unique


def fresh() -> SharedCache:
    return SharedCache("", {"KEY_PREFIX": "test"})


def test_two_processes_see_the_same_count(engines):
    key = unique("count")
    assert fresh().add(key, [1.5], 60)
    assert not fresh().add(key, [2.5], 60)
    assert fresh().get(key) == [1.5]
    fresh().delete(key)
    assert fresh().get(key) is None


def test_what_lies_in_redis_is_text_that_runs_no_code(engines):
    key = unique("text")
    fresh().set(key, {"tries": 3}, 60)
    redis = Redis.from_url(engines["REDIS_URL"])
    [name] = redis.keys(f"test:*{key}")
    assert redis.get(name) == b'{"tries": 3}'
    redis.close()


def test_counting_goes_on_while_redis_is_away(engines, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    away, key = fresh(), unique("away")
    away.set(key, [1], 60)
    assert away.get(key) == [1]
    assert away.touch(key, 60)
    assert away.delete(key)


def test_the_sites_own_cache_is_this_one():
    assert type(cache._connections["default"]) is SharedCache
