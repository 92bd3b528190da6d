"""A known secret goes through everything, and is found nowhere in the clear afterwards."""

import base64
import csv
import io
import logging
import logging.config
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.api_keys import Scope
from accounts.models import Organization, Role, User
from accounts.permissions import RIGHTS
from accounts.services.keys import create_key
from audit.tenancy import tenant
from connector_site.logging import logging_settings
from integrations.models import Connection, Sync, System
from integrations.selectors.pings import get_ping
from integrations.services.clients import build_anaplan, build_qad
from integrations.services.connections import save_connection
from integrations.services.pinging.asking import start_ping
from integrations.services.pinging.carrying import carry_out
from integrations.services.tokens import RedisTokenStore
from tests.accounts.mail import code_in, mails_to
from tests.accounts.people import Cast, make_person, signed_in
from tests.accounts.test_own_account import app_code
from tests.accounts.test_staff import make_staff
from tests.integrations.issuer import SECRET, Issuer
from tests.integrations.provider_scene import connect, join, refused_with, sign_in
from tests.names import unique
from tests.runs.hiding_places import (
    dump_redis,
    dump_tables,
    is_in,
    open_evidence,
    outbox,
    read_files,
    run_commands,
)
from tests.runs.small_world import write_world

CANARY = "Zu/gvogel+7f3a&51c0"
PERSON = "Hasel-maus 9c11 im Gras"


@pytest.fixture(scope="module")
def debug_log():
    """Everything that is logged at level DEBUG, as the product writes it."""
    stream = io.StringIO()
    with pytest.MonkeyPatch.context():
        logging.config.dictConfig(logging_settings("DEBUG"))
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        yield stream
        logging.config.dictConfig(settings.LOGGING)


def build_world(folder: Path):
    """A world whose QAD and Anaplan take the canary as their password."""
    world = write_world(folder)
    with (world.books / "users.csv").open("w", newline="") as file:
        lines = [("user", "password", "client_id"), ("demo", "demo", "ml-connector")]
        csv.writer(file).writerows([*lines, ("robot", CANARY, "ml-connector")])
    model = world.model.read_text().replace("robot-secret", CANARY)
    world.model.write_text(model)
    return world


@pytest.fixture
def rig(make_rig, tmp_path):
    """The small world, with the canary as the password of both connections."""
    built = make_rig(build_world(tmp_path / "canary"))
    save_connection(
        organization=built.organization,
        system=System.QAD,
        name="QAD",
        address={"tenant_url": built.qad.url, "user": "robot"},
        secrets={"password": CANARY, "client_id": "ml-connector"},
        profile=built.sync.source.profile,
    )
    with tenant(built.organization.pk):
        deep = Sync.objects.select_related("source__organization", "target__organization")
        built.sync = deep.get(pk=built.sync.pk)
    return built


def test_a_secret_that_went_through_everything_is_nowhere_in_the_clear(rig, debug_log, monkeypatch):
    pages = walk_pages(rig, live_through(rig), monkeypatch)
    contents = {
        "pages": pages,
        "commands": run_commands(rig),
        "tables": dump_tables(),
        "evidence": open_evidence(rig),
        "redis": dump_redis(),
        "mails": b"".join(str(letter.message()).encode() for letter in outbox()),
        "files": b"".join(read_files(Path(settings.SPOOL_FOLDER))),
        "logs": debug_log.getvalue().encode(),
    }
    for secret in (CANARY, PERSON, SECRET, rig.key_text, *rig.tokens):
        assert [place for place, content in contents.items() if is_in(secret, content)] == []
    # A new key of an authenticator app is shown to its owner once, a link is mailed to its reader.
    for secret, shown_in in ((rig.app_key, "pages"), (rig.link_token, "mails")):
        assert [place for place, content in contents.items() if is_in(secret, content)] == [
            shown_in
        ]
    assert b"***" in contents["pages"] + contents["tables"]
    assert b"integrations.tasks.advance_run" in contents["redis"]
    assert b'"level": "DEBUG"' in contents["logs"]
    assert rig.qad.count("tokens_by_password") > 0


@pytest.mark.parametrize("text", ["{}", "x{}", "xy{}", "robot:{}", "other:{}:more"])
def test_a_secret_is_found_however_it_is_packed(text):
    text = text.format(CANARY)
    assert is_in(CANARY, text.encode())
    assert is_in(CANARY, b"lead " + base64.b64encode(text.encode()))
    assert is_in(CANARY, text.encode().hex().encode())
    assert is_in(CANARY, quote_plus(text).encode())
    assert not is_in(CANARY, base64.b64encode(b"something else entirely"))


def live_through(rig):
    """A sign-in and a ping of both systems, a green run, three red ones; returns the runs."""
    build_qad(rig.sync.source).read_all("entity", workspace=None)
    build_anaplan(rig.sync.target).me()
    _, key = create_key(
        organization=rig.organization,
        name="canary",
        scopes=[Scope.RUNS_READ],
        ends_on=timezone.now().date() + timedelta(days=3),
        maker=make_person(),
        rights=RIGHTS[Role.OWNER],
    )
    rig.key_text = key.text
    stores = map(RedisTokenStore, (rig.sync.source, rig.sync.target, connect_by_form(rig)))
    rig.tokens = [token.value for store in stores if (token := store.read())]
    assert len(rig.tokens) == 3
    rig.tokens[2] = rig.tokens[2].partition("=")[2]
    runs = [rig.run(202610)]
    echo = f"no, {CANARY} is wrong; basic was {base64.b64encode(f'robot:{CANARY}'.encode())!r}"
    rig.qad.fault(path="GLBalances", times=-1, kind="status", status=403, body=echo)
    runs.append(rig.finish(rig.start(202611)))
    ping(rig, rig.sync.source, "qad_forbidden")
    rig.qad.heal()
    rig.anaplan.fault(path="/imports/", times=-1, kind="status", status=403, body=echo)
    runs.append(rig.finish(rig.start(202611)))
    rig.anaplan.fault(path="/exports$", times=-1, kind="status", status=403, body=echo)
    ping(rig, rig.sync.target, "anaplan_forbidden")
    rig.anaplan.heal()
    assert [run.state for run in runs] == ["reconciled", "failed", "failed"]
    return runs


def connect_by_form(rig):
    """A QAD that is signed in to by its form: looked at, saved, asked and changed on pages."""
    cast = Cast(rig.organization)
    client, new = cast.client(Role.OWNER), cast.url("connections/qad/new/")
    form = {"name": "By form", "tenant_url": rig.qad.url, "mode": "session_form", "user": "robot"}
    form |= {"password": CANARY, "login_path": "login"}
    rig.shown = [client.post(new, {**form, "do": do}) for do in ("look", "find", "read")]
    rig.shown.append(client.post(new, form | {"tenant_url": f"{rig.qad.url}/login"}))
    saved = client.post(new, form)
    rig.shown += [saved, client.post(f"{saved['Location']}refresh/", follow=True)]
    with tenant(rig.organization.pk):
        rows = Connection.objects.select_related("organization")
        row = rows.get(organization=rig.organization, name="By form")
    for path in (f"connections/{row.pk}/", f"connections/qad/{row.pk}/change/"):
        rig.shown.append(client.get(cast.url(path)))
    return row


def ping(rig, connection, code):
    """A ping that fails while the system sends the secret back."""
    asked = {"connection_id": connection.pk, "asked_by": "owner@example.com", "is_here": True}
    made = start_ping(organization=rig.organization, **asked)
    carry_out(rig.organization.pk, made.pk)
    with tenant(rig.organization.pk):
        assert get_ping(rig.organization, connection.pk, made.pk).problem.code == code


def walk_pages(rig, runs, monkeypatch):
    """What a member's browser gets: pages of every run, wrong and right sign-ins, a failure."""
    cast = Cast(rig.organization)
    client, person = cast.client(Role.OWNER), make_person(password=PERSON)
    answers = [*rig.shown, *sign_up(rig), *look_as_staff(), *invite(rig, cast, client)]
    answers += sign_in_through_provider(cast, client)
    answers += [client.get(cast.url("runs/")), client.get(cast.url("mapping/"))]
    for connection in (rig.sync.source, rig.sync.target):
        answers.append(client.get(cast.url(f"connections/{connection.pk}/")))
    for run in runs:
        for part in ("", "results/", "progress/"):
            answers.append(client.get(cast.url(f"runs/{run.pk}/{part}")))
    for email, password in (("nobody@example.com", CANARY), (person.email, PERSON)):
        answers.append(Client().post("/sign-in/", {"login": email, "password": password}))

    def fail(*_arguments, **_options):
        secret = CANARY
        raise RuntimeError(f"a bug near {len(secret)} characters")

    monkeypatch.setattr("integrations.views.runs.list_runs", fail)
    broken = cast.client(Role.OWNER)
    broken.raise_request_exception = False
    answers.append(broken.get(cast.url("runs/")))
    assert answers[-1].status_code == 500
    monkeypatch.undo()
    return b"".join(answer.content + str(answer.headers).encode() for answer in answers)


def sign_up(rig):
    """A person signs up with a code, and turns an authenticator app on."""
    client, email = Client(), f"{unique('person')}@example.com"
    answers = [client.post("/sign-up/", {"email": email, "password1": PERSON})]
    answers.append(client.post("/sign-up/code/", {"code": code_in(mails_to(email)[0])}))
    answers.append(client.post("/account/confirm/", {"password": PERSON}))
    answers.append(client.get("/account/app/"))
    rig.app_key = answers[-1].context["form"].secret
    answers.append(client.post("/account/app/", {"code": app_code(rig.app_key)}))
    assert answers[-1]["Location"] == "/account/recovery-codes/"
    return answers


def look_as_staff():
    """The staff admin's lists, and what it shows of the newest person and organization."""
    client = signed_in(make_staff())
    lists = [client.get(f"/staff/admin/accounts/{name}/") for name in ("user", "organization")]
    newest = (User.objects.latest("pk"), Organization.objects.latest("pk"))
    return lists + [
        client.get(f"/staff/admin/accounts/{row._meta.model_name}/{row.pk}/change/")
        for row in newest
    ]


def invite(rig, cast, client):
    """An owner invites a colleague by mail."""
    email = f"{unique('colleague')}@example.com"
    answer = client.post(cast.url("members/invite/"), {"email": email, "role": "viewer"})
    link = re.search(r"/invitations/([^/\s]+)/", mails_to(email)[0].body)
    rig.link_token = link[1]
    return [answer, client.get(cast.url("members/"))]


def sign_in_through_provider(cast, client):
    """An owner sets a provider, a member gets in, and the provider then sends the secret back."""
    issuer = Issuer()
    connect(cast, issuer)
    issuer.email = join(cast.organization).email
    answers = [sign_in(cast)[1]]
    assert answers[0]["Location"] == cast.url()
    echo = f"no, {SECRET} is wrong; it came as {quote_plus(SECRET)}"
    issuer.answer_token = (401, {"Content-Type": "text/plain"}, echo.encode())
    refused, answer = sign_in(cast)
    assert "answered with HTTP 401" in refused_with(refused, answer)
    issuer.close()
    return [*answers, answer, refused.get("/sign-in/"), client.get(cast.url("settings/sign-in/"))]
