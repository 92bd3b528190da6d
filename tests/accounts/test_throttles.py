"""Counting: who is counted, and that nobody talks themselves out of it."""

import pytest
from limits import RateLimitItemPerMinute

from accounts.throttles import Limit, client_address, client_network, look, take, take_from
from accounts.views import invitations
from tests.accounts.people import make_cast
from tests.names import unique

THREE = Limit("test-three", RateLimitItemPerMinute(3))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9, 198.51.100.4", "198.51.100.4"),
        (2, "203.0.113.9, 198.51.100.4, 10.0.0.2", "198.51.100.4"),
        (2, "198.51.100.4", "198.51.100.4"),
        (1, "203.0.113.9, 198.51.100.4:4711", "198.51.100.4"),
        (1, "[2001:db8::7]:443", "2001:db8::7"),
        (1, "::ffff:198.51.100.4", "198.51.100.4"),
        (1, "198.51.100.4, unknown", "192.0.2.1"),
    ],
)
def test_the_real_address_stands_as_many_places_from_the_right_as_there_are_proxies(
    rf, settings, proxies, forwarded, address
):
    settings.PROXY_COUNT = proxies
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == address


def test_whoever_changes_the_header_stays_under_the_same_count(engines, rf, settings):
    """A client writes the left end of the header, never its own place in it."""
    settings.PROXY_COUNT = 1
    limit = Limit(unique("test"), RateLimitItemPerMinute(3))
    waits = [
        take_from(rf.get("/", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.4"}), limit)
        for n in range(5)
    ]
    assert [allowance.wait > 0 for allowance in waits] == [False, False, False, True, True]


def test_all_addresses_of_one_ipv6_network_are_one_place(rf):
    first, second, third = (
        client_network(rf.get("/", REMOTE_ADDR=address))
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")
    )
    assert first == second == "2001:db8:0:1::/64"
    assert first != third


def test_an_allowance_says_what_is_left_and_when_it_is_whole_again(engines):
    who = unique("who")
    assert (look(THREE, who).remaining, look(THREE, who).wait) == (3, 0)
    assert [take(THREE, who).remaining for _ in range(3)] == [2, 1, 0]
    refused = take(THREE, who)
    assert (refused.limit, refused.remaining) == (3, 0)
    assert 0 < refused.wait <= 60
    assert look(THREE, unique("other")).wait == 0


def test_the_count_goes_on_without_redis(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    who = unique("who")
    assert [take(THREE, who).wait > 0 for _ in range(4)] == [False, False, False, True]


def test_invitations_from_one_place_are_counted_together(engines, monkeypatch, mailoutbox):
    """Neither another organization nor another header begins a new count."""
    limit = Limit(unique("invitation"), RateLimitItemPerMinute(2))
    monkeypatch.setattr(invitations, "INVITATIONS_AN_ADDRESS", limit)
    ends = []
    for n in range(3):
        cast = make_cast()
        form = {"email": f"{unique('new')}@example.com", "role": "viewer"}
        client, headers = cast.client(), {"X-Forwarded-For": f"203.0.113.{n}"}
        ends.append(client.post(cast.url("members/invite/"), form, headers=headers))
    assert [answer.status_code for answer in ends] == [302, 302, 429]
    assert 0 < int(ends[-1]["Retry-After"]) <= 60
    assert len(mailoutbox) == 2
