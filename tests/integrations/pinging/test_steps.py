"""Each thing that may be wrong: its own code at its own step, and nothing tried after it."""

import json
import socket
import threading

import pytest

from audit.tenancy import tenant
from integrations.models import Connection
from integrations.selectors.pings import STEPS, ping_report
from integrations.services.manners import budget_of
from integrations.services.pinging import network
from integrations.services.tokens import redis_client
from integrations.transport import retry
from integrations.transport.addresses import AddressPolicy
from simulators import server, tls
from simulators.qad.app import build_app as build_qad
from tests.integrations.pinging.conftest import (
    CHOSEN,
    check,
    connect_anaplan,
    connect_qad,
    ping_of,
    states,
)

ENTITIES, BALANCES = "organization/Entities", "GLBalances"
INDEPENDENT = ("clock", "profile")
EMPTY = json.dumps({"meta": {}, "status": {"code": 200, "message": "Success"}})


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not wait between the tries of one call."""
    monkeypatch.setattr(retry, "BASE_SECONDS", 0.0)


def check_failed(ping, step, code):
    """The step failed with the code; those before it did not, those after were not tried."""
    failed = ping.failed_step
    assert (failed.name, failed.problem.code) == (step, code), ping_report(ping)
    assert ping.state == "failed"
    names = [seen.name for seen in ping.steps]
    place = names.index(step)
    assert all(seen.state in ("ok", "warn", "skipped") for seen in ping.steps[:place])
    for seen in ping.steps[place + 1 :]:
        if seen.name not in INDEPENDENT:
            assert seen.state == "skipped"
            assert failed.label in seen.found or "chosen" in seen.found
    problem = failed.problem
    assert all((problem.title, problem.happened, problem.means, problem.to_do, problem.who))
    assert "{" not in problem.happened + problem.to_do
    return failed


def test_a_good_qad_is_green_in_every_step_and_says_what_was_found(sides, cast):
    connection = connect_qad(cast.organization, sides.qad.url)
    check(connection)
    ping = ping_of(connection)
    found = {step.name: step.found for step in ping.steps}
    assert ping.state == "ok"
    assert states(ping) == dict.fromkeys(STEPS["qad"], "ok") | {"tls": "skipped"}
    assert "this is a loopback address" in found["tls"]
    assert found["sign_in"].startswith("Signed in as demo; the token lives 30 min yet.")
    assert found["list"] == "2 entities in 2 domains."
    assert found["read"].startswith("gl_period of 10USA_US01 gave one row after 0.")
    assert found["rights"] == "5 of 5 documents gave a row."
    assert found["profile"].startswith("Version 1: 5 in order; the last result is of 20")
    assert found["profile"].endswith(" UTC. Pages of 500 rows, 2 calls at a time, 0 ms apart.")
    assert ping.seconds < 10
    assert all(step.seconds is not None for step in ping.steps if step.state == "ok")


def test_a_good_anaplan_is_green_in_every_step_and_names_the_customer(sides, cast):
    connection = connect_anaplan(cast.organization, sides.anaplan.url)
    ping = ping_of(connection)
    found = {step.name: step.found for step in ping.steps}
    assert ping.state == "ok"
    assert states(ping) == dict.fromkeys(STEPS["anaplan"], "ok") | {"tls": "skipped"}
    with tenant(cast.organization.pk):
        connection.refresh_from_db()
    assert len(connection.identity) == 32
    assert f"robot@small.example of customer {connection.identity}; the token" in found["sign_in"]
    assert found["list"] == "1 workspace, 1 model."
    assert found["model"] == "FP&A is there; its state is unlocked."
    assert found["actions"] == "1 import, 1 export, 0 processes."
    assert found["rights"] == "2 files may be listed. Imports that read a file: 1."
    assert found["clock"] == "The clocks agree within 1 s."
    assert ping.seconds < 10


def test_an_empty_answer_is_a_warning_and_never_green(sides, cast):
    sides.qad.fault(path=BALANCES, kind="empty", times=-1)
    ping = ping_of(connect_qad(cast.organization, sides.qad.url))
    rights = {step.name: step for step in ping.steps}["rights"]
    assert (str(rights.state), rights.found) == ("warn", "4 of 5 documents gave a row.")
    assert "gl_balance" in rights.problem.happened


def failing(kind, path, **fault):
    return {"path": path, "kind": kind, "times": -1, **fault}


def empty(path):
    return failing("status", path, status=200, body=EMPTY)


def limited(path):
    return failing("rate_limited", path, retry_after="60")


QAD_FAULTS = {
    "500 at sign-in": (failing("status", "oauth/token", status=500), "sign_in", "qad_error"),
    "a login page": (failing("html", ENTITIES, body="Log in"), "list", "qad_not_logged_in"),
    "a portal": (failing("html", ENTITIES, body="<h1>Welcome</h1>"), "list", "qad_not_json"),
    "a redirect": (
        failing("status", ENTITIES, status=302, headers={"Location": "https://x.example/"}),
        "list", "redirect_refused",
    ),
    "no such document": (failing("status", ENTITIES, status=404), "list", "qad_path_not_found"),
    "no entities": (failing("empty", ENTITIES), "list", "qad_no_workspace"),
    "too many calls": (limited(ENTITIES), "list", "qad_busy"),
    "500 at a row": (failing("status", "GLPeriods", status=500), "read", "qad_error"),
    "403 at one": (failing("status", BALANCES, status=403), "rights", "qad_forbidden"),
}  # fmt: skip


@pytest.mark.parametrize("name", QAD_FAULTS)
def test_each_failure_of_qad_has_its_code_at_its_step(sides, cast, name):
    fault, step, code = QAD_FAULTS[name]
    sides.qad.fault(**fault)
    check_failed(ping_of(connect_qad(cast.organization, sides.qad.url)), step, code)


def test_all_documents_that_are_forbidden_are_named_at_once(sides, cast):
    sides.qad.fault(**failing("status", "GLAccounts|GLBalances", status=403))
    step = check_failed(
        ping_of(connect_qad(cast.organization, sides.qad.url)), "rights", "qad_forbidden"
    )
    assert "GLAccounts, api/bdoc/qad/financials/generalledger/GLBalances" in step.problem.happened


def test_a_document_that_answers_otherwise_is_a_warning_of_its_own(sides, cast):
    connection = connect_qad(cast.organization, sides.qad.url)
    check(connection)
    sides.qad.fault(**failing("status", BALANCES, status=404))
    ping = ping_of(connection)
    assert (ping.state, states(ping)["rights"]) == ("ok", "warn")
    (warned,) = ping.warnings
    assert warned.problem.code == "qad_documents_doubtful"
    assert warned.problem.happened.startswith("gl_balance: The tenant URL is right, but")
    assert warned.found == "4 of 5 documents gave a row."


def test_a_wrong_password_and_a_wrong_context_root_are_told_apart(sides, cast):
    wrong = ping_of(connect_qad(cast.organization, sides.qad.url, password="wrong"))
    check_failed(wrong, "sign_in", "qad_unauthorized")
    lost = ping_of(connect_qad(cast.organization, f"{sides.qad.root}/elsewhere"))
    step = check_failed(lost, "sign_in", "qad_wrong_base")
    assert "/clouderp" in step.problem.to_do


@pytest.mark.parametrize(
    ("mode", "code"), [("basic", "qad_unauthorized"), ("session_form", "qad_unauthorized")]
)
def test_ways_in_without_a_token_are_proved_by_a_call_of_their_own(sides, cast, mode, code):
    profile = {"auth": {"mode": mode}}
    wrong = connect_qad(cast.organization, sides.qad.url, profile=profile, password="wrong")
    check_failed(ping_of(wrong), "sign_in", code)
    good = ping_of(connect_qad(cast.organization, sides.qad.url, profile=profile))
    assert good.state == "ok"
    assert ("token" in good.steps[3].found) == (mode != "basic")


def test_an_entity_that_the_user_does_not_see_is_named(sides, cast):
    connection = connect_qad(cast.organization, sides.qad.url)
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=connection.pk).update(
            place={"domain": "10USA", "entity": "US99"}
        )
    step = check_failed(ping_of(connection), "list", "qad_unknown_workspace")
    assert "10USA_US99" in step.problem.happened


def test_a_profile_that_is_not_valid_is_named_before_anything_is_asked(sides, cast):
    connection = connect_qad(cast.organization, sides.qad.url, profile={"paging": {"size": 0}})
    check_failed(ping_of(connection), "sign_in", "profile_invalid")
    assert sides.qad.count("tokens") == 0


ANAPLAN_FAULTS = {
    "403": (failing("status", "users/me", status=403), "sign_in", "anaplan_forbidden"),
    "429": (limited("users/me"), "sign_in", "anaplan_rate_limited"),
    "500": (failing("status", "2/0/workspaces$", status=500), "list", "anaplan_error"),
    "no models": (empty("2/0/models$"), "list", "anaplan_no_models"),
    "no imports": (empty("/imports$"), "rights", "anaplan_no_imports"),
    "no actions": (failing("status", "/exports$", status=403), "actions", "anaplan_forbidden"),
    "no files": (failing("status", "/files$", status=403), "rights", "anaplan_forbidden"),
    "a page": (failing("html", "users/me"), "sign_in", "answer_not_json"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANAPLAN_FAULTS)
def test_each_failure_of_anaplan_has_its_code_at_its_step(sides, cast, name):
    fault, step, code = ANAPLAN_FAULTS[name]
    sides.anaplan.fault(**fault)
    ping = ping_of(connect_anaplan(cast.organization, sides.anaplan.url))
    check_failed(ping, step, code)
    # Where no more calls may go, the clock is not asked either.
    assert states(ping)["clock"] == ("skipped" if name == "429" else "ok")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("ARCHIVED", "anaplan_model_archived"),
        ("LOCKED", "anaplan_model_locked"),
        ("MAINTENANCE", "anaplan_model_offline"),
    ],
)
def test_a_model_that_takes_nothing_is_named_by_its_state(sides, cast, state, code):
    sides.anaplan.call("POST", "settings", {"activeState": state})
    check_failed(ping_of(connect_anaplan(cast.organization, sides.anaplan.url)), "model", code)


def test_a_wrong_password_is_named_and_the_clock_is_looked_at_all_the_same(sides, cast):
    connection = connect_anaplan(cast.organization, sides.anaplan.url, password="wrong")
    ping = ping_of(connection)
    check_failed(ping, "sign_in", "anaplan_sign_in_refused")
    assert states(ping)["clock"] == "ok"


def test_a_refusal_of_a_moment_ago_is_not_taken_for_an_answer(sides, cast):
    connection = connect_anaplan(cast.organization, sides.anaplan.url, password="wrong")
    refused = sides.anaplan.count("sign_ins_refused")
    assert ping_of(connection).failed_step.name == "sign_in"
    assert ping_of(connection).failed_step.name == "sign_in"
    assert sides.anaplan.count("sign_ins_refused") == refused + 2


def test_a_model_that_is_not_there_and_none_that_is_chosen(sides, cast):
    gone = {**CHOSEN, "model_id": "F" * 32, "model_name": "Old plan"}
    ping = ping_of(connect_anaplan(cast.organization, sides.anaplan.url, place=gone))
    step = check_failed(ping, "model", "anaplan_model_unseen")
    assert "Old plan" in step.problem.happened
    none = ping_of(connect_anaplan(cast.organization, sides.anaplan.url, place={}))
    assert none.state == "ok"
    assert {states(none)[name] for name in ("model", "actions", "rights")} == {"skipped"}
    assert none.steps[5].found == "No model is chosen yet."


def test_what_works_but_should_be_looked_after_is_a_warning(sides, cast):
    sides.anaplan.fault(**empty("/exports$"))
    old = {"Date": "Mon, 02 Nov 2020 03:00:00 GMT"}
    sides.anaplan.fault(**failing("status", "^/$", method="HEAD", status=200, headers=old))
    sides.anaplan.call("POST", "hold", {"model": "FP&A", "seconds": 60, "tooltip": "Import by Mia"})
    ping = ping_of(connect_anaplan(cast.organization, sides.anaplan.url))
    sides.anaplan.call("DELETE", "hold")
    assert ping.state == "ok"
    assert {step.name: step.problem.code for step in ping.warnings} == {
        "model": "anaplan_model_works",
        "rights": "anaplan_no_exports",
        "clock": "clock_differs",
    }
    assert "Import by Mia" in ping.warnings[0].problem.happened
    assert "ahead of" in ping.warnings[2].problem.happened


def test_each_call_of_a_ping_is_one_of_the_customers_budget_the_look_at_the_clock_too(sides, cast):
    connection = connect_anaplan(cast.organization, sides.anaplan.url)
    ping_of(connection)
    redis_client().flushdb()
    before = sides.anaplan.call("GET", "requests")["count"]
    assert states(ping_of(connection))["clock"] == "ok"
    with tenant(cast.organization.pk):
        connection.refresh_from_db()
    asked = sides.anaplan.call("GET", "requests")["count"] - before
    assert budget_of(connection).look().calls == asked > 5


# Before any sign-in


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("certificates")
    tls.write_all(made)
    return made


def served(both, folder, kind):
    return server.start(build_qad(both.books), tls=tls.folder_context(folder, kind))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("expired", "tls_expired"),
        ("self-signed", "tls_self_signed"),
        ("wrong-host", "tls_wrong_host"),
        ("unknown-authority", "tls_unknown_authority"),
    ],
)
def test_a_bad_certificate_is_named_and_no_password_is_sent(
    both, cast, folder, settings, kind, code
):
    settings.TRUSTED_AUTHORITIES = (folder / tls.AUTHORITY_FILE).read_text()
    with served(both, folder, kind) as running:
        ping = ping_of(connect_qad(cast.organization, running.url))
        assert running.app[server.RECORDER].find("", "") == []
    check_failed(ping, "tls", code)


def test_a_good_certificate_is_read_out_and_its_end_announced(both, cast, folder):
    authority = (folder / tls.AUTHORITY_FILE).read_text()
    with served(both, folder, "good") as running:
        profile = {"tls": {"ca_pem": authority}}
        ping = ping_of(connect_qad(cast.organization, running.url, profile=profile))
    step = ping.steps[2]
    assert (ping.state, step.state) == ("ok", "warn")
    assert "a certificate for 127.0.0.1 by Stand-in authority, good until" in step.found
    assert step.found.endswith("(29 days), over TLSv1.3.")
    assert step.problem.code == "certificate_ends_soon"


def test_a_port_at_which_nobody_listens_is_named_without_tls_too(cast):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ping = ping_of(connect_qad(cast.organization, f"http://127.0.0.1:{port}/clouderp"))
    check_failed(ping, "tls", "unreachable_refused")


def test_a_private_number_is_refused_before_any_look_up(cast):
    ping = ping_of(connect_qad(cast.organization, "https://10.1.2.3/clouderp"))
    check_failed(ping, "address", "address_refused")


def test_an_address_that_is_no_longer_allowed_is_told(sides, cast, settings):
    connection = connect_qad(cast.organization, sides.qad.url)
    settings.ALLOW_LOOPBACK_ADDRESSES = False
    check_failed(ping_of(connection), "address", "address_invalid")


@pytest.mark.parametrize(
    ("found", "code"),
    [(None, "unreachable_dns"), ("10.1.2.3", "address_refused"), ("slow", "unreachable_dns")],
)
def test_a_name_that_is_unknown_or_leads_inside_is_told_and_not_where(
    cast, monkeypatch, found, code
):
    def resolve(_host, port, **_options):
        if found == "slow":
            threading.Event().wait(1.5)
        if found in (None, "slow"):
            raise socket.gaierror("Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(network, "address_policy", lambda: AddressPolicy(resolver=resolve))
    ping = ping_of(connect_qad(cast.organization, "https://erp.acme.example.com/clouderp"))
    step = check_failed(ping, "dns", code)
    assert "10.1.2.3" not in json.dumps(ping_report(ping))
    assert "erp.acme.example.com" in step.problem.happened
    assert (step.problem.detail == "no answer in time") == (found == "slow")
