"""OAuth2: both grants, their pages, refresh tokens, errors."""

import base64
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from simulators.anaplan.loading import BadModel, load
from tests.simulators.anaplan.client import ANNA
from tests.simulators.anaplan.test_model_file import change

WEB, DEVICE, STEADY = (f"e000000000000000000000000000000{n}" for n in range(1, 4))
SECRET = "lamp-client-secret"
BACK = "https://reports.lamps.example/back"
SCOPE = "openid profile email offline_access"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASK = {
    "response_type": "code", "client_id": WEB, "redirect_uri": BACK, "scope": SCOPE, "state": "s&1",
}  # fmt: skip


def settle(origin, **switches):
    assert requests.post(f"{origin}/_sim/settings", json=switches).status_code == 200


def wait(origin, **time):
    requests.post(f"{origin}/_sim/clock", json=time)


def choose(origin, choice="allow", password=ANNA[1], **changes):
    form = ASK | {"email": ANNA[0], "password": password, "choice": choice} | changes
    return requests.post(f"{origin}/auth/prelogin", data=form, allow_redirects=False)


def get_code(origin, **changes):
    answer = choose(origin, **changes)
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def trade(origin, code, /, **changes):
    body = {
        "grant_type": "authorization_code", "client_id": WEB, "client_secret": SECRET,
        "code": code, "redirect_uri": BACK,
    }  # fmt: skip
    return requests.post(f"{origin}/oauth/token", json=body | changes)


def refresh(origin, token, client=WEB, secret=SECRET):
    body = {"grant_type": "refresh_token", "client_id": client, "refresh_token": token}
    if secret:
        body["client_secret"] = secret
    return requests.post(f"{origin}/oauth/token", json=body)


def start_device(origin, client=DEVICE):
    body = {"client_id": client, "scope": SCOPE, "audience": "https://api.anaplan.com"}
    return requests.post(f"{origin}/oauth/device/code", json=body).json()


def poll(origin, device, client=DEVICE):
    body = {
        "grant_type": DEVICE_GRANT, "device_code": device["device_code"], "client_id": client,
    }  # fmt: skip
    return requests.post(f"{origin}/oauth/token", json=body)


def activate(origin, user_code, choice="allow", password=ANNA[1]):
    form = {"user_code": user_code, "email": ANNA[0], "password": password, "choice": choice}
    return requests.post(f"{origin}/activate", data=form)


def error_of(answer):
    return answer.status_code, answer.json()["error"]


def test_a_code_becomes_tokens(origin):
    answer = trade(origin, get_code(origin))
    body = answer.json()
    assert (answer.status_code, set(body)) == (
        200,
        {"access_token", "id_token", "refresh_token", "scope", "expires_in", "token_type"},
    )
    assert (body["scope"], body["expires_in"], body["token_type"]) == (
        "openid email offline_access", 2100, "Bearer",
    )  # fmt: skip
    claims = json.loads(base64.urlsafe_b64decode(body["id_token"].split(".")[1] + "=="))
    assert (claims["email"], claims["aud"]) == (ANNA[0], WEB)
    for scheme in ("Bearer", "AnaplanAuthToken"):
        headers = {"Authorization": f"{scheme} {body['access_token']}"}
        me = requests.get(f"{origin}/2/0/users/me", headers=headers)
        assert me.json()["user"]["email"] == ANNA[0]
    assert requests.get(f"{origin}/token/validate", headers=headers).status_code == 200
    wait(origin, minutes=36)
    assert requests.get(f"{origin}/2/0/users/me", headers=headers).status_code == 401


def test_the_life_of_a_token_that_is_set_is_told_to_the_client(origin):
    settle(origin, token_minutes=10)
    body = trade(origin, get_code(origin)).json()
    claims = json.loads(base64.urlsafe_b64decode(body["id_token"].split(".")[1] + "=="))
    assert (body["expires_in"], claims["exp"] - claims["iat"]) == (600, 600)


def test_a_form_is_taken_like_json(origin):
    body = {
        "grant_type": "authorization_code", "client_id": WEB, "client_secret": SECRET,
        "code": get_code(origin), "redirect_uri": BACK,
    }  # fmt: skip
    assert requests.post(f"{origin}/oauth/token", data=body).status_code == 200


def test_a_scope_without_offline_access_gives_no_refresh_token(origin):
    body = trade(origin, get_code(origin, scope="email")).json()
    assert set(body) == {"access_token", "scope", "expires_in", "token_type"}


def test_authorize_leads_to_the_page_which_names_client_and_scopes(origin):
    first = requests.get(f"{origin}/auth/authorize", params=ASK, allow_redirects=False)
    assert first.status_code == 302
    page = requests.get(f"{origin}{first.headers['Location']}")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<b>Lamp Reports</b>" in page.text
    assert re.findall(r"<li>(.*?)</li>", page.text) == ["openid", "email", "offline_access"]
    assert 'name="state" value="s&amp;1"' in page.text


def test_state_and_address_come_back_exactly(origin):
    other = "https://reports.lamps.example/other?x=1"
    address = choose(origin, redirect_uri=other).headers["Location"]
    assert address.startswith(f"{other}&code=")
    assert parse_qs(urlsplit(address).query)["state"] == ["s&1"]


def test_a_refusal_goes_back_to_the_client(origin):
    query = parse_qs(urlsplit(choose(origin, "deny").headers["Location"]).query)
    assert (query["error"], query["state"]) == (["access_denied"], ["s&1"])
    assert "code" not in query


def test_a_wrong_password_shows_the_page_again(origin):
    answer = choose(origin, password="wrong")
    assert (answer.status_code, "Incorrect username" in answer.text) == (401, True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"redirect_uri": BACK + "/"}, (400, "invalid_request")),
        ({"redirect_uri": "https://evil.example"}, (400, "invalid_request")),
        ({"client_id": "f" * 32}, (401, "invalid_client")),
        ({"client_id": DEVICE}, (403, "unauthorized_client")),
        ({"response_type": "token"}, (400, "invalid_request")),
    ],
)
def test_a_wrong_question_is_never_redirected(origin, changes, expected):
    for path in ("authorize", "prelogin"):
        answer = requests.get(f"{origin}/auth/{path}", params=ASK | changes, allow_redirects=False)
        assert error_of(answer) == expected
    assert error_of(choose(origin, **changes)) == expected


def test_a_code_works_once_and_for_a_minute(origin):
    code = get_code(origin)
    assert trade(origin, code).status_code == 200
    assert error_of(trade(origin, code)) == (403, "invalid_grant")
    late = get_code(origin)
    wait(origin, seconds=61)
    assert error_of(trade(origin, late)) == (403, "invalid_grant")
    settle(origin, oauth_error_status=400, oauth_code_seconds=120)
    assert error_of(trade(origin, late)) == (400, "invalid_grant")
    later = get_code(origin)
    wait(origin, seconds=119)
    assert trade(origin, later).status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_secret": ""}, (400, "invalid_request")),
        ({"redirect_uri": BACK + "?"}, (403, "invalid_grant")),
        ({"client_id": DEVICE}, (403, "unauthorized_client")),
        ({"client_id": "f" * 32}, (401, "invalid_client")),
        ({"code": "unknown"}, (403, "invalid_grant")),
        ({"grant_type": ""}, (401, "invalid_request")),
        ({"grant_type": "client_credentials"}, (403, "unauthorized_client")),
        ({"grant_type": "password"}, (403, "unauthorized_client")),
    ],
)
def test_wrong_token_requests(origin, changes, expected):
    code = get_code(origin)
    assert error_of(trade(origin, code, **changes)) == expected
    assert trade(origin, code).status_code == 200


def test_a_rotatable_token_is_dead_once_used(origin):
    first = trade(origin, get_code(origin)).json()["refresh_token"]
    second = refresh(origin, first).json()["refresh_token"]
    assert second != first
    assert error_of(refresh(origin, first)) == (403, "invalid_grant")
    assert refresh(origin, second).status_code == 200


def test_a_revocation_ends_refresh_tokens_only_when_told_so(origin):
    tokens = trade(origin, get_code(origin)).json()
    for ends_refresh, expected in ((False, 200), (True, 403)):
        fault = {"path": "/2/0/", "kind": "token_revoked", "refresh": ends_refresh}
        assert requests.post(f"{origin}/_sim/faults", json=fault).status_code == 200
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert requests.get(f"{origin}/2/0/users/me", headers=headers).status_code == 401
        answer = refresh(origin, tokens["refresh_token"])
        assert answer.status_code == expected
        tokens = answer.json()
    assert tokens["error"] == "invalid_grant"


def test_reuse_may_end_all_of_a_consent(origin):
    settle(origin, reuse_ends_all=True)
    first = trade(origin, get_code(origin)).json()["refresh_token"]
    second = refresh(origin, first).json()["refresh_token"]
    refresh(origin, first)
    assert error_of(refresh(origin, second)) == (403, "invalid_grant")


def test_a_rotatable_token_lives_43000_seconds(origin):
    token = trade(origin, get_code(origin)).json()["refresh_token"]
    wait(origin, seconds=42_990)
    token = refresh(origin, token).json()["refresh_token"]
    wait(origin, seconds=43_001)
    assert error_of(refresh(origin, token)) == (403, "invalid_grant")


def test_refreshing_needs_the_clients_own_secret(origin):
    token = trade(origin, get_code(origin)).json()["refresh_token"]
    assert error_of(refresh(origin, token, secret="")) == (400, "invalid_request")
    assert error_of(refresh(origin, token, DEVICE, "")) == (403, "invalid_grant")
    requests.post(f"{origin}/_sim/users", json={"email": ANNA[0], "status": "deactivated"})
    assert error_of(refresh(origin, token)) == (403, "invalid_grant")


def test_a_device_is_let_in(origin):
    device = start_device(origin)
    code = device["user_code"]
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", code)
    assert (
        device.items()
        >= {
            "verification_uri": f"{origin}/activate",
            "verification_uri_complete": f"{origin}/activate?user_code={code}",
            "expires_in": 900,
            "interval": 5,
        }.items()
    )
    assert error_of(poll(origin, device)) == (403, "authorization_pending")
    assert f'value="{code}"' in requests.get(device["verification_uri_complete"]).text
    assert activate(origin, code, password="wrong").status_code == 401
    assert "is let in" in activate(origin, code.lower()).text
    wait(origin, seconds=5)
    body = poll(origin, device).json()
    assert body["scope"] == "openid email offline_access"
    assert refresh(origin, body["refresh_token"], DEVICE, "").status_code == 200
    wait(origin, seconds=5)
    assert error_of(poll(origin, device)) == (403, "invalid_grant")


def test_polling_too_fast_slows_down_by_five_seconds(origin):
    device = start_device(origin)
    answers = [poll(origin, device).json()["error"] for _ in range(2)]
    assert answers == ["authorization_pending", "slow_down"]
    wait(origin, seconds=6)
    assert poll(origin, device).json()["error"] == "slow_down"
    wait(origin, seconds=15)
    assert poll(origin, device).json()["error"] == "authorization_pending"


def test_a_device_is_denied_or_comes_too_late(origin):
    denied, late = start_device(origin), start_device(origin)
    activate(origin, denied["user_code"], "deny")
    assert error_of(poll(origin, denied)) == (403, "access_denied")
    wait(origin, minutes=15)
    assert activate(origin, late["user_code"]).status_code == 400
    assert error_of(poll(origin, late)) == (403, "expired_token")


def test_a_single_sign_on_user_cannot_let_a_device_in_but_can_consent(origin):
    requests.post(f"{origin}/_sim/users", json={"email": ANNA[0], "sso": True})
    device = start_device(origin)
    assert "not let in" in activate(origin, device["user_code"]).text
    assert error_of(poll(origin, device)) == (403, "access_denied")
    assert trade(origin, get_code(origin)).status_code == 200


def test_device_switches(origin):
    settle(
        origin, device_seconds=60, device_interval=1,
        activation_address="https://iam.anaplan.com/activate",
    )  # fmt: skip
    device = start_device(origin)
    assert (device["expires_in"], device["interval"]) == (60, 1)
    assert device["verification_uri"] == "https://iam.anaplan.com/activate"
    assert error_of(poll(origin, device)) == (403, "authorization_pending")
    wait(origin, seconds=2)
    assert error_of(poll(origin, device)) == (403, "authorization_pending")
    wait(origin, seconds=59)
    assert error_of(poll(origin, device)) == (403, "expired_token")


def test_wrong_device_requests(origin):
    def ask(**body):
        return error_of(requests.post(f"{origin}/oauth/device/code", json=body))

    assert ask() == (400, "invalid_request")
    assert ask(client_id=WEB) == (403, "unauthorized_client")
    assert ask(client_id="f" * 32) == (401, "invalid_client")
    assert activate(origin, "XXXX-XXXX").status_code == 400


def test_a_non_rotatable_token_stays(origin):
    device = start_device(origin, STEADY)
    activate(origin, device["user_code"])
    token = poll(origin, device, STEADY).json()["refresh_token"]
    wait(origin, hours=24 * 400)
    assert refresh(origin, token, STEADY, "").json()["refresh_token"] == token
    settle(origin, refresh_token_always=False)
    assert "refresh_token" not in refresh(origin, token, STEADY, "").json()


def test_pages_escape_what_they_show(origin):
    page = requests.get(f"{origin}/activate", params={"user_code": '"><script>'})
    assert "<script>" not in page.text
    page = requests.get(f"{origin}/auth/prelogin", params=ASK | {"state": '"><script>'})
    assert "<script>" not in page.text


def test_look_ins_keep_no_secrets(origin):
    code = get_code(origin)
    tokens = trade(origin, code).json()
    device = start_device(origin)
    requests.get(device["verification_uri_complete"])
    poll(origin, device)
    seen = "".join(
        requests.get(f"{origin}/_sim/{path}").text
        for path in ("requests", "settings", "users", "counters")
    )
    for secret in (code, SECRET, ANNA[1], tokens["access_token"], tokens["refresh_token"],
                   device["device_code"], device["user_code"]):  # fmt: skip
        assert secret not in seen
    assert '"/oauth/token"' in seen


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"redirectUris": ["http://a.example"]}, "must be https and not this machine"),
        ({"redirectUris": ["https://localhost/x"]}, "must be https and not this machine"),
        ({"redirectUris": [f"https://a.example/{n}" for n in range(61)]}, "more than 60"),
        ({"secret": ""}, "'secret' and 'redirectUris' belong to authorization_code"),
        ({"id": "X"}, "must be 32 lower-case hex digits"),
    ],
)
def test_a_client_that_cannot_be_used_is_named(tmp_path, members, words):
    path = change(tmp_path, lambda body, model: body["oauthClients"][0].update(members))
    with pytest.raises(BadModel, match=f"OAuth client 'Lamp Reports': .*{words}"):
        load(path)


def test_a_trial_client_may_lead_to_this_machine(tmp_path):
    trial = {"redirectUris": ["http://127.0.0.1:8000/back"], "trial": True}
    path = change(tmp_path, lambda body, model: body["oauthClients"][0].update(trial))
    assert load(path).oauth_clients[WEB].trial


@pytest.mark.parametrize("path", ["oauth/token", "oauth/device/code", "activate"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-99"])
def test_a_form_that_cannot_be_read_is_an_empty_one(origin, path, charset):
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    answer = requests.post(f"{origin}/{path}", data=b"client_id=\xff", headers=headers, timeout=10)
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("RS256", 256)])
def test_an_id_token_is_signed_in_one_of_two_ways(origin, algorithm, size):
    settle(origin, openid_algorithm=algorithm)
    parts = trade(origin, get_code(origin)).json()["id_token"].split(".")
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in parts)
    assert json.loads(head) == {"alg": algorithm, "typ": "JWT"}
    assert (json.loads(claims)["email"], len(signature)) == (ANNA[0], size)
