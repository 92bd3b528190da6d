"""Signing in to the stand-in QAD: grants, Basic, and how a token ends."""

import pytest

PASSWORD = {
    "grant_type": "password",
    "client_id": "ml-connector",
    "username": "demo",
    "password": "demo",
}
CONTROL = "api/qracore/securityControl"


def test_the_password_grant_gives_a_bearer_token(qad):
    answer = qad.sign_in()
    assert sorted(answer) == ["access_token", "expires_in", "refresh_token", "token_type"]
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 1800)
    assert qad.call("GET", CONTROL).json() == {
        "data": {
            "securityControls": [
                {"clientId": "ml-connector", "sessionLength": 480, "timeoutMinutes": 30}
            ]
        }
    }
    assert qad.look("counters")["tokens_by_password"] == 1


def test_the_values_may_stand_in_the_query(qad):
    answer = qad.call("POST", "oauth/token", params=PASSWORD)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"username": "nobody"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, 400, "invalid_grant"),
    ],
)
def test_a_refused_grant_names_its_error(qad, change, status, error):
    answer = qad.ask_token(**(PASSWORD | change))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "tokens" not in qad.look("counters")


def test_a_refresh_gives_a_new_pair_and_ends_the_old_one(qad):
    first = qad.sign_in()
    values = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    second = qad.ask_token(refresh_token=first["refresh_token"], **values).json()
    assert second["access_token"] != first["access_token"]
    assert qad.call("GET", CONTROL).status_code == 401
    qad.use(second["access_token"])
    assert qad.call("GET", CONTROL).status_code == 200
    again = qad.ask_token(refresh_token=first["refresh_token"], **values)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_may_stay_when_told_so(qad):
    first = qad.sign_in()
    qad.tell("settings", {"refresh_rotates": False})
    values = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    second = qad.ask_token(refresh_token=first["refresh_token"], **values).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert qad.call("GET", CONTROL).status_code == 200
    assert qad.ask_token(refresh_token=first["refresh_token"], **values).status_code == 200


def test_a_session_ends_after_its_length_even_in_use(qad):
    qad.sign_in()
    for minutes in range(0, 480, 25):
        qad.tell("settings", {"clock_ahead_seconds": minutes * 60})
        assert qad.call("GET", CONTROL).status_code == 200
    qad.tell("settings", {"clock_ahead_seconds": 480 * 60})
    answer = qad.call("GET", CONTROL)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_the_length_of_a_session_can_be_chosen(qad):
    qad.tell("settings", {"session_minutes": 20.0})
    qad.sign_in()
    qad.tell("settings", {"clock_ahead_seconds": 19 * 60})
    assert qad.call("GET", CONTROL).status_code == 200
    qad.tell("settings", {"clock_ahead_seconds": 20 * 60})
    assert qad.call("GET", CONTROL).status_code == 401


def test_an_idle_session_ends_before_its_length(qad):
    qad.sign_in()
    qad.tell("settings", {"clock_ahead_seconds": 30 * 60})
    assert qad.call("GET", CONTROL).status_code == 401


@pytest.mark.parametrize(
    ("session", "idle", "lifetime", "calls"),
    [
        (10, 4, 240, {3: 200, 6: 200, 9: 200, 10: 401}),
        (3, 40, 180, {2: 200, 3: 401}),
        (600, 4, 240, {3: 200, 6: 200, 10: 401}),
        (600, 90, 5400, {80: 200, 160: 200, 240: 200, 320: 200, 400: 200, 480: 200, 560: 200}),
    ],
)
def test_both_lengths_of_a_session_can_be_set(qad, session, idle, lifetime, calls):
    qad.tell("settings", {"session_minutes": session, "idle_minutes": idle})
    assert qad.sign_in()["expires_in"] == lifetime
    control = qad.call("GET", CONTROL).json()["data"]["securityControls"][0]
    assert (control["sessionLength"], control["timeoutMinutes"]) == (session, idle)
    statuses = {}
    for minutes in calls:
        qad.tell("settings", {"clock_ahead_seconds": minutes * 60})
        statuses[minutes] = qad.call("GET", CONTROL).status_code
    assert statuses == calls


def test_the_lifetime_is_told_only_when_switched_on(qad):
    qad.tell("settings", {"expires_in": False})
    assert "expires_in" not in qad.sign_in()


def test_revoked_tokens_are_401_but_can_be_refreshed(qad):
    first = qad.sign_in()
    assert qad.tell("tokens/revoke", {}).json() == {"revoked": 1}
    assert qad.call("GET", CONTROL).status_code == 401
    values = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    assert qad.ask_token(refresh_token=first["refresh_token"], **values).status_code == 200


def test_revoked_refresh_tokens_are_refused(qad):
    first = qad.sign_in()
    qad.tell("tokens/revoke", {"refresh": True})
    values = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    assert qad.ask_token(refresh_token=first["refresh_token"], **values).status_code == 400


def test_basic_signs_in_with_each_call(qad):
    assert qad.call("GET", CONTROL).status_code == 200
    qad.http.auth = ("demo", "wrong")
    assert qad.call("GET", CONTROL).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer nothing", "Basic !!!", "Digest x"])
def test_a_call_without_a_good_sign_in_is_401(qad, header):
    qad.use("")
    qad.http.headers["Authorization"] = header
    assert qad.call("GET", CONTROL).status_code == 401
    assert qad.look("counters")["signed_out"] == 1


def test_a_signed_out_call_can_be_sent_to_the_login_page(qad):
    qad.use("nothing")
    qad.tell("settings", {"signed_out": "redirect"})
    answer = qad.call("GET", CONTROL)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/clouderp/resources/login.jsp"
    qad.tell("settings", {"signed_out": "login_page"})
    answer = qad.call("GET", CONTROL)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Log In" in answer.text


@pytest.mark.parametrize("charset", ["utf-8", "utf-99"])
def test_a_form_that_cannot_be_read_signs_nobody_in(qad, charset):
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    body = b"grant_type=password&client_id=\xff"
    answer = qad.call("POST", "oauth/token", data=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("path", "verbs", "wrong"),
    [(CONTROL, "GET,HEAD,OPTIONS", "POST"), ("oauth/token", "POST,OPTIONS", "GET")],
)
def test_options_name_the_verbs_and_others_are_refused(qad, path, verbs, wrong):
    answer = qad.call("OPTIONS", path)
    assert (answer.status_code, answer.headers["Allow"]) == (200, verbs)
    assert qad.call(wrong, path).status_code == 500
    qad.tell("settings", {"wrong_verb": "405"})
    assert qad.call(wrong, path).status_code == 405
