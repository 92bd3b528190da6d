"""Connections and pings over the REST API and by command: one shape, one set of words."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.api_keys import Scope
from audit.tenancy import tenant
from integrations.models import Ping, System
from integrations.qad.profile import default_profile
from integrations.services.connections import add_connection
from integrations.services.pinging.carrying import carry_out
from tests.accounts.people import make_cast
from tests.integrations.api.calls import problem_of, program_of
from tests.integrations.scenes import add_ping

SECRET = "sealed-93-canary"
STEP = {"name", "title", "state", "seconds", "found", "problem"}
PROBLEM = {"code", "title", "happened", "means", "to_do", "who", "detail"}
REFUSED = "https://10.1.2.3/clouderp"


@pytest.fixture
def cast(engines):
    return make_cast()


def connect(cast, name="Head office", url=REFUSED):
    return add_connection(
        organization=cast.organization, system=System.QAD, name=name,
        address={"tenant_url": url, "user": "robot"},
        secrets={"password": SECRET}, profile=default_profile(),
    )  # fmt: skip


@pytest.fixture
def connection(cast):
    return connect(cast)


@pytest.fixture
def program(cast):
    return program_of(cast)


def run_command(cast, *arguments):
    output, code = io.StringIO(), 0
    slug = cast.organization.slug
    try:
        call_command("ping", *arguments, "--organization", slug, stdout=output)
    except SystemExit as end:
        code = int(str(end.code))
    return output.getvalue(), code


def test_connections_are_listed_page_by_page_and_never_with_a_secret(cast, connection, program):
    second = connect(cast, "Abroad")
    ping = add_ping(second)
    page = program.call("connections?limit=1").json()
    assert [item["name"] for item in page["items"]] == ["Head office"]
    rest = program.call(page["next"].split("/api/v1/")[1])
    (item,) = rest.json()["items"]
    assert rest.json()["next"] is None
    assert item | {"secrets_set_at": "", "created_at": ""} == {
        "id": second.pk, "system": "qad", "name": "Abroad", "address": REFUSED,
        "sign_in": "oauth2_password", "user": "robot", "place": {},
        "secrets_set_at": "", "secrets_set_by": "system", "secret_ends_at": None,
        "paused_at": None, "paused_code": "", "created_at": "",
        "last_ping": {
            "id": ping.pk, "state": "ok",
            "asked_at": ping.asked_at.isoformat().replace("+00:00", "Z"),
        },
    }  # fmt: skip
    assert program.call(f"connections/{second.pk}").json() == item
    assert SECRET not in rest.content.decode()


def test_a_ping_is_begun_joined_followed_and_read_with_its_problem(cast, connection, program):
    begun = program.call(f"connections/{connection.pk}/pings", "post")
    assert begun.status_code == 202
    number = begun.json()["id"]
    path = f"connections/{connection.pk}/pings/{number}"
    assert begun["Location"] == f"http://127.0.0.1:8000/api/v1/{path}"
    assert begun["Retry-After"] == "1"
    assert begun.json()["steps"][0]["state"] == "running"
    assert program.call(f"connections/{connection.pk}/pings", "post").json()["id"] == number
    carry_out(cast.organization.pk, number)
    ended = program.call(path)
    report = ended.json()
    assert (report["state"], report["problem"]["code"]) == ("failed", "address_refused")
    assert report["asked_by"].startswith("key mlc_")
    assert all(set(step) == STEP for step in report["steps"])
    assert set(report["problem"]) == PROBLEM
    assert report["steps"][0]["problem"] == report["problem"]
    assert [step["state"] for step in report["steps"]] == ["failed", *["skipped"] * 7]
    assert program.call(path, headers={"If-None-Match": ended["ETag"]}).status_code == 304


def test_a_ping_is_cancelled_once(connection, program):
    number = program.call(f"connections/{connection.pk}/pings", "post").json()["id"]
    path = f"connections/{connection.pk}/pings/{number}/cancel"
    assert program.call(path, "post").json()["state"] == "cancelled"
    problem_of(program.call(path, "post"), 409, "ping_has_ended")


def test_what_is_not_there_or_not_allowed_is_refused(cast, connection, program):
    other = add_ping(connect(cast, "Abroad"))
    for path in ("connections/0", f"connections/{connection.pk}/pings/{other.pk}"):
        problem_of(program.call(path), 404, "api_not_found")
    problem_of(program.call("connections/0/pings", "post"), 404, "api_not_found")
    reader = program_of(cast, Scope.CONNECTIONS_READ)
    refused = reader.call(f"connections/{connection.pk}/pings", "post")
    problem_of(refused, 403, "api_scope_missing")
    with tenant(cast.organization.pk):
        assert Ping.objects.filter(connection=connection).count() == 0


def test_the_command_prints_each_step_and_ends_with_1_where_one_failed(cast, connection):
    output, code = run_command(cast, "Head office")
    lines = output.splitlines()
    assert code == 1
    assert lines[0].startswith("Address allowed    failed")
    assert lines[1].startswith("    What happened: 10.1.2.3 leads, wholly or in part, to a private")
    assert lines[3].startswith("    What to do: Give the public address.")
    assert lines[4] == "    Code: address_refused"
    assert lines[5].split("  ")[0] == "Host name"
    assert lines[-1] == "Address allowed: The address is not public."
    assert SECRET not in output


def test_command_and_api_print_the_same(cast, connection, program):
    output, code = run_command(cast, str(connection.pk), "--json")
    report = json.loads(output)
    assert (code, report["asked_by"]) == (1, "command line")
    assert program.call(f"connections/{connection.pk}/pings/{report['id']}").json() == report


def test_the_command_follows_the_ping_that_runs(cast, connection, monkeypatch):
    ping = add_ping(connection, "running")

    def end(_seconds):
        with tenant(cast.organization.pk):
            Ping.objects.filter(pk=ping.pk).update(state="ok", steps=add_ping(connection).steps)

    monkeypatch.setattr("integrations.management.commands.ping.time.sleep", end)
    output, code = run_command(cast, "Head office")
    assert code == 0
    assert output.splitlines()[-1] == "All is well."
    assert output.count("Sign-in ") == 1


def test_the_command_names_a_connection_that_is_not_there(cast):
    with pytest.raises(CommandError, match="There is no connection Elsewhere here"):
        run_command(cast, "Elsewhere")
