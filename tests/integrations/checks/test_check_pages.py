"""The pages and the command that show what checks have found."""

import html
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from integrations.services.document_checks import check_where_asked
from tests.integrations.checks.conftest import connect

MISSING = {"path": "CostCenters", "kind": "status", "status": 404, "times": -1}
EMPTY = {"path": "GLAccounts", "kind": "empty", "method": "GET", "times": -1}


def read(bench, rest="", role=Role.VIEWER):
    return html.unescape(bench.cast.client(role).get(bench.path(rest)).content.decode())


def test_cause_fix_who_and_evidence_stand_on_the_page(qad):
    bench = connect(qad.url)
    qad.look("faults", [MISSING, EMPTY])
    bench.check()
    page = read(bench, "checks/")
    assert "Version 1: 3 in order, 1 warning, 1 not usable" in page
    assert "api/bdoc/qad/base/coa/CostCenters (document “cost_center”) was not found." in page
    assert "the component may not be published as a business document" in page
    assert "a QAD administrator; code" in page
    assert "HTTP 404, " in page
    assert "Version 1: 3 in order, 1 warning, 1 not usable" in read(bench)
    assert "Runs that need what is not usable are refused." in read(bench)


def test_a_check_is_asked_for_followed_and_shown(qad):
    bench = connect(qad.url)
    bench.check()
    client = bench.cast.client(Role.ADMIN)
    answer = client.post(bench.path("checks/ask/"), follow=True)
    assert answer.redirect_chain[-1][0] == bench.path("checks/")
    page = answer.content.decode()
    assert "being checked" in page
    assert "data-poll" in page
    assert "Check now" not in page
    part = client.get(bench.path("checks/results/"))
    same = client.get(bench.path("checks/results/"), headers={"If-None-Match": part["ETag"]})
    assert same.status_code == 304
    check_where_asked(bench.cast.organization.pk, bench.number)
    done = client.get(bench.path("checks/results/"), headers={"If-None-Match": part["ETag"]})
    assert done.status_code == 200
    assert "5 in order" in done.content.decode()
    assert "data-poll" not in done.content.decode()
    assert bench.kept()["entity"].checked_by == bench.cast.member(Role.ADMIN).email


def test_a_check_that_reached_nothing_is_a_change_of_the_page(qad):
    bench = connect(qad.url)
    check_where_asked(bench.cast.organization.pk, bench.number)
    client = bench.cast.client(Role.VIEWER)
    known = {"If-None-Match": client.get(bench.path("checks/results/"))["ETag"]}
    assert client.get(bench.path("checks/results/"), headers=known).status_code == 304
    qad.look("faults", [{**MISSING, "status": 503}])
    bench.check("cost_center")
    after = client.get(bench.path("checks/results/"), headers=known)
    assert after.status_code == 200
    assert "1 not reached by the last check" in after.content.decode()


def test_an_admin_accepts_a_warning_and_nobody_else_is_offered_it(qad):
    bench = connect(qad.url)
    qad.look("faults", [EMPTY])
    bench.check()
    assert "Accept the warning of gl_account" in read(bench, "checks/", Role.ADMIN).replace(
        '<span class="visually-hidden">', ""
    )
    assert "accept/" not in read(bench, "checks/", Role.OPERATOR)
    client = bench.cast.client(Role.ADMIN)
    answer = client.post(bench.path("checks/gl_account/accept/"), follow=True)
    assert "The warning of gl_account is accepted in your name" in answer.content.decode()
    assert bench.kept()["gl_account"].accepted_by == bench.cast.member(Role.ADMIN).email
    answer = client.post(bench.path("checks/entity/accept/"), follow=True)
    assert "no warning of entity that holds" in answer.content.decode()


def run_command(bench, *arguments):
    out = StringIO()
    try:
        call_command(
            "check_profile", bench.connection.name, *arguments,
            organization=bench.cast.organization.slug, stdout=out,
        )  # fmt: skip
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_the_command_checks_and_prints_all(qad):
    bench = connect(qad.url)
    text, code = run_command(bench, "--json")
    answer = json.loads(text)
    assert code == 0
    assert (answer["connection"], answer["version"]) == (bench.connection.name, 1)
    states = {row["document"]: row["state"] for row in answer["documents"]}
    assert states == {
        **dict.fromkeys(("cost_center", "entity", "gl_account", "gl_balance", "gl_period"), "ok"),
        "plan_reference": "off",
    }
    qad.look("faults", [MISSING])
    text, code = run_command(bench)
    assert code == 1
    assert "cost_center: bad. The tenant URL is right, but" in text
    assert "(a QAD administrator; qad_path_not_found)" in text
    qad.look("reset", {})
    qad.look("faults", [{**MISSING, "status": 503}])
    text, code = run_command(bench)
    assert code == 1
    assert "cost_center: bad. The tenant URL is right, but" in text
    assert "This check found nothing out: " in text


def test_the_command_refuses_a_connection_that_is_not_there(qad):
    bench = connect(qad.url)
    bench.connection.name = "Nowhere"
    with pytest.raises(CommandError, match="There is no connection Nowhere here"):
        run_command(bench)
