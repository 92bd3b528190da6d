"""The audit log of signing in."""

import pytest
import requests

from tests.simulators.anaplan.client import ANNA

EVENTS = "/audit/api/1/events"


def events(client, **query):
    return client.http.get(f"{client.origin}{EVENTS}", params=query)


def test_who_signed_in_and_who_was_refused(anna, bo):
    requests.post(f"{anna.origin}/token/authenticate", auth=(ANNA[0], "wrong"))
    body = events(anna).json()
    assert body["meta"]["paging"] == {"currentPageSize": 3, "totalSize": 3, "offset": 0}
    assert [(event["message"], event["success"]) for event in body["response"]] == [
        ("Signed in", True),
        ("Signed in", True),
        ("Sign-in refused", False),
    ]
    assert body["response"][1]["userId"] == "a0000000000000000000000000000002"
    assert "wrong" not in str(body)


def test_events_are_chosen_by_time_and_kind(anna):
    anna.tell("settings", {"token_minutes": 9999})
    anna.tell("clock", {"minutes": 10})
    later = type(anna)(anna.origin, ANNA)
    times = [event["eventDate"] for event in events(later).json()["response"]]
    assert len(times) == 2
    assert len(events(later, dateFrom=times[0] + 1).json()["response"]) == 1
    assert len(events(later, dateTo=times[0]).json()["response"]) == 1
    assert events(later, type="byok").json()["response"] == []
    found = later.http.post(f"{later.origin}{EVENTS}/search", json={"from": times[1]})
    assert len(found.json()["response"]) == 1
    anna.tell("clock", {"hours": 2})
    assert events(later, intervalInHours=1).json()["response"] == []
    assert len(events(later, intervalInHours=3).json()["response"]) == 2
    later.http.close()


def test_pages_are_small_unless_asked_for(anna):
    for _ in range(20):
        requests.post(f"{anna.origin}/token/authenticate", auth=(ANNA[0], "wrong"))
    body = events(anna).json()
    assert len(body["response"]) == 20
    assert body["meta"]["paging"]["nextUrl"].endswith("?limit=20&offset=20")
    assert len(events(anna, limit=10_000).json()["response"]) == 21
    assert len(events(anna, offset=20).json()["response"]) == 1


@pytest.mark.parametrize("header", ["Bearer {}", "", "AnaplanAuthToken x"])
def test_only_the_token_scheme_is_taken(anna, header):
    headers = {"Authorization": header.format(anna.token)}
    answer = requests.get(f"{anna.origin}{EVENTS}", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (401, "FAILURE_INVALID_TOKEN")


def test_a_wrong_query_or_body_is_400(anna):
    assert events(anna, dateFrom="monday").status_code == 400
    address = f"{anna.origin}{EVENTS}/search"
    assert anna.http.post(address, json=[]).status_code == 400
