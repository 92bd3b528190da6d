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
        ("User login success", True),
        ("User login success", True),
        ("User login failure", False),
    ]
    assert [event["eventTypeId"] for event in body["response"]] == ["USR-8", "USR-8", "USR-9"]
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


@pytest.mark.parametrize(
    "query",
    [
        {"dateFrom": "monday"},
        {"dateFrom": 5, "dateTo": 1},
        {"intervalInHours": -1},
        {"limit": "x"},
        {"offset": "-1"},
    ],
)
def test_a_wrong_query_is_400(anna, query):
    answer = events(anna, **query)
    assert (answer.status_code, answer.json()["status"]) == (400, "FAILURE_BAD_REQUEST")


def test_a_body_that_is_no_object_is_400(anna):
    answer = anna.http.post(f"{anna.origin}{EVENTS}/search", json=[])
    assert (answer.status_code, answer.json()["status"]) == (400, "FAILURE_BAD_REQUEST")


def test_no_more_than_30_days_can_be_asked_for(anna):
    bound, day = events(anna).json()["response"][0]["eventDate"], 24 * 3_600_000
    too_long = [
        {"intervalInHours": 721},
        {"dateFrom": bound - 31 * day, "dateTo": bound},
        {"dateFrom": bound - 31 * day},
    ]
    for query in too_long:
        answer = events(anna, **query)
        assert (answer.status_code, answer.json()) == (
            400,
            {
                "status": "FAILURE_BAD_REQUEST",
                "statusMessage": "Date range cannot exceed 30 days",
            },
        )
    assert events(anna, intervalInHours=720).status_code == 200
    search = anna.http.post(f"{anna.origin}{EVENTS}/search", json={"interval": 721})
    assert search.status_code == 400
    anna.tell("settings", {"audit_refuses_long_ranges": False})
    assert [len(events(anna, **query).json()["response"]) for query in too_long] == [1, 1, 1]


def test_the_log_is_for_auditors(anna):
    anna.tell("users", {"email": ANNA[0], "roles": ["workspaceAdmin", "tenantAdmin"]})
    answer = events(anna)
    assert (answer.status_code, answer.json()["status"]) == (
        401,
        "FAILURE_UNAUTHORIZED_USER_ACTION",
    )


def test_an_unheard_of_kind_of_event_is_all_of_them(anna):
    assert len(events(anna, type="user_activity").json()["response"]) == 1
    assert len(events(anna, type="saml").json()["response"]) == 1
    assert events(anna, type="conn_mgmt").json()["response"] == []


def test_pages_lead_to_their_neighbours(anna, bo):
    first = events(anna, limit=1).json()["meta"]["paging"]
    assert (first["nextOffset"], "previousUrl" in first) == (1, False)
    last = events(anna, limit=1, offset=1).json()["meta"]["paging"]
    assert ("nextUrl" in last, last["previousUrl"].split("?")[1]) == (False, "limit=1&offset=0")


def test_the_log_can_be_read_in_the_common_event_format_without_pages(anna, bo):
    address = f"{anna.origin}{EVENTS}"
    answer = anna.http.get(address, params={"limit": 1}, headers={"Accept": "text/plain"})
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert len(lines) == 2
    head = "Z  CEF:0|Anaplan, Inc.||null|USR-8|User login success|id=1 userId=a0"
    assert head in lines[0]
    assert " success=true " in lines[0]


def test_a_fault_takes_the_checksum_away(anna):
    assert events(anna).json()["response"][0]["checksum"] == "1000000001"
    anna.tell("faults", {"path": "/events$", "kind": "missing_fields", "fields": ["checksum"]})
    assert "checksum" not in events(anna).json()["response"][0]
