"""How many calls are taken: for a key, for an organization, and from one place."""

import pytest
from limits import RateLimitItemPerMinute

from accounts import authentication
from accounts.api_keys import new_key_text
from accounts.throttles import Limit
from integrations.api import base
from tests.accounts.people import make_cast
from tests.integrations.api.calls import Program, problem_of, program_of
from tests.names import unique


@pytest.fixture
def cast(engines):
    return make_cast()


def narrow(monkeypatch, name, where=base):
    monkeypatch.setattr(where, name, Limit(unique(name), RateLimitItemPerMinute(3)))


def test_answers_tell_what_is_left(cast):
    program = program_of(cast, address="198.51.100.20")
    left = [int(program.call("me")["RateLimit-Remaining"]) for _ in range(2)]
    assert left == [299, 298]
    assert program.call("me")["RateLimit-Limit"] == "300"
    assert 0 < int(program.call("me")["RateLimit-Reset"]) <= 60


def test_a_key_that_calls_too_often_waits_and_others_do_not(cast, monkeypatch):
    narrow(monkeypatch, "API_CALLS_A_KEY")
    busy, calm = program_of(cast), program_of(cast)
    assert [busy.call("me").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = busy.call("runs")
    problem = problem_of(answer, 429, "api_too_many_calls")
    assert "from one key" in problem["detail"]
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer["RateLimit-Remaining"] == "0"
    assert calm.call("me").status_code == 200


def test_many_keys_of_one_organization_share_a_limit(cast, monkeypatch):
    """One organization's calls never use up what others may."""
    narrow(monkeypatch, "API_CALLS_AN_ORGANIZATION")
    first, second, other = program_of(cast), program_of(cast), program_of(make_cast())
    assert [p.call("me").status_code for p in (first, second, first, second)] == [200] * 3 + [429]
    assert other.call("me").status_code == 200


def test_a_place_that_calls_too_often_waits_whatever_it_claims_to_be(cast, monkeypatch, settings):
    settings.PROXY_COUNT = 1
    narrow(monkeypatch, "API_CALLS_AN_ADDRESS")
    programs = [program_of(cast) for _ in range(4)]
    ends = [
        program.call("me", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.77"})
        for n, program in enumerate(programs)
    ]
    assert [answer.status_code for answer in ends] == [200, 200, 200, 429]
    assert "from one address" in ends[-1].json()["detail"]
    elsewhere = programs[0].call("me", headers={"X-Forwarded-For": "198.51.100.78"})
    assert elsewhere.status_code == 200


def test_guessing_keys_ends_soon_and_shuts_nobody_else_out(cast, monkeypatch):
    narrow(monkeypatch, "UNKNOWN_KEYS_AN_ADDRESS", where=authentication)
    owner = program_of(cast, address="198.51.100.31")
    place = f"2001:db8:{unique('a')[2:6]}::1"
    ends = [Program(new_key_text(), place).call("me").status_code for _ in range(4)]
    assert ends == [401] * 3 + [429]
    assert Program(owner.key, place).call("me").status_code == 429
    assert owner.call("me").status_code == 200


def test_limits_hold_without_redis(cast, monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    narrow(monkeypatch, "API_CALLS_A_KEY")
    program = program_of(cast)
    assert [program.call("me").status_code for _ in range(4)] == [200, 200, 200, 429]
