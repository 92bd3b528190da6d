"""Connecting a QAD by its form: every way in, help with what people know least, secrets kept."""

import html
import json
import re

import pytest
from django.db import connection as database
from limits import RateLimitItemPerMinute

from accounts.errors import Refused
from accounts.models import Role
from accounts.throttles import Limit
from audit.tenancy import tenant
from integrations.fields import open_sealed
from integrations.models import Connection, ProfileVersion
from integrations.services.clients import build_qad
from integrations.services.qad_connection import WayIn, change_qad
from integrations.views import qad_connection
from simulators import server
from simulators.qad.app import build_app
from simulators.qad.lookins import FOLDER
from tests.accounts.people import make_cast
from tests.integrations.qad.conftest import LOGIN, StandIn, make_client, write_books
from tests.names import unique

PASSWORD = "canary-secret-77b1"
WAYS = {
    "oauth2_password": {"client_id": "ml-connector"},
    "basic": {},
    "session_form": {"login_path": "login"},
    "session_form, older": {"login_path": "j_spring_security_check"},
    "bearer_static": {},
}


@pytest.fixture(scope="module")
def qad(engines, tmp_path_factory):
    books = write_books(tmp_path_factory.mktemp("books"))
    (books / "users.csv").write_text(
        f"user,password,client_id\ndemo,demo,ml-connector\nrobot,{PASSWORD},ml-connector\n"
    )
    with server.start(build_app(books)) as running:
        yield StandIn(running)


@pytest.fixture
def cast(engines):
    return make_cast()


def form_for(qad, way="basic", **other):
    mode = way.partition(",")[0]
    given = {"user": "robot", "password": PASSWORD, **WAYS[way]}
    if mode == "bearer_static":
        client = make_client(qad.url, credentials={**LOGIN, "user": "robot", "password": PASSWORD})
        given = {"token": f"Bearer {client._tokens.get()}"}
    return {"name": "Plant", "tenant_url": qad.url, "mode": mode, **given, **other}


def post(cast, path, form, role=Role.ADMIN):
    answer = cast.client(role).post(cast.url(path), form)
    return answer, html.unescape(answer.content.decode())


def saved(cast):
    with tenant(cast.organization.pk):
        return Connection.objects.select_related("organization").filter(
            organization=cast.organization
        ).first()  # fmt: skip


def connect(cast, qad, way="basic", **other):
    answer, page = post(cast, "connections/qad/new/", form_for(qad, way, **other))
    assert answer.status_code == 302, re.findall(r'class="error-summary.*?</ul>', page, re.S)
    return saved(cast)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_in_is_saved_and_reads(cast, qad, way):
    row = connect(cast, qad, way)
    assert row.profile["auth"]["mode"] == way.partition(",")[0]
    assert [space.entity for space in build_qad(row).workspaces()] == ["10USACO", "20EURCO"]
    secrets = json.loads(open_sealed(row, "secrets"))
    assert list(secrets) == ["token" if way == "bearer_static" else "password"]
    with tenant(cast.organization.pk):
        assert ProfileVersion.objects.get(connection=row).number == 1
    client = cast.client(Role.ADMIN)
    for path in (f"connections/{row.pk}/", f"connections/qad/{row.pk}/change/", "connections/"):
        page = client.get(cast.url(path)).content.decode()
        assert [value for value in secrets.values() if value in page] == []


def test_what_another_way_in_would_need_is_not_asked_for(cast, qad):
    answer, page = post(cast, "connections/qad/new/", {"mode": "bearer_static"})
    assert answer.status_code == 422
    assert "Paste the token." in page
    assert "Give the password of this user." not in page
    _, page = post(cast, "connections/qad/new/", {"mode": "oauth2_password"})
    for sentence in ("name of the user in QAD.", "the password of this", "client id, or let"):
        assert sentence in page
    assert saved(cast) is None


def test_a_near_miss_of_an_address_is_not_saved_and_one_button_takes_what_was_meant(cast, qad):
    pasted = f"{qad.url}/login.jsp?error=1"
    answer, page = post(cast, "connections/qad/new/", form_for(qad, tenant_url=pasted))
    assert (answer.status_code, saved(cast)) == (422, None)
    assert "is the sign-in page. A tenant URL ends right before it." in page
    assert f'name="take" value="{qad.url}"' in page
    answer, page = post(cast, "connections/qad/new/", {**form_for(qad), "take": qad.url})
    assert (answer.status_code, saved(cast)) == (200, None)
    assert f'name="tenant_url" value="{qad.url}"' in page
    assert PASSWORD not in page


def test_a_host_alone_is_saved_only_by_who_says_that_it_is_right(cast, qad):
    form = form_for(qad, tenant_url=qad.running.origin)
    answer, page = post(cast, "connections/qad/new/", form)
    assert (answer.status_code, saved(cast)) == (422, None)
    assert "It is a host alone." in page
    answer, _ = post(cast, "connections/qad/new/", {**form, "address_is_right": "on"})
    assert (answer.status_code, saved(cast).address["tenant_url"]) == (302, qad.running.origin)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/clouderp", "A QAD answers at this address."),
        ("/qad-central", "No QAD answers at this address, but one does here:"),
        ("", "No QAD answers at this address, but one does here:"),
    ],
)
def test_looking_says_which_root_answers_and_saves_nothing(cast, qad, path, words):
    form = form_for(qad, tenant_url=qad.running.origin + path, do="look")
    answer, page = post(cast, "connections/qad/new/", form)
    assert (answer.status_code, saved(cast)) == (200, None)
    assert words in page
    assert (f'value="{qad.url}" class="quiet-button small"' in page) is (path != "/clouderp")
    assert PASSWORD not in page


def test_looking_sends_no_password(cast, qad):
    before = len(qad.look("requests")["requests"])
    post(cast, "connections/qad/new/", form_for(qad, do="look"))
    calls = qad.look("requests")["requests"]
    assert len(calls) == before + 1
    assert "Authorization" not in json.dumps(calls[-1])
    assert qad.count("signed_out") >= 1


def test_looking_where_nobody_or_another_server_answers_says_so(cast, qad):
    form = form_for(qad, tenant_url="http://127.0.0.1:9/x", do="look")
    _, page = post(cast, "connections/qad/new/", form)
    assert "accepted no connection on port 9." in page
    with server.start(build_app(qad.running.app[FOLDER], context_root="/elsewhere")) as running:
        form = form_for(qad, tenant_url=f"{running.origin}/clouderp", do="look")
        _, page = post(cast, "connections/qad/new/", form)
    assert "there is no QAD at this address, nor below /clouderp or /qad-central" in page


def test_too_many_looks_ask_nobody_and_keep_what_was_typed(cast, qad, monkeypatch):
    limit = Limit(unique("look"), RateLimitItemPerMinute(2))
    monkeypatch.setattr(qad_connection, "LOOKS_AN_ORGANIZATION", limit)
    path = "connections/qad/new/"
    for do in ("look", "find"):
        post(cast, path, form_for(qad, "oauth2_password", client_id="", do=do))
    asked = len(qad.look("requests")["requests"])
    for do in ("look", "find"):
        _, page = post(cast, path, form_for(qad, "oauth2_password", name="Typed before", do=do))
        assert "has looked at addresses and for client ids very often. Try again in" in page
        assert 'value="Typed before"' in page
    assert len(qad.look("requests")["requests"]) == asked
    _, page = post(make_cast(), path, form_for(qad, do="look"))
    assert "A QAD answers at this address." in page


def test_the_client_id_is_found_with_user_and_password(cast, qad):
    form = form_for(qad, "oauth2_password", client_id="", do="find")
    _, page = post(cast, "connections/qad/new/", form)
    assert 'name="client_id" value="ml-connector"' in page
    assert PASSWORD not in page
    _, page = post(cast, "connections/qad/new/", {**form, "password": "wrong-canary"})
    assert "Wrong user, password or client id for the way “basic”." in page
    assert "wrong-canary" not in page
    assert saved(cast) is None


def test_nobody_waits_for_qad_inside_a_transaction(cast, qad, monkeypatch):
    inside = []
    look = "integrations.qad.looks.find_roots"
    monkeypatch.setattr(look, lambda *_: inside.append(database.in_atomic_block) or [])
    post(cast, "connections/qad/new/", form_for(qad, do="look"))
    assert inside == [False]


def test_a_name_that_is_taken_is_told_beside_it(cast, qad):
    connect(cast, qad)
    answer, page = post(cast, "connections/qad/new/", form_for(qad))
    assert answer.status_code == 422
    assert "Name: Another connection to the same system is called Plant." in page


def change(cast, row, form):
    return post(cast, f"connections/qad/{row.pk}/change/", form)


def test_a_stored_secret_stays_where_none_is_typed(cast, qad):
    row = connect(cast, qad)
    page = cast.client().get(cast.url(f"connections/qad/{row.pk}/change/")).content.decode()
    assert "A password is stored. It was set" in page
    assert f"by {cast.member(Role.ADMIN).email}" in page
    form = form_for(qad, "oauth2_password", password="", name="Plant 2")
    answer, _ = change(cast, row, form)
    assert answer["Location"] == cast.url(f"connections/{row.pk}/")
    after = saved(cast)
    assert (after.name, after.secrets == row.secrets) == ("Plant 2", True)
    assert build_qad(after).ping().rows == 1
    with tenant(cast.organization.pk):
        modes = [row.profile["auth"]["mode"] for row in ProfileVersion.objects.order_by("number")]
    assert modes == ["basic", "oauth2_password"]


def test_the_token_of_one_way_in_is_not_used_for_another(cast, qad):
    row = connect(cast, qad, "oauth2_password")
    assert build_qad(row).ping().rows == 1
    signed_out = qad.count("signed_out")
    change(cast, row, form_for(qad, "session_form", password=""))
    assert build_qad(saved(cast)).ping().rows == 1
    assert qad.count("signed_out") == signed_out


def test_no_other_kind_of_secret_is_taken_for_the_one_that_is_needed(cast, qad):
    row = connect(cast, qad)
    with pytest.raises(Refused) as refused:
        change_qad(
            organization=cast.organization, connection_id=row.pk, name="Plant",
            tenant_url=qad.url, way_in=WayIn("bearer_static"),
        )  # fmt: skip
    assert refused.value.code == "secret_needed"
    assert saved(cast).profile == row.profile


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"tenant_url": "https://acme.example.com/clouderp"}, "Password: The connection Plant has"),
        ({"mode": "bearer_static"}, "Token: Paste the token."),
    ],
)
def test_another_host_or_another_kind_of_secret_asks_for_it_anew(cast, qad, changed, sentence):
    row = connect(cast, qad)
    answer, page = change(cast, row, {**form_for(qad), "password": "", **changed})
    assert answer.status_code == 422
    assert sentence in page
    after = saved(cast)
    assert (after.address, after.profile, after.secrets) == (row.address, row.profile, row.secrets)


def test_an_own_path_of_the_form_survives_a_change(cast, qad):
    row = connect(cast, qad, "session_form")
    with tenant(cast.organization.pk):
        row.profile["auth"] |= {"login_path": "own/login", "login_fields": ["u", "p"]}
        row.save(update_fields=["profile"])
    form = form_for(qad, "session_form", login_path="own/login", password="")
    assert change(cast, row, form)[0].status_code == 302
    assert saved(cast).profile["auth"]["login_fields"] == ["u", "p"]


def test_a_connection_to_anaplan_has_no_such_page(cast, qad):
    row = connect(cast, qad)
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=row.pk).update(system="anaplan")
    for path in ("change/", "workspace/"):
        assert cast.client().get(cast.url(f"connections/qad/{row.pk}/{path}")).status_code == 404


def test_basic_shows_its_warning_where_it_is_used(cast, qad):
    row = connect(cast, qad)
    page = cast.client(Role.VIEWER).get(cast.url(f"connections/{row.pk}/")).content.decode()
    assert "QAD itself advises against Basic" in page
    assert "/change/" not in page
