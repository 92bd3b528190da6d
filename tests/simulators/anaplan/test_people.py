"""Who may sign in with a password, and from where."""

import json

import pytest
import requests

from simulators.anaplan.loading import load
from tests.simulators.anaplan.client import ANNA, BO, Client
from tests.simulators.anaplan.test_model_file import change


def sign_in(origin, user=ANNA):
    auth = (user[0].encode(), user[1].encode())
    return requests.post(f"{origin}/token/authenticate", auth=auth)


def tell(origin, path, **body):
    return requests.post(f"{origin}/_sim/{path}", json=body)


@pytest.mark.parametrize("status", ["locked", "deactivated", "password_expired"])
def test_a_user_who_may_not_is_401_like_a_wrong_password(origin, status):
    tell(origin, "users", email=ANNA[0], status=status)
    answer = sign_in(origin)
    assert (answer.status_code, answer.json()) == (
        401,
        {"status": "FAILURE_BAD_CREDENTIAL", "statusMessage": "Incorrect username or password."},
    )
    assert sign_in(origin, BO).status_code == 201
    tell(origin, "users", email=ANNA[0], status="active")
    assert sign_in(origin).status_code == 201


def test_deactivation_ends_the_tokens_and_shows(anna, bo):
    anna.tell("users", {"email": ANNA[0], "status": "deactivated"})
    assert anna.call("GET", "/users/me").status_code == 401
    users = bo.call("GET", "/users").json()["users"]
    assert [user["active"] for user in users] == [False, True]


def test_a_single_sign_on_user_needs_to_be_an_exception(origin):
    tell(origin, "users", email=ANNA[0], sso=True)
    assert sign_in(origin).status_code == 401
    tell(origin, "users", email=ANNA[0], exceptionUser=True)
    assert sign_in(origin).status_code == 201


def test_repeated_failures_lock_only_by_a_switch(origin):
    wrong = (ANNA[0], "wrong")
    for _ in range(5):
        assert sign_in(origin, wrong).status_code == 401
    assert sign_in(origin).status_code == 201
    tell(origin, "settings", failures_until_locked=3)
    for _ in range(3):
        sign_in(origin, wrong)
    assert sign_in(origin).status_code == 401
    tell(origin, "users", email=ANNA[0], status="active")
    assert sign_in(origin).status_code == 201


def test_an_address_that_is_not_on_the_list_is_refused(origin):
    tell(origin, "settings", allowed_addresses="192.0.2.0/24, 198.51.100.7")
    assert sign_in(origin).status_code == 403
    token = requests.post(f"{origin}/oauth/token", json={"grant_type": "refresh_token"})
    assert (token.status_code, token.json()["error"]) == (403, "access_denied")
    tell(origin, "settings", refused_address_status=401)
    assert sign_in(origin).status_code == 401
    tell(origin, "settings", allowed_addresses="192.0.2.0/24,127.0.0.0/8")
    assert sign_in(origin).status_code == 201


def test_the_model_file_says_who_may(tmp_path):
    path = change(
        tmp_path,
        lambda body, model: body["users"][0].update(status="locked", sso=True, exceptionUser=True),
    )
    user = load(path).users[ANNA[0]]
    assert (user.status, user.sso, user.exception_user) == ("locked", True, True)


def test_users_are_shown_without_secrets(origin):
    Client(origin, ANNA).http.close()
    body = requests.get(f"{origin}/_sim/users").json()
    assert body["users"][0] == {
        "email": ANNA[0],
        "status": "active",
        "sso": False,
        "exceptionUser": False,
        "roles": ["workspaceAdmin", "tenantAdmin", "tenantAuditor"],
        "certificates": 0,
    }
    assert BO[1] not in json.dumps(body)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody"},
        {"email": ANNA[0], "status": "asleep"},
        {"email": ANNA[0], "sso": "yes"},
        {"email": ANNA[0], "password": "new"},
    ],
)
def test_wrong_changes_of_users_are_400(origin, body):
    assert tell(origin, "users", **body).status_code == 400
    assert sign_in(origin).status_code == 201
