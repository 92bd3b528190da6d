"""A known secret goes through everything, and is found nowhere in the clear afterwards."""

import base64
import csv
import io
import json
import logging
import logging.config
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import zstandard
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.api_keys import Scope
from accounts.models import Organization, Role, User
from accounts.permissions import RIGHTS
from accounts.services.keys import create_key
from audit.tenancy import tenant
from connector_site.clusters import POSTGRES_PROGRAMS
from connector_site.logging import logging_settings
from connector_site.places import place_secrets
from integrations.models import EvidenceBlock, Sync, System
from integrations.services.clients import build_anaplan, build_qad
from integrations.services.connections import save_connection
from integrations.services.tokens import RedisTokenStore
from tests.accounts.mail import code_in, mails_to
from tests.accounts.people import Cast, make_person, signed_in
from tests.accounts.test_own_account import app_code
from tests.accounts.test_staff import make_staff
from tests.names import unique
from tests.runs.small_world import write_world
from tests.session import session

CANARY = "Zu/gvogel+7f3a&51c0"
PERSON = "Hasel-maus 9c11 im Gras"


def disguises(secret: str) -> set[bytes]:
    """A secret as it is, in hex, and as a part of something longer in Base64."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), json.dumps(secret)[1:-1].encode()}
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + raw)
        # The first and the last characters depend on the neighbours.
        found.add(packed[4 if shift else 0 : len(packed) // 4 * 4 - 4])
    return found


def is_in(secret: str, content: bytes) -> bool:
    return any(form in content for form in disguises(secret))


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
    for secret in (CANARY, PERSON, rig.key_text, *rig.tokens):
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
    stores = map(RedisTokenStore, (rig.sync.source, rig.sync.target))
    rig.tokens = [token.value for store in stores if (token := store.read())]
    assert len(rig.tokens) == 2
    runs = [rig.run(202610)]
    echo = f"no, {CANARY} is wrong; basic was {base64.b64encode(f'robot:{CANARY}'.encode())!r}"
    rig.qad.fault(path="GLBalances", times=-1, kind="status", status=403, body=echo)
    runs.append(rig.finish(rig.start(202611)))
    rig.qad.heal()
    rig.anaplan.fault(path="/imports/", times=-1, kind="status", status=403, body=echo)
    runs.append(rig.finish(rig.start(202611)))
    rig.anaplan.heal()
    assert [run.state for run in runs] == ["reconciled", "failed", "failed"]
    return runs


def walk_pages(rig, runs, monkeypatch):
    """What a member's browser gets: pages of every run, wrong and right sign-ins, a failure."""
    cast = Cast(rig.organization)
    client, person = cast.client(Role.OWNER), make_person(password=PERSON)
    answers = [*sign_up(rig), *look_as_staff(), *invite(rig, cast, client)]
    answers += [client.get(cast.url("runs/")), client.get(cast.url("mapping/"))]
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


def run_commands(rig):
    """What commands print of the organization."""
    out = io.StringIO()
    for name in ("verify_audit", "check_secrets", "rotate_keys"):
        call_command(name, "--organization", rig.organization.slug, stdout=out, stderr=out)
    return out.getvalue().encode()


def dump_tables():
    """The whole database, as somebody takes it away who may do anything."""
    current = session()
    command = [POSTGRES_PROGRAMS / "pg_dump", "--host=127.0.0.1", "--username=postgres"]
    command += [f"--port={current.engines.postgres_port}", "--data-only", current.database]
    password = place_secrets(current.place)["superuser"]
    done = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, check=True
    )
    assert b"COPY public.integrations_connection" in done.stdout
    return done.stdout


def open_evidence(rig):
    """Every kept block of the organization, unpacked."""
    with tenant(rig.organization.pk):
        blocks = EvidenceBlock.objects.filter(organization=rig.organization)
        unpack = zstandard.ZstdDecompressor().decompress
        return b"".join(unpack(bytes(block.data)) for block in blocks)


def dump_redis():
    """Every value of this session's Redis, of whatever type."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    readers = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
    }
    return b"".join(
        key + str(readers[server.type(key)](key)).encode() for key in server.scan_iter()
    )


def outbox():
    return getattr(mail, "outbox", [])


def read_files(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
