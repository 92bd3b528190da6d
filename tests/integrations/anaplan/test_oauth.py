"""OAuth2: an approval by code or device, the refresh that carries it on, each refusal by name."""

import re
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.anaplan.oauth import DeviceCode, Granted, OAuthService, OAuthSignIn, Pending
from integrations.anaplan.tokens import CachedTokens, MemoryTokenStore
from integrations.anaplan.types import Hosts
from integrations.transport.errors import IntegrationError
from integrations.transport.tokens import SignInRefused
from tests.integrations.anaplan.conftest import make_client, make_session
from tests.integrations.transport.odd_server import OddServer, plain
from tests.simulators.anaplan.client import ANNA

WEB, DEVICE, STEADY = (f"e000000000000000000000000000000{n}" for n in range(1, 4))
SECRET = "lamp-client-secret"
BACK = "https://reports.lamps.example/back"


def service(origin, client=WEB, secret=SECRET, **options):
    hosts = Hosts(token=origin, oauth=origin, api=origin)
    return OAuthService(
        session=make_session(), hosts=hosts, client_id=client, client_secret=secret, **options
    )


def device_service(origin, client=DEVICE):
    return service(origin, client, "")


def approve(origin, choice="allow"):
    """A person opens the address, signs in and chooses; returns what comes back."""
    address = service(origin).consent_url(BACK, "s&1")
    form = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form |= {"email": ANNA[0], "password": ANNA[1], "choice": choice}
    answer = requests.post(f"{origin}/auth/prelogin", data=form, allow_redirects=False)
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    }


def enter_code(device, choice="allow"):
    form = {"user_code": device.user_code, "email": ANNA[0], "password": ANNA[1], "choice": choice}
    requests.post(device.address, data=form)


def granted(origin, **options):
    found = service(origin, **options).redeem(approve(origin)["code"], BACK)
    assert isinstance(found, Granted)
    return found


class KeptRenewals:
    """Refresh tokens of one connection, as many workers see them, with what was kept when."""

    def __init__(self, value):
        self.value = value
        self.kept = []

    def read(self):
        return self.value

    def replace(self, shown, new):
        if self.value == shown:
            self.value = new
        self.kept.append(new)


def sign_in(origin, renewals, **options):
    return OAuthSignIn(
        service=service(origin, **options),
        renewals=renewals,
        name="Anaplan",
        sleep=options.pop("sleep", lambda _: None),
    )


def test_an_approval_by_code_gives_a_token_and_what_carries_it_on(anaplan):
    found = granted(anaplan.origin)
    assert found.user == ANNA[0]
    assert found.token.expires_at - found.token.issued_at == 2100
    tokens = CachedTokens(MemoryTokenStore(found.token), sign_in(anaplan.origin, KeptRenewals("")))
    assert make_client(anaplan.origin, tokens=tokens).me().email == ANNA[0]
    assert found.renewal not in repr(found)


def test_both_answers_of_a_person_come_back_with_the_state(anaplan):
    assert approve(anaplan.origin)["state"] == "s&1"
    assert approve(anaplan.origin, "deny") == {
        "error": "access_denied", "error_description": "User did not authorize.", "state": "s&1",
    }  # fmt: skip


def test_the_secret_of_a_call_is_in_its_body_and_not_in_its_address(anaplan):
    granted(anaplan.origin)
    call = anaplan.calls("/oauth/token")[-1]
    assert "?" not in call["path"]
    assert SECRET not in str(call["headers"])


def test_a_refresh_token_that_rotates_is_kept_before_its_token_is_used(anaplan):
    renewals = KeptRenewals(granted(anaplan.origin).renewal)
    first = renewals.value
    for number in (1, 2):
        assert sign_in(anaplan.origin, renewals).authenticate().value
        assert len(renewals.kept) == number
    assert renewals.value != first


def test_one_that_cannot_be_kept_gives_no_token(anaplan):
    renewals = KeptRenewals(granted(anaplan.origin).renewal)
    renewals.replace = lambda shown, new: 1 / 0
    store = MemoryTokenStore()
    with pytest.raises(ZeroDivisionError):
        CachedTokens(store, sign_in(anaplan.origin, renewals)).get()
    assert store.read() is None


@pytest.mark.parametrize("always", [True, False])
def test_one_that_does_not_rotate_stays(anaplan, always):
    anaplan.settings(refresh_token_always=always)
    device = device_service(anaplan.origin, STEADY).begin_device()
    enter_code(device)
    found = device_service(anaplan.origin, STEADY).poll_device(device.device_code, 5)
    assert isinstance(found, Granted)
    renewals = KeptRenewals(found.renewal)
    for _ in range(2):
        sign_in(anaplan.origin, renewals, client=STEADY, secret="").authenticate()
    assert (renewals.value, renewals.kept) == (found.renewal, [])


def test_a_hundred_calls_of_many_workers_refresh_exactly_once(anaplan):
    renewals = KeptRenewals(granted(anaplan.origin).renewal)
    store = MemoryTokenStore()
    workers = [CachedTokens(store, sign_in(anaplan.origin, renewals)) for _ in range(10)]
    found = []
    threads = [
        threading.Thread(target=lambda tokens=tokens: found.append(tokens.get()))
        for tokens in workers
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 100
    assert len(set(found)) == 1
    assert anaplan.count("oauth_refreshes") == 1


def test_a_refusal_is_looked_into_again_since_another_worker_may_have_been_first(anaplan):
    renewals = KeptRenewals(granted(anaplan.origin).renewal)
    used = renewals.value
    sign_in(anaplan.origin, renewals).authenticate()
    reads = iter([used, renewals.value])
    late = KeptRenewals(used)
    late.read = lambda: next(reads)
    late.replace = renewals.replace
    assert sign_in(anaplan.origin, late).authenticate().value
    assert len(renewals.kept) == 2


def test_one_that_is_dead_is_shown_once_and_remembered(anaplan):
    renewals = KeptRenewals(granted(anaplan.origin).renewal)
    anaplan.look("clock", {"minutes": 43_000 / 60 + 1})
    told = []
    tokens = CachedTokens(
        MemoryTokenStore(), sign_in(anaplan.origin, renewals), on_refused=told.append
    )
    before = len(anaplan.calls("/oauth/token"))
    for _ in range(3):
        with pytest.raises(SignInRefused) as caught:
            tokens.get()
        assert caught.value.code == "anaplan_approval_ended"
    assert len(anaplan.calls("/oauth/token")) - before == 1
    assert [error.code for error in told] == ["anaplan_approval_ended"]
    assert renewals.value not in repr(vars(told[0]))


def test_trouble_at_the_refresh_leaves_the_living_token_in_use(anaplan):
    found = granted(anaplan.origin)
    start = found.token.issued_at
    renewals = KeptRenewals(found.renewal)
    tokens = CachedTokens(
        MemoryTokenStore(found.token),
        sign_in(anaplan.origin, renewals),
        clock=lambda: start + 31 * 60,
    )
    anaplan.fault("status", "/oauth/token", status=503)
    assert tokens.get() == found.token.value
    assert tokens.refresh(found.token.value) != found.token.value


def test_nobody_has_approved_yet(anaplan):
    with pytest.raises(IntegrationError) as caught:
        sign_in(anaplan.origin, KeptRenewals("")).authenticate()
    assert caught.value.code == "anaplan_not_approved"
    assert not isinstance(caught.value, SignInRefused)
    assert anaplan.calls("/oauth/token") == []


def test_a_device_waits_for_its_person_and_slows_down_when_told(anaplan):
    device = device_service(anaplan.origin).begin_device()
    assert isinstance(device, DeviceCode)
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", device.user_code)
    assert device.full_address == f"{anaplan.origin}/activate?user_code={device.user_code}"
    assert (device.interval, device.seconds) == (5, 900)
    assert device.device_code not in repr(device)

    def poll(interval):
        return device_service(anaplan.origin).poll_device(device.device_code, interval)

    assert poll(5) == Pending(5)
    assert poll(5) == Pending(10)
    anaplan.look("clock", {"seconds": 11})
    assert poll(10) == Pending(10)
    enter_code(device)
    anaplan.look("clock", {"seconds": 11})
    found = poll(10)
    assert isinstance(found, Granted)
    assert found.user == ANNA[0]


def redeem_with(secret=SECRET, client=WEB, back=BACK, uses=1, wait=0):
    def act(anaplan):
        code = approve(anaplan.origin)["code"]
        anaplan.look("clock", {"seconds": wait})
        for _ in range(uses):
            service(anaplan.origin, client, secret).redeem(code, back)

    return act


def use_device(choice="", client=DEVICE, wait=0):
    def act(anaplan):
        device = device_service(anaplan.origin, client).begin_device()
        if choice:
            enter_code(device, choice)
        anaplan.look("clock", {"seconds": wait})
        device_service(anaplan.origin, client).poll_device(device.device_code, 5)

    return act


def refresh_with(client=WEB, secret=SECRET, renewal="", **switches):
    def act(anaplan):
        kept = renewal or granted(anaplan.origin).renewal
        anaplan.settings(**switches)
        service(anaplan.origin, client, secret).refresh(kept)

    return act


@pytest.mark.parametrize("status", [403, 400])
@pytest.mark.parametrize(
    ("act", "code"),
    [
        (redeem_with(secret="wrong"), "anaplan_client_unknown"),
        (redeem_with(client="f" * 32), "anaplan_client_unknown"),
        (redeem_with(client=DEVICE), "anaplan_client_wrong_kind"),
        (redeem_with(back=BACK + "/"), "anaplan_code_ended"),
        (redeem_with(uses=2), "anaplan_code_ended"),
        (redeem_with(wait=61), "anaplan_code_ended"),
        (redeem_with(secret=""), "anaplan_oauth_refused"),
        (use_device("deny"), "anaplan_access_denied"),
        (use_device(wait=901), "anaplan_device_code_ended"),
        (use_device(client=WEB), "anaplan_client_wrong_kind"),
        (use_device(client="f" * 32), "anaplan_client_unknown"),
        (refresh_with(renewal="never given"), "anaplan_approval_ended"),
        (refresh_with(secret="wrong"), "anaplan_client_unknown"),
        (refresh_with(allowed_addresses="192.0.2.7"), "anaplan_access_denied"),
    ],
)
def test_each_refusal_has_its_name_whatever_its_number(anaplan, act, code, status):
    anaplan.settings(oauth_error_status=status)
    with pytest.raises(SignInRefused) as caught:
        act(anaplan)
    assert caught.value.code == code
    assert SECRET not in repr(vars(caught.value))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (plain(b"", 404), "anaplan_wrong_host"),
        (plain(b"<html>", 200, Content_Type="text/html"), "answer_not_json"),
        (plain(b'{"refresh_token": "C4nary"}', 200), "anaplan_bad_answer"),
        (plain(b'{"access_token": "C4nary"}', 200), "anaplan_no_refresh_token"),
        (plain(b"C4nary", 502), "anaplan_error"),
        (plain(b"", 429, Retry_After="9"), "anaplan_rate_limited"),
        (plain(b'{"error": "Service Unavailable"}', 503), "anaplan_error"),
        (plain(b'{"error": "invalid_grant"}', 500), "anaplan_error"),
        (plain(b'{"error": "too_many_requests"}', 429), "anaplan_rate_limited"),
        (plain(b'{"error": "server_error"}', 400), "anaplan_error"),
        (plain(b'{"error": "temporarily_unavailable"}', 403), "anaplan_error"),
        (plain(b'{"error": "slow_down"}', 400), "anaplan_error"),
        (plain(b'{"error": "Not Found"}', 404), "anaplan_wrong_host"),
        (
            plain(b'{"error": "C4nary", "error_description": "C4nary"}', 403),
            "anaplan_oauth_refused",
        ),
        (plain(b"", 302, Location="https://sso.example.com/"), "redirect_refused"),
    ],
)
def test_odd_answers_are_named_and_asked_for_once(script, code):
    with OddServer([script]) as server:
        with pytest.raises(IntegrationError) as caught:
            service(server.url, secret="C4nary").redeem("C4nary", BACK)
        assert len(server.calls) == 1
    assert caught.value.code == code
    assert not isinstance(caught.value, SignInRefused)
    assert "C4nary" not in repr(vars(caught.value))


def test_a_link_that_is_none_is_not_shown():
    body = b'{"device_code": "d", "user_code": "A", "verification_uri": "javascript:alert(1)"}'
    with OddServer([plain(body)]) as server, pytest.raises(IntegrationError) as caught:
        device_service(server.url).begin_device()
    assert caught.value.code == "anaplan_bad_answer"
