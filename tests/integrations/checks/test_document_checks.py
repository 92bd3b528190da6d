"""Every answer that a QAD may give to a check, over HTTP, by its own code and in words."""

import html
from functools import cache
from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refused
from accounts.models import Role
from audit.catalogue import CATALOGUE
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection
from integrations.qad.probes import Prober
from integrations.selectors.document_checks import get_overview
from integrations.services.connections import change_connection
from integrations.services.document_checks import (
    accept_warning,
    check_where_asked,
)
from integrations.transport.errors import IntegrationError
from simulators import server, tls
from simulators.qad.app import build_app
from tests.integrations.checks.conftest import Bench, connect, shared_cast
from tests.integrations.qad.conftest import write_books

PERIODS_BROWSE: dict[str, Any] = {
    "style": "browse", "browse_id": "urn:browse:mfg:gl111", "scope": "entity",
    "sort": [], "key": ["entity", "year_period"],
    "map": {
        "entity": "period.PeriodEntityCode", "year_period": "period.PeriodYearPeriod",
        "period_type": "period.PeriodTypeCode", "status": "period.PeriodStatus",
    },
    "required": ["entity", "year_period", "period_type", "status"],
}  # fmt: skip
CENTERS_ENTITY: dict[str, Any] = {
    "style": "entity", "plural": "costCenters", "scope": "domain", "sort": [],
    "entity_uri": "urn:be:com.qad.base.coa.ICostCenter",
    "key": ["code"], "map": {"code": "costCenterCode"}, "required": ["code"],
}  # fmt: skip
NO_GET = {"Allow": "POST, OPTIONS"}


def fault(kind: str, path: str = "CostCenters", **more: Any) -> dict[str, Any]:
    return {"path": path, "kind": kind, "times": -1, **more}


@cache
def viewer() -> Client:
    return shared_cast().client(Role.VIEWER)


def overview(bench: Bench) -> Any:
    with tenant(bench.cast.organization.pk):
        return get_overview(Connection.objects.get(pk=bench.number))


def accept(bench: Bench, document: str) -> None:
    accept_warning(
        organization=bench.cast.organization, connection_id=bench.number,
        document=document, accepted_by="admin@example.com",
    )  # fmt: skip


def balance(**changes: Any) -> Any:
    return lambda profile: profile["documents"]["gl_balance"].update(changes)


def unheeded(profile: dict[str, Any]) -> None:
    profile["filter"]["param"] = "where"
    balance(static_filters=[["layer_type", "eq", "MANAGEMENT"]])(profile)


def mapped(document: str, **names: str) -> Any:
    return lambda profile: profile["documents"][document]["map"].update(names)


def replaced(document: str, entry: dict[str, Any], **changes: Any) -> Any:
    return lambda profile: profile["documents"].update({document: {**entry, **changes}})


# what the instance does, what the profile says, the document looked at, level and code
ROWS: dict[str, tuple[list[dict[str, Any]], Any, str, str, str]] = {
    "OK": ([], None, "gl_balance", "ok", ""),
    "OK by browse": ([], replaced("gl_period", PERIODS_BROWSE), "gl_period", "ok", ""),
    "OK by entity": ([], replaced("cost_center", CENTERS_ENTITY), "cost_center", "ok", ""),
    "FIELD_MISSING": ([], mapped("gl_period", status="periodStatus"), "gl_period", "bad",
                      "qad_field_missing"),
    "FIELD_MISSING without rows": (
        [fault("empty", "browseId=urn:browse:mfg:gl111")],
        replaced("gl_period", PERIODS_BROWSE, map={**PERIODS_BROWSE["map"], "status": "odd.X"}),
        "gl_period", "bad", "qad_field_missing"),
    "optional field": ([], mapped("cost_center", description="centerName"), "cost_center", "warn",
                       "qad_field_unsent"),
    "OK_EMPTY": ([fault("empty", method="GET")], None, "cost_center", "warn", "qad_empty"),
    "OK_EMPTY by field list": (
        [fault("empty", "browseId=urn:browse:mfg:gl111")],
        replaced("gl_period", PERIODS_BROWSE), "gl_period", "warn", "qad_empty"),
    "OK_EMPTY by metadata": (
        [fault("empty", "erp/costCenters", method="GET")],
        replaced("cost_center", CENTERS_ENTITY), "cost_center", "warn", "qad_empty"),
    "OK_EMPTY by filter": ([], balance(static_filters=[["layer_type", "eq", "MANAGEMENT"]]),
                           "gl_balance", "warn", "qad_empty"),
    "UNPROVEN_EMPTY": ([], replaced("gl_period", PERIODS_BROWSE, browse_id="urn:browse:mfg:gl999"),
                       "gl_period", "bad", "qad_unproven_empty"),
    "UNEXPECTED_SHAPE": ([], balance(rows_at="rows"), "gl_balance", "bad", "qad_unexpected_shape"),
    "NOT_LOGGED_IN": ([fault("html", body="<form action=login><input type='password'></form>")],
                      None, "cost_center", "bad", "qad_not_logged_in"),
    "NOT_JSON": ([fault("html", body="<h1>Welcome</h1>")], None, "cost_center", "bad",
                 "qad_not_json"),
    "401": ([fault("status", status=401)], None, "cost_center", "bad", "qad_unauthorized"),
    "403": ([fault("status", status=403)], None, "cost_center", "bad", "qad_forbidden"),
    "403 for the workspace": ([fault("status", status=403, body="No such workspace")], None,
                              "cost_center", "bad", "qad_unknown_workspace"),
    "404 on every document": ([fault("status", "api/bdoc", status=404)], None, "gl_balance",
                              "bad", "qad_wrong_base"),
    "404 on one document": ([fault("status", status=404)], None, "cost_center", "bad",
                            "qad_path_not_found"),
    "405": ([fault("status", status=405, method="GET")], None, "cost_center", "bad",
            "qad_not_readable"),
    "500 where GET is not allowed": (
        [fault("status", status=500, method="GET"),
         fault("status", status=200, method="OPTIONS", headers=NO_GET)],
        None, "cost_center", "bad", "qad_not_readable"),
    "500": ([fault("status", status=500, method="GET")], None, "cost_center", "bad", "qad_error"),
    "503": ([fault("status", status=503)], None, "cost_center", "bad", "qad_error"),
    "429": ([fault("rate_limited", retry_after="0")], None, "cost_center", "bad", "qad_busy"),
    "other host": ([fault("status", status=302, headers={"Location": "https://evil.example/"})],
                   None, "cost_center", "bad", "redirect_refused"),
    "too slow": ([fault("slow", seconds=1.3)],
                 lambda profile: profile["limits"].update(read_s=1), "cost_center", "bad",
                 "answer_timeout"),
    "cut off": ([fault("truncate", bytes=20)], None, "cost_center", "bad", "qad_truncated_json"),
    "text for a number": ([fault("amount_text", "GLBalances", row=0)], None, "gl_balance", "bad",
                          "qad_amount_is_text"),
    "another type": ([], mapped("cost_center", is_active="lastModified"), "cost_center", "bad",
                     "qad_value_unreadable"),
    "filter ignored": (
        [],
        unheeded,
        "gl_balance",
        "bad",
        "qad_filter_ignored",
    ),
    "layer not filtered": ([], balance(static_filters=[]), "gl_balance", "warn",
                           "profile_layer_open"),
    "layer confirmed": ([], balance(static_filters=[], official_only_confirmed=True),
                        "gl_balance", "ok", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_each_answer_has_its_own_code(name, qad):
    faults, edit, document, level, code = ROWS[name]
    bench = connect(qad.url, edit)
    if faults:
        qad.look("faults", faults)
    row = bench.check()[document]
    assert (row.level, row.code) == (level, code), (row.facts, row.evidence)
    assert bench.kept()[document].checked_by == "owner@example.com"
    if code:
        said = IntegrationError(code, **row.facts)
        assert "…" not in said.message + said.fix, said.message
        page = html.unescape(viewer().get(bench.path("checks/")).content.decode())
        for words in (said.entry.title, said.message, said.fix, said.entry.who):
            assert words in page, words


def test_nothing_but_404_leads_to_the_tenant_url_and_the_known_roots(qad):
    bench = connect(qad.url)
    qad.look("faults", [fault("status", "api/bdoc", status=404)])
    found = bench.check()
    assert {row.code for row in found.values()} == {"qad_wrong_base"}
    assert len(found) == 5
    assert "/clouderp or /qad-central" in CATALOGUE["qad_wrong_base"].fix


def test_a_wrong_context_root_is_found_at_the_sign_in_and_asked_for_once(qad):
    bench = connect(f"{qad.url}/devl")
    assert {row.code for row in bench.check().values()} == {"qad_wrong_base"}
    assert len(qad.calls("devl")) == 1


def test_a_missing_field_is_named_with_what_the_instance_sends_closest_first(qad):
    bench = connect(qad.url, mapped("gl_period", status="statu"))
    row = bench.check("gl_period")["gl_period"]
    assert (row.facts["field"], row.facts["wire"]) == ("status", "statu")
    assert row.facts["found"].startswith("status, ")
    assert row.evidence["status"] == 200
    assert row.evidence["content_type"] == "application/json"
    assert row.evidence["start"].startswith('{"data":[{"domainCode":"10USA"')
    assert len(row.evidence["start"]) <= 300


def test_evidence_holds_no_secret_that_the_instance_sends_back(qad):
    bench = connect(qad.url)
    with tenant(bench.cast.organization.pk):
        bench.connection.refresh_from_db()
    body = "<h1>canary password=canary-secret-0f1e Authorization: Bearer canary-token-1</h1>"
    qad.look("faults", [fault("html", body=body)])
    row = bench.check("cost_center")["cost_center"]
    assert "canary-secret" not in str(row.evidence) + str(row.facts)
    assert "canary-token" not in str(row.evidence) + str(row.facts)


def test_a_surface_that_answers_everything_with_200_proves_nothing_by_an_empty_list(qad):
    bench = connect(qad.url)
    wrong = fault("status", "zz_connector_probe", status=200, body='{"data": []}')
    qad.look("faults", [fault("empty", method="GET"), wrong])
    assert bench.check()["cost_center"].code == "qad_unproven_empty"
    assert len(qad.calls("zz_connector_probe")) == 1


def test_a_surface_is_probed_once_and_only_where_a_list_is_empty(qad):
    bench = connect(qad.url)
    bench.check()
    assert qad.calls("zz_connector_probe") == []
    qad.look("faults", [fault("empty", "CostCenters|GLAccounts", method="GET")])
    assert bench.check()["cost_center"].code == "qad_empty"
    assert len(qad.calls("zz_connector_probe")) == 1


def test_metadata_that_may_not_be_read_is_never_required(qad):
    bench = connect(qad.url, replaced("cost_center", CENTERS_ENTITY))
    qad.look("faults", [fault("status", "entitymetadatas", status=403)])
    assert bench.check()["cost_center"].code == ""


def test_one_workspace_of_each_domain_is_asked_and_rows_in_one_of_them_do(qad):
    """The cost centers of these books are all of one domain."""
    bench = connect(qad.url)
    assert bench.check("cost_center")["cost_center"].code == ""
    assert len(qad.calls("CostCenters")) == 2
    assert len(qad.calls("Entities")) == 1


def test_a_failing_connection_is_asked_once_and_not_for_each_document(qad):
    bench = connect("https://no-such-host.invalid/clouderp")
    found = bench.check()
    assert {row.code for row in found.values()} == {"unreachable_dns"}
    assert len(found) == 5


def test_a_certificate_is_named_with_its_host(tmp_path, engines):
    authority = tls.Authority()
    served = tls.server_context(*authority.issue().write(tmp_path, "stand-in"))
    with server.start(build_app(write_books(tmp_path / "books")), tls=served) as running:
        row = connect(running.url).check("entity")["entity"]
    assert row.code == "tls_unknown_authority"
    assert "127.0.0.1" in str(row.facts)


def test_a_changed_profile_voids_what_was_found(qad):
    bench = connect(qad.url)
    bench.check()
    assert overview(bench).good == 5
    bench.edit(lambda profile: profile["paging"].update(size=100))
    now = overview(bench)
    assert (now.good, now.unchecked, now.is_under_way) == (0, 5, True)


def test_an_accepted_warning_holds_until_something_else_is_found(qad):
    bench = connect(qad.url, balance(static_filters=[]))
    bench.check()
    accept(bench, "gl_balance")
    assert bench.check()["gl_balance"].accepted_by == "admin@example.com"
    assert overview(bench).count("accepted") == 1
    bench.edit(balance(sort=["gl_account"]))
    assert bench.check()["gl_balance"].accepted_by == ""
    with tenant(bench.cast.organization.pk):
        event = Event.objects.get(
            action="connection.check_accepted", subject_id=bench.connection.name
        )
    assert event.data["document"] == "gl_balance"


OUTAGES = {
    "503": ([fault("status", "bdoc", status=503)], "qad_error"),
    "429": ([fault("rate_limited", "bdoc", retry_after="0")], "qad_busy"),
    "another application": ([fault("status", "bdoc", status=404)], "qad_wrong_base"),
    "a lost sign-in": ([fault("status", "bdoc", status=401)], "qad_unauthorized"),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_takes_back_nothing_that_was_found_before(name, qad):
    faults, code = OUTAGES[name]

    def edit(profile):
        balance(static_filters=[])(profile)
        mapped("gl_period", status="periodStatus")(profile)

    bench = connect(qad.url, edit)
    bench.check()
    accept(bench, "gl_balance")
    before = bench.kept()
    qad.look("faults", faults)
    bench.check()
    for document, row in bench.kept().items():
        old = before[document]
        assert (row.level, row.code, row.checked_at) == (old.level, old.code, old.checked_at)
        assert (row.accepted_by, row.missed_code) == (old.accepted_by, code)
        assert row.missed_at > row.checked_at
    seen = overview(bench)
    assert (seen.good, seen.bad, seen.missed) == (4, 1, 5)
    assert seen.summary.endswith("4 in order, 1 not usable, 5 not reached by the last check")
    page = html.unescape(viewer().get(bench.path("checks/")).content.decode())
    assert f"found nothing out: {IntegrationError(code, **row.missed_facts).message}" in page
    with tenant(bench.cast.organization.pk):
        checked = Event.objects.filter(action="connection.profile_checked").latest("sequence")
    assert set(checked.data["found"].values()) == {code}
    qad.look("reset", {})
    bench.check()
    assert {row.missed_code for row in bench.kept().values()} == {""}
    assert (overview(bench).missed, overview(bench).count("accepted")) == (0, 1)


def test_what_only_an_outage_has_shown_gives_way_to_whatever_is_found_next(qad):
    bench = connect(qad.url)
    qad.look("faults", [fault("status", status=503)])
    assert bench.check("cost_center")["cost_center"].code == "qad_error"
    qad.look("reset", {})
    qad.look("faults", [fault("rate_limited", retry_after="0")])
    row = bench.check("cost_center")["cost_center"]
    assert (row.code, row.missed_code) == ("qad_busy", "")
    qad.look("reset", {})
    assert bench.check("cost_center")["cost_center"].code == ""


@pytest.mark.parametrize(
    ("change", "holds"), [({"found": "a, b"}, True), ({"fields": "other (“x”)"}, False)]
)
def test_an_accepted_warning_holds_while_it_is_of_the_same_fields(change, holds, qad):
    bench = connect(qad.url, mapped("cost_center", description="centerName"))
    bench.check()
    accept(bench, "cost_center")
    row = bench.kept()["cost_center"]
    assert row.facts.keys() >= change.keys()
    with tenant(bench.cast.organization.pk):
        row.facts |= change
        row.save(update_fields=["facts"])
    assert bool(bench.check("cost_center")["cost_center"].accepted_at) == holds


@pytest.mark.parametrize("change", [{"user": "other"}, {"tenant_url": "{url}/elsewhere"}])
def test_what_one_user_of_one_instance_was_shown_says_nothing_of_another(change, qad):
    bench = connect(qad.url)
    bench.check()
    changed = {name: text.format(url=qad.url) for name, text in change.items()}
    for address, known in (({}, 5), (changed, 0)):
        change_connection(
            organization=bench.cast.organization,
            connection_id=bench.number,
            name=bench.connection.name,
            address={**bench.connection.address, **address},
            secrets=None,
        )
        assert len(bench.kept()) == known


@pytest.mark.parametrize("document", ["cost_center", "no_such"])
def test_only_a_warning_that_holds_can_be_accepted(document, qad):
    bench = connect(qad.url)
    bench.check()
    with pytest.raises(Refused) as refused:
        accept(bench, document)
    assert refused.value.code == "check_not_accepted"


def test_a_check_that_was_asked_for_is_done_once(qad):
    bench = connect(qad.url)
    check_where_asked(bench.cast.organization.pk, bench.number)
    calls = len(qad.calls("api/bdoc"))
    assert {row.level for row in bench.kept().values()} == {"ok"}
    assert not overview(bench).is_under_way
    check_where_asked(bench.cast.organization.pk, bench.number)
    assert len(qad.calls("api/bdoc")) == calls


def test_what_was_found_for_another_profile_meanwhile_is_thrown_away(qad, monkeypatch):
    bench = connect(qad.url)
    real = Prober.findings

    def findings(self, names):
        for number, finding in enumerate(real(self, names)):
            if number == 2:
                bench.edit(lambda profile: profile["paging"].update(size=7))
            yield finding

    monkeypatch.setattr(Prober, "findings", findings)
    assert len(bench.check()) == 2
    assert overview(bench).good == 0
    assert overview(bench).is_under_way
