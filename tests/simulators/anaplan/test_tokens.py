"""The token service."""

import re
import time

import pytest
import requests

from tests.simulators.anaplan.client import ANNA, Client

LETTERS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def sign_in(origin: str, header: str) -> requests.Response:
    return requests.post(f"{origin}/token/authenticate", headers={"Authorization": header})


def token_call(client: Client, method: str, path: str) -> requests.Response:
    return client.http.request(method, f"{client.origin}/token/{path}")


def test_sign_in_answers_201_with_a_token_of_35_minutes(origin):
    answer = requests.post(
        f"{origin}/token/authenticate", auth=(ANNA[0].encode(), ANNA[1].encode())
    )
    body = answer.json()
    assert answer.status_code == 201
    assert body["status"] == "SUCCESS"
    assert body["statusMessage"] == "Login successful"
    assert body["meta"] == {"validationUrl": "https://auth.anaplan.com/token/validate"}
    info = body["tokenInfo"]
    assert info["expiresAt"] == pytest.approx((time.time() + 35 * 60) * 1000, abs=5_000)
    assert LETTERS.fullmatch(info["tokenId"])
    assert LETTERS.fullmatch(info["refreshTokenId"])


@pytest.mark.parametrize("user", [(ANNA[0], "wrong"), ("nobody@lamps.example", "pass:wörd")])
def test_a_wrong_password_is_401(origin, user):
    answer = requests.post(
        f"{origin}/token/authenticate", auth=(user[0].encode(), user[1].encode())
    )
    assert answer.status_code == 401
    assert answer.json()["status"] == "FAILURE_BAD_CREDENTIAL"


@pytest.mark.parametrize("header", ["Basic !!!", "Basic bm9jb2xvbg==", "Bearer x", ""])
def test_a_malformed_header_is_400(origin, header):
    answer = sign_in(origin, header)
    assert answer.status_code == 400
    assert answer.json()["status"] == "FAILURE_BAD_HEADER"


def test_basic_sign_in_that_is_switched_off_is_401(anna):
    anna.tell("settings", {"basic_is_enabled": False})
    answer = requests.post(
        f"{anna.origin}/token/authenticate", auth=(ANNA[0].encode(), ANNA[1].encode())
    )
    assert (answer.status_code, answer.json()["status"]) == (401, "FAILURE_BAD_CREDENTIAL")


def test_refresh_keeps_the_value_and_moves_the_end(anna):
    anna.tell("clock", {"minutes": 20})
    body = token_call(anna, "POST", "refresh").json()
    assert body["statusMessage"] == "Token refreshed"
    assert body["tokenInfo"]["tokenValue"] == anna.token
    end = (time.time() + (20 + 35) * 60) * 1000
    assert body["tokenInfo"]["expiresAt"] == pytest.approx(end, abs=5_000)
    assert anna.look("counters")["token_refreshes"] == 1


def test_refresh_may_be_set_to_change_the_value(anna):
    anna.tell("settings", {"refresh_rotates": True})
    body = token_call(anna, "POST", "refresh").json()
    assert body["tokenInfo"]["tokenValue"] != anna.token
    assert token_call(anna, "GET", "validate").status_code == 401


def test_validate_names_the_user(anna):
    body = token_call(anna, "GET", "validate").json()
    assert body["statusMessage"] == "Token validated"
    assert body["userInfo"] == {
        "userGuid": "a0000000000000000000000000000001",
        "userId": "anna@lamps.example",
        "customerGuid": "c0000000000000000000000000000001",
    }


def test_logout_kills_the_token_at_once(anna):
    answer = token_call(anna, "POST", "logout")
    assert (answer.status_code, answer.content) == (204, b"")
    assert token_call(anna, "GET", "validate").status_code == 401
    assert anna.call("GET", "/users/me").status_code == 401


def test_a_token_ends_after_35_minutes_and_cannot_be_refreshed_then(anna):
    anna.tell("clock", {"minutes": 34, "seconds": 50})
    assert anna.call("GET", "/users/me").status_code == 200
    anna.tell("clock", {"seconds": 11})
    assert anna.call("GET", "/users/me").status_code == 401
    assert token_call(anna, "POST", "refresh").status_code == 401


def test_the_life_of_a_token_can_be_set(anna, origin):
    anna.tell("settings", {"token_minutes": 1})
    short = Client(origin, ANNA)
    anna.tell("clock", {"seconds": 61})
    assert short.call("GET", "/users/me").status_code == 401
    assert anna.call("GET", "/users/me").status_code == 200


def test_a_refresh_gives_the_life_that_is_set(anna):
    anna.tell("settings", {"token_minutes": 1})
    body = token_call(anna, "POST", "refresh").json()
    end = (time.time() + 60) * 1000
    assert body["tokenInfo"]["expiresAt"] == pytest.approx(end, abs=5_000)
    anna.tell("clock", {"seconds": 61})
    assert token_call(anna, "GET", "validate").status_code == 401


def test_bearer_works_on_the_integration_api_only(anna):
    anna.http.headers["Authorization"] = f"Bearer {anna.token}"
    assert anna.call("GET", "/users/me").status_code == 200
    statuses = [
        token_call(anna, method, path).status_code
        for method, path in (("GET", "validate"), ("POST", "refresh"), ("POST", "logout"))
    ]
    assert statuses == [400, 400, 401]


@pytest.mark.parametrize("header", ["AnaplanAuthToken unknown", "Basic eDp5", ""])
def test_the_integration_api_refuses_anything_else(anna, header):
    anna.http.headers["Authorization"] = header
    answer = anna.call("GET", "/models")
    assert (answer.status_code, answer.json()["status"]) == (401, "FAILURE_INVALID_TOKEN")


def test_sign_ins_are_counted(anna, bo):
    assert anna.look("counters")["tokens_issued"] == 2
