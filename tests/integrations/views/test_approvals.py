"""Approving a connection at Anaplan, by browser and by device; nothing secret ever comes back."""

import logging
import re

import pytest
import requests
from django.db import connection

from accounts.bound_sessions import ORGANIZATION
from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.anaplan.oauth import OAuthService
from integrations.fields import open_sealed
from integrations.models import Connection
from integrations.services.clients import build_anaplan
from integrations.services.tokens import RedisTokenStore
from integrations.transport.errors import IntegrationError
from tests.accounts.people import make_cast
from tests.integrations.anaplan_pages import (
    DONE,
    PASSWORD,
    add,
    only_row,
    page_of,
    text_of,
    told_after,
)
from tests.integrations.anaplan_scene import (
    OUR_SECRET,
    address_for,
    connect,
    consent,
    fresh,
)
from tests.integrations.transport.odd_server import OddServer, plain
from tests.simulators.anaplan.client import ANNA


@pytest.fixture
def cast(engines):
    return make_cast()


@pytest.fixture
def admin(cast):
    return cast.client(Role.ADMIN)


def begin(client, cast, row):
    return client.get(cast.url(f"connections/{row.pk}/approve/"))["Location"]


def test_an_approval_leads_there_and_back_and_the_connection_works(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    assert "Not approved yet" in page_of(admin, cast, row)
    back = consent(begin(admin, cast, row))
    assert back.startswith("http://127.0.0.1:8000" + DONE)
    answer = admin.get(back)
    assert answer["Location"] == cast.url(f"connections/{row.pk}/")
    page = told_after(admin, answer)
    assert f"{row.name} is approved." in page
    assert ANNA[0] in page
    assert f"by {cast.member(Role.ADMIN).email}" in page
    assert build_anaplan(fresh(row)).me().email == ANNA[0]
    with tenant(cast.organization.pk):
        event = Event.objects.get(action="connection.approved")
    assert (event.actor, event.data["user"]) == (cast.member(Role.ADMIN).email, ANNA[0])


def test_an_answer_is_taken_once_and_only_in_the_browser_that_asked(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    back, before = consent(begin(admin, cast, row)), len(stand_in.calls("/oauth/token"))
    other = cast.client(Role.OWNER)
    forged = re.sub("state=[^&]+", "state=forged", back)
    for client, address in ((other, back), (admin, forged), (admin, DONE)):
        told = told_after(client, client.get(address))
        assert "belongs to no approval that this browser has begun" in told
    assert len(stand_in.calls("/oauth/token")) == before
    admin.get(back)
    assert "belongs to no approval" in told_after(admin, admin.get(back))
    assert len(stand_in.calls("/oauth/token")) == before + 1


def test_an_approval_is_not_kept_for_another_client_than_the_one_that_asked(
    stand_in, admin, cast, monkeypatch
):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    back = consent(begin(admin, cast, row))
    redeem = OAuthService.redeem

    def change_meanwhile(service, code, redirect_uri):
        found = redeem(service, code, redirect_uri)
        with tenant(cast.organization.pk):
            other = address_for(stand_in.origin, "oauth_code", client_id="f" * 32)
            Connection.objects.filter(pk=row.pk).update(address=other)
        return found

    monkeypatch.setattr(OAuthService, "redeem", change_meanwhile)
    assert "belongs to no approval" in told_after(admin, admin.get(back))
    assert fresh(row).renewal == ""


def test_no_transaction_waits_for_anaplan(stand_in, admin, cast, monkeypatch):
    row = connect(cast.organization, stand_in.origin, "oauth_device")
    web = connect(cast.organization, stand_in.origin, "oauth_code")
    found, post = [], OAuthService._post

    def note(service, path, values):
        found.append((path, connection.in_atomic_block))
        return post(service, path, values)

    monkeypatch.setattr(OAuthService, "_post", note)
    begin_device(admin, cast, row)
    ripen(admin)
    poll(admin, cast, row)
    admin.get(consent(begin(admin, cast, web)))
    assert found == [
        ("/oauth/device/code", False),
        ("/oauth/token", False),
        ("/oauth/token", False),
    ]


def change_attempt(client, **changes):
    session = client.session
    session["anaplan_approval"] = {**session["anaplan_approval"], **changes}
    session.save()


def test_an_answer_that_comes_late_is_not_taken(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    back = consent(begin(admin, cast, row))
    change_attempt(admin, begun_at=0.0)
    assert "in the last 15 minutes" in told_after(admin, admin.get(back))
    assert fresh(row).renewal == ""


@pytest.mark.parametrize(
    ("choice", "wait", "told"),
    [
        ("deny", 0, "Somebody pressed “Deny”"),
        ("allow", 2, "older than a minute"),
    ],
)
def test_a_refusal_is_told_on_the_connections_page(stand_in, admin, cast, choice, wait, told):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    back = consent(begin(admin, cast, row), choice)
    stand_in.look("clock", {"minutes": wait})
    answer = admin.get(back)
    assert answer["Location"] == cast.url(f"connections/{row.pk}/")
    assert told in told_after(admin, answer)
    assert fresh(row).renewal == ""


def test_who_may_not_connect_any_more_approves_nothing(stand_in, cast):
    operator, admin = cast.client(Role.OPERATOR), cast.client(Role.ADMIN)
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    assert operator.get(cast.url(f"connections/{row.pk}/approve/")).status_code == 403
    back = consent(begin(admin, cast, row))
    session = operator.session
    session["anaplan_approval"] = admin.session["anaplan_approval"]
    session.save()
    assert "change connections or syncs" in told_after(operator, operator.get(back))
    stranger = cast.stranger
    session = stranger.session
    session["anaplan_approval"] = admin.session["anaplan_approval"]
    session.save()
    assert stranger.get(back).status_code == 404
    change_session(admin, {ORGANIZATION: cast.organization.pk + 1})
    assert admin.get(back).status_code == 404
    assert fresh(row).renewal == ""


def change_session(client, values):
    session = client.session
    session.update(values)
    session.save()


def test_a_member_of_the_organizations_own_provider_may_approve_too(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    change_session(admin, {ORGANIZATION: cast.organization.pk})
    admin.get(consent(begin(admin, cast, row)))
    assert fresh(row).renewal


def begin_device(client, cast, row):
    return client.post(cast.url(f"connections/{row.pk}/device/begin/"))


def poll(client, cast, row, **headers):
    return client.post(cast.url(f"connections/{row.pk}/device/poll/"), **headers)


def ripen(client):
    """Let the time pass after which Anaplan may be asked again."""
    session = client.session
    session["anaplan_device"] = {**session["anaplan_device"], "asked_at": 0.0}
    session.save()


def enter(client, stand_in, choice="allow"):
    form = {"email": ANNA[0], "password": ANNA[1], "choice": choice}
    code = client.session["anaplan_device"]["user_code"]
    requests.post(f"{stand_in.origin}/activate", data={"user_code": code, **form})


def test_a_device_is_approved_at_anaplans_own_rhythm(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_device")
    begin_device(admin, cast, row)
    page = page_of(admin, cast, row, "device/")
    code = re.search(r"[A-Z]{4}-[A-Z]{4}", page)
    assert code
    assert f"/activate?user_code={code[0]}" in page
    assert 'hx-trigger="submit, every 5s"' in page
    before = len(stand_in.calls("/oauth/token"))
    poll(admin, cast, row)
    assert len(stand_in.calls("/oauth/token")) == before
    ripen(admin)
    assert poll(admin, cast, row)["Location"] == cast.url(f"connections/{row.pk}/device/")
    ripen(admin)
    part = poll(admin, cast, row, headers={"HX-Request": "true"})
    assert 'hx-trigger="submit, every 10s"' in text_of(part)
    assert part.content.lstrip().startswith(b"<section")
    enter(admin, stand_in)
    stand_in.look("clock", {"seconds": 11})
    ripen(admin)
    done = poll(admin, cast, row, headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == cast.url(f"connections/{row.pk}/")
    assert f"{row.name} is approved." in page_of(admin, cast, row)
    assert build_anaplan(fresh(row)).me().email == ANNA[0]
    assert "anaplan_device" not in admin.session


@pytest.mark.parametrize(
    ("choice", "wait", "told"),
    [("deny", 6, "Somebody pressed “Deny”"), ("", 901, "Nobody entered the code at Anaplan")],
)
def test_a_device_that_was_refused_may_begin_anew(stand_in, admin, cast, choice, wait, told):
    row = connect(cast.organization, stand_in.origin, "oauth_device")
    begin_device(admin, cast, row)
    if choice:
        enter(admin, stand_in, choice)
    stand_in.look("clock", {"seconds": wait})
    ripen(admin)
    assert told in told_after(admin, poll(admin, cast, row))
    assert "Get a code for Anaplan" in page_of(admin, cast, row)
    begin_device(admin, cast, row)
    change = {**admin.session["anaplan_device"], "ends_at": 0.0}
    change_session(admin, {"anaplan_device": change})
    assert "Begin again" in page_of(admin, cast, row, "device/")


def test_a_code_outlives_what_only_time_can_mend(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_device")
    begin_device(admin, cast, row)
    stand_in.fault("status", "/oauth/token", status=503)
    ripen(admin)
    part = poll(admin, cast, row, headers={"HX-Request": "true"})
    assert 'hx-trigger="submit, every 10s"' in text_of(part)
    enter(admin, stand_in)
    stand_in.look("clock", {"seconds": 11})
    ripen(admin)
    assert f"{row.name} is approved." in told_after(admin, poll(admin, cast, row))


def test_a_code_of_an_odd_length_is_shown_all_the_same(admin, cast):
    body = (
        b'{"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": "https://a.example",'
        b' "interval": -7, "expires_in": 99999999999999}'
    )
    with OddServer([plain(body)]) as server:
        row = connect(cast.organization, server.url, "oauth_device")
        begin_device(admin, cast, row)
    page = page_of(admin, cast, row, "device/")
    assert "ABCD-EFGH" in page
    assert 'hx-trigger="submit, every 1s"' in page


def test_a_secret_that_does_not_open_is_told(stand_in, admin, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_device")
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=row.pk).update(secrets="x")
    told = told_after(admin, begin_device(admin, cast, row))
    assert "can't be opened with this service's keys" in told


def test_a_client_of_the_other_kind_is_named_at_once(stand_in, admin, cast):
    row = connect(
        cast.organization, stand_in.origin, "oauth_device", client_id="e" + "0" * 30 + "4"
    )
    told = told_after(admin, begin_device(admin, cast, row))
    assert "one client is either for the authorization code or for devices" in told


def test_secrets_that_went_through_it_all_are_nowhere_in_the_clear(stand_in, admin, cast, caplog):
    caplog.set_level(logging.DEBUG)
    add(admin, cast, stand_in.origin, "oauth_code")
    row = only_row(cast)
    pages = told_after(admin, admin.get(consent(begin(admin, cast, row))))
    row = fresh(row)
    build_anaplan(row).me()
    add(admin, cast, stand_in.origin, "basic", name="Other", password=PASSWORD)
    with tenant(cast.organization.pk):
        other = Connection.objects.select_related("organization").get(name="Other")
    with pytest.raises(IntegrationError):
        build_anaplan(other).me()
    for one in (row, other):
        pages += page_of(admin, cast, one) + page_of(admin, cast, one, "anaplan/")
    with tenant(cast.organization.pk):
        events = str(list(Event.objects.values_list("data", flat=True)))
        rows = str(list(Connection.objects.values()))
    token = RedisTokenStore(row).read()
    assert token is not None
    secrets = (OUR_SECRET, PASSWORD, open_sealed(row, "renewal"), token.value)
    for place in (pages, events, rows, caplog.text):
        assert not any(secret in place for secret in secrets)
