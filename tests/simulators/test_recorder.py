"""No secret that was sent to a stand-in shows in what it recorded."""

import pytest
import requests

from simulators import server

SECRET = "s3cr3t"
NAMES = (
    *("password", "j_password", "client_secret", "access_token", "refresh_token", "id_token"),
    *("device_code", "user_code", "code_verifier", "encodedData", "encodedSignedData"),
    *("apiKey", "client_assertion"),
)


@pytest.fixture
def running():
    with server.start(server.build_app()) as found:
        yield found


def recorded(running: server.Running) -> requests.Response:
    return requests.get(f"{running.origin}/_sim/requests", timeout=5)


@pytest.mark.parametrize("name", [*NAMES, "code"])
def test_query_and_form_lose_their_secrets(running, name):
    requests.post(f"{running.origin}/x?a=1&{name}={SECRET}&b=2", timeout=5)
    requests.post(f"{running.origin}/x", data={"a": "1", name: SECRET}, timeout=5)
    answer = recorded(running)
    assert SECRET not in answer.text
    first, second = answer.json()["requests"]
    assert first["query"] == f"a=1&{name}=***&b=2"
    assert second["body"] == {"a": "1", name: "***"}


@pytest.mark.parametrize("name", NAMES)
def test_json_loses_its_secrets_however_deep(running, name):
    body = {"rows": [{"a": 1, name: SECRET}]}
    requests.post(f"{running.origin}/x", json=body, timeout=5)
    answer = recorded(running)
    assert SECRET not in answer.text
    assert answer.json()["requests"][0]["body"] == {"rows": [{"a": 1, name: "***"}]}


def test_a_code_is_a_secret_in_a_grant_and_a_member_elsewhere(running):
    grant = {"grant_type": "authorization_code", "code": SECRET}
    requests.post(f"{running.origin}/x", json=grant, timeout=5)
    member = {"items": [{"code": "A", "glAccountCode": "6100", "costCenterCode": "4100"}]}
    requests.post(f"{running.origin}/x", json=member, timeout=5)
    bodies = [call["body"] for call in recorded(running).json()["requests"]]
    assert bodies == [{"grant_type": "authorization_code", "code": "***"}, member]


def test_headers_that_carry_secrets_are_not_kept(running):
    names = ("Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization")
    headers = dict.fromkeys(names, f"Bearer {SECRET}")
    requests.get(f"{running.origin}/x", headers=headers, timeout=5)
    answer = recorded(running)
    assert SECRET not in answer.text
    assert answer.json()["requests"][0]["authorization"] == "Bearer"
