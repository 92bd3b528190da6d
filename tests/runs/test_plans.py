"""A plan pulled from Anaplan, approved, and sent to QAD: scenario ten, and what may go wrong."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from accounts.errors import Refused
from accounts.models import Organization, Role
from audit.tenancy import tenant
from integrations.anaplan import calls
from integrations.models import EvidenceKind, PlanVersion, RecordException, Run, Sync
from integrations.selectors.plans import find_version
from integrations.services.clients import build_anaplan
from integrations.services.evidence import Place, iter_blocks
from integrations.services.plans.publishing import publish_plan
from integrations.services.plans.pushing import find_push
from integrations.services.replay import replay_run
from integrations.services.runs import advance_run
from integrations.services.syncs import start_run
from tests.accounts.people import Cast
from tests.runs.small_world import HEADERS, PLAN_EXPORT, PLAN_MODULE, PLAN_ROWS

EXPORT = "116000000002"
# entity, account, cost center, period, currency, amount: in QAD's codes, in the order of keys
VALUES = [
    ("DE01", "1000", "100", 202610, "EUR", "12.345"),
    ("DE01", "4000", "200", 202611, "EUR", "-2500.50"),
    ("DE01", "6000", "100", 202611, "EUR", "790.05"),
    ("US01", "4000", "200", 202610, "USD", "-2600.00"),
    ("US01", "4000", "200", 202611, "USD", "-2700.00"),
    ("US01", "6000", "100", 202610, "USD", "800.00"),
    ("US01", "6000", "100", 202611, "USD", "850.05"),
    ("US01", "6000", "200", 202611, "USD", "200.15"),
]


class Planner:
    """The rig's plan sync, and what is done with it."""

    def __init__(self, rig):
        self.rig = rig
        self.organization = rig.organization
        self.cast = Cast(rig.organization)
        with tenant(rig.organization.pk):
            self.sync = Sync.objects.get(data_set="plan")

    def start(self, by="asker@example.com"):
        return start_run(
            organization=self.organization, sync_id=self.sync.pk, periods=None, requested_by=by
        )

    def pull(self, by="asker@example.com"):
        run = self.rig.finish(self.start(by))
        self.rig.check(run)
        return run

    def plan(self, number):
        with tenant(self.organization.pk):
            return PlanVersion.objects.get(number=number)

    def publish(self, number, role=Role.OWNER, **options):
        version = self.plan(number)
        publish_plan(
            organization=self.organization, version_id=version.pk,
            actor=self.cast.member(role), **options,
        )  # fmt: skip
        with tenant(self.organization.pk):
            run = find_push(version)
        run = self.rig.finish(run)
        self.rig.check(run)
        return run

    def replay(self, run):
        child = self.rig.finish(
            replay_run(organization=self.organization, run_id=run.pk, requested_by="test")
        )
        self.rig.check(child)
        return child

    def values(self, number):
        version = self.plan(number)
        with tenant(self.organization.pk):
            return [
                (v.entity, v.gl_account, v.cost_center, v.year_period, v.currency, str(v.amount))
                for v in version.values.order_by("number")
            ]

    def exported(self, run):
        """The bytes of the export as they were kept."""
        return b"".join(iter_blocks(Place(self.organization.pk, run.pk, EvidenceKind.EXPORT)))

    def answering(self):
        """The version that plan-against-actual is computed with."""
        with tenant(self.organization.pk):
            return find_version(self.organization, "Plan", None).number

    def in_qad(self, reference):
        """What QAD holds of a version, as `values` gives it."""
        rows = self.rig.qad.call("GET", "plans")["plans"]
        return sorted(
            (
                row["entityCode"], row["glAccountCode"], row["costCenterCode"],
                int(row["yearPeriod"]), row["currencyCode"], str(row["amount"]),
            )
            for row in rows
            if row["planVersion"] == reference
        )  # fmt: skip

    def alter(self, place, value):
        """Change a planned amount as a planner in Anaplan would."""
        names = HEADERS.values()
        self.rig.anaplan.call(
            "POST",
            "cells",
            {
                "module": PLAN_MODULE,
                "coordinates": dict(zip(names, place, strict=True)),
                "lineItem": "Amount",
                "value": value,
            },
        )

    def call(self, name, *arguments, code=0):
        """Return what a command prints; its exit code has to be the given one."""
        out, ended = StringIO(), 0
        options = ("--organization", self.organization.slug)
        try:
            call_command(name, *arguments, *options, stdout=out)
        except SystemExit as end:
            ended = int(end.code or 0)
        assert ended == code
        return out.getvalue()


@pytest.fixture
def planner(make_rig):
    return Planner(make_rig(plan=PLAN_ROWS))


def refusal(call, *arguments, **options):
    with pytest.raises(Refused) as caught:
        call(*arguments, **options)
    return caught.value.code


def is_refused_by_the_database(planner, statement):
    try:
        with tenant(planner.organization.pk), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "never changes" in str(error) or "takes no more" in str(error)
    return False


def test_a_plan_is_pulled_published_compared_and_sent_to_qad(planner):
    planner.rig.run()
    check_it_is_kept_for_good(planner, planner.pull())
    check_it_answers_only_once_a_person_has_published_it(planner)
    check_the_old_version_answers_until_the_new_one_is_published(planner)
    check_what_qad_refuses_is_listed_and_sent_again_alone(planner)


def check_it_is_kept_for_good(scene, run):
    version = scene.plan(1)
    assert (run.state, run.counts["loaded"], run.counts["held"]) == ("reconciled", 8, 0)
    assert (version.state, str(version), version.rows) == ("draft", "FY27 BUDGET-A1", 8)
    assert scene.values(1) == VALUES
    assert version.totals == [
        ["202610", "EUR", "12.345"],
        ["202610", "USD", "-1800.00"],
        ["202611", "EUR", "-1710.45"],
        ["202611", "USD", "-1649.80"],
    ]
    kept = scene.exported(run)
    assert kept.count(b"\n") == 9
    assert version.sha256 == hashlib.sha256(kept).hexdigest()
    for statement in (
        "UPDATE integrations_planvalue SET amount = 0",
        "DELETE FROM integrations_planvalue",
        "UPDATE integrations_planversion SET sha256 = 'x'",
        "UPDATE integrations_planversion SET state = 'incomplete'",
        "DELETE FROM integrations_planversion",
        "INSERT INTO integrations_planvalue (organization_id, version_id, number, entity, "
        "year_period, gl_account, cost_center, currency, amount) SELECT organization_id, "
        "version_id, 9, 'X', 1, 'X', '', '', 1 FROM integrations_planvalue LIMIT 1",
    ):
        assert is_refused_by_the_database(scene, statement), statement


def check_it_answers_only_once_a_person_has_published_it(scene):
    rig, organization = scene.rig, scene.organization
    with tenant(organization.pk):
        assert refusal(find_version, organization, "Plan", None) == "plan_not_published"
    assert rig.qad.count("plans_created") == 0
    for role in (Role.OPERATOR, Role.VIEWER):
        assert refusal(scene.publish, 1, role) == "right_missing"
    pushed = scene.publish(1)
    assert (pushed.kind, pushed.state, pushed.counts["rows"]) == ("publish", "reconciled", 8)
    assert scene.in_qad("FY27 BUDGET-A1") == VALUES
    version, owner = scene.plan(1), scene.cast.member(Role.OWNER)
    assert (version.state, version.approved_by) == ("published", owner.email)
    change = "UPDATE integrations_planversion SET approved_by = 'somebody'"
    assert is_refused_by_the_database(scene, change)
    assert refusal(scene.publish, 1) == "plan_not_publishable"


def check_the_old_version_answers_until_the_new_one_is_published(scene):
    scene.alter(("E_US01", "A_6000", "CC_100", "Nov 26", "USD"), "900.07")
    scene.pull()
    assert (scene.plan(2).state, scene.answering()) == ("draft", 1)
    assert scene.values(1) == VALUES
    variance = json.loads(scene.call("plan_actual", "Plan", "--json"))
    lines = {
        (line["entity"], line["period"], line["account"], line["cost_center"]): (
            line["actual"], line["plan"], line["variance"],
        )
        for line in variance["lines"]
    }  # fmt: skip
    assert variance["plan"] == "FY27 BUDGET-A1"
    assert lines["US01", "202611", "6000", "100"] == ("800.10", "850.05", "-49.95")
    assert lines["US01", "202611", "4000", "200"] == ("-2500.50", "-2700.00", "199.50")
    assert lines["DE01", "202610", "1000", "100"] == ("1500.25", "12.345", "1487.905")
    assert lines["US01", "202611", "1000", "100"] == ("1500.25", None, None)


def check_what_qad_refuses_is_listed_and_sent_again_alone(scene):
    rig = scene.rig
    closed = {"cost_center": "200", "is_active": False}
    rig.qad.call("POST", "cost_centers", closed)
    pushed = scene.publish(2)
    assert (pushed.state, pushed.error_code) == ("partial", "plan_rows_refused")
    assert (pushed.counts["loaded"], pushed.counts["rejected"]) == (4, 4)
    assert [scene.plan(number).state for number in (1, 2)] == ["superseded", "published"]
    messages = {record.message for record in rig.exceptions(pushed)}
    assert messages == {"costCenterCode: 200 is not active"}
    expected = [row if row[5] != "850.05" else (*row[:5], "900.07") for row in VALUES]
    assert scene.in_qad("FY27 BUDGET-A2") == [row for row in expected if row[2] != "200"]

    rig.qad.call("POST", "cost_centers", {**closed, "is_active": True})
    created = rig.qad.count("plans_created")
    child = scene.replay(pushed)
    assert (child.kind, child.state, child.counts["rows"]) == ("publish", "reconciled", 4)
    assert (rig.qad.count("plans_created") - created, rig.qad.count("plans_unchanged")) == (4, 0)
    assert scene.in_qad("FY27 BUDGET-A2") == expected
    assert {record.state for record in rig.exceptions(pushed)} == {"released"}
    again = {"organization": scene.organization, "run_id": pushed.pk, "requested_by": "x"}
    assert refusal(replay_run, **again) == "plan_nothing_waits"
    assert scene.call("plan_values", "Plan").splitlines()[:2] == [
        "entity,period,account,cost_center,currency,amount,version",
        "DE01,202610,1000,100,EUR,12.345,FY27 BUDGET-A2",
    ]


def test_what_has_no_single_code_is_held_until_somebody_says_which(planner):
    rig = planner.rig
    rig.map("gl_account", "6001", "A_6000")
    planner.alter(("E_US01", "A_9900", "CC_100", "Nov 26", "USD"), "0.005")
    run = planner.pull()
    version = planner.plan(1)
    assert (run.state, run.counts["rows"]) == ("partial", 9)
    assert (version.rows, version.held_rows) == (4, 5)
    assert version.held == [
        ["Nov 26", "EUR", "790.05"],
        ["Nov 26", "USD", "1050.205"],
        ["Oct 26", "USD", "800.00"],
    ]
    assert sorted((r.code, r.member_code, r.values["amount"]) for r in rig.exceptions(run)) == [
        ("plan_member_shared", "A_6000", "200.15"),
        ("plan_member_shared", "A_6000", "790.05"),
        ("plan_member_shared", "A_6000", "800.00"),
        ("plan_member_shared", "A_6000", "850.05"),
        ("plan_member_unmapped", "A_9900", "0.005"),
    ]
    said = ("--plan", "FY27 BUDGET", "--code", "gl_account/A_6000=6000")
    planner.call("plan_sync", "Plan", "--export", PLAN_EXPORT, *said)
    child = planner.replay(run)
    assert (child.counts["loaded"], child.counts["held"]) == (8, 1)
    rig.map("gl_account", "9900", "A_9900")
    last = planner.replay(child)
    assert (last.state, rig.anaplan.count("export_posts")) == ("reconciled", 1)
    assert planner.values(3) == sorted([*VALUES, ("US01", "9900", "100", 202611, "USD", "0.005")])
    assert {planner.plan(number).sha256 for number in (1, 2, 3)} == {version.sha256}
    with tenant(planner.organization.pk):
        states = RecordException.objects.values_list("run_id", "state")
        assert sorted(set(states)) == [
            (run.pk, "released"),
            (run.pk, "superseded"),
            (child.pk, "released"),
        ]


def test_a_link_that_drops_costs_no_chunk_twice_and_no_figure(planner, monkeypatch):
    rig = planner.rig
    monkeypatch.setattr(calls, "DOWNLOAD_PAUSE_SECONDS", 0.0)
    planner.pull()
    planner.publish(1)
    planner.alter(("E_US01", "A_6000", "CC_100", "Nov 26", "USD"), "900.07")
    rig.anaplan.call("POST", "settings", {"export_chunk_bytes": 50})
    rig.anaplan.fault(
        path=f"files/{EXPORT}/chunks/4$", kind="truncate", bytes=20, length="whole", times=-1
    )
    run = planner.start()
    for _ in range(3):
        advance_run(planner.organization.pk, run.pk)
        rig.make_due(run)
    waiting = rig.reload(run)
    assert (waiting.state, waiting.error_code) == ("waiting", "connection_lost")
    assert planner.answering() == 1
    assert planner.values(1) == VALUES
    rig.anaplan.heal()
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.counts["loaded"]) == ("reconciled", 8)
    path = f"path=files/{EXPORT}/chunks/[0-9]%2B$"
    asked = [
        call["path"].rpartition("/")[2]
        for call in rig.anaplan.call("GET", f"requests?{path}")["requests"]
    ]
    assert [asked.count(str(chunk)) for chunk in (0, 3, 5)] == [2, 1, 1]
    assert rig.anaplan.count("export_posts") == 2
    kept = planner.exported(run)
    assert planner.plan(2).sha256 == hashlib.sha256(kept).hexdigest()
    assert len(kept) > 350
    planner.publish(2)
    assert (
        planner.answering(),
        ("US01", "6000", "100", 202611, "USD", "900.07") in planner.values(2),
    ) == (2, True)


def test_an_export_in_doubt_is_never_taken_on_trust(planner, monkeypatch):
    rig = planner.rig
    monkeypatch.setattr(calls, "DOWNLOAD_PAUSE_SECONDS", 0.0)
    rig.anaplan.fault(path=f"exports/{EXPORT}/tasks$", method="POST", kind="reset", times=1)
    run = planner.pull()
    assert (run.state, rig.anaplan.count("export_posts")) == ("reconciled", 1)

    # Somebody runs the export again while its chunks are read: none of them is kept.
    rig.anaplan.call("POST", "settings", {"export_chunk_bytes": 50})
    rig.anaplan.fault(
        path=f"files/{EXPORT}/chunks/4$", kind="truncate", bytes=20, length="whole", times=-1
    )
    run = planner.start()
    for _ in range(3):
        advance_run(planner.organization.pk, run.pk)
        rig.make_due(run)
    assert len(rig.reload(run).plan["chunks"]) > 4
    planner.alter(("E_US01", "A_6000", "CC_100", "Oct 26", "USD"), "801.00")
    build_anaplan(rig.sync.target, rig.sync).start_export(EXPORT)
    rig.anaplan.heal()
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, rig.anaplan.count("export_posts")) == ("reconciled", 4)
    assert ("US01", "6000", "100", 202610, "USD", "801.00") in planner.values(2)


def test_a_shrunken_plan_waits_for_whoever_may_accept_it_and_a_second_person_publishes(planner):
    rig, owner = planner.rig, planner.cast.member(Role.OWNER)
    planner.pull()
    planner.publish(1)
    for entity, account, center, month, currency, _ in PLAN_ROWS[5:]:
        planner.alter((entity, account, center, month, currency), "0")
    Organization.objects.filter(pk=planner.organization.pk).update(second_person_publishes=True)
    run = planner.pull(by=owner.email)
    assert run.state == "reconciled"
    version = planner.plan(2)
    assert (version.state, version.rows) == ("held", 5)
    assert version.lost == {"rows": [8, 5], "entities": ["DE01"]}
    assert refusal(planner.publish, 2, Role.ADMIN) == "plan_has_shrunk"
    assert refusal(planner.publish, 2, accepts_shrink=True) == "plan_second_person"
    assert (planner.answering(), planner.values(1)) == (1, VALUES)
    assert planner.in_qad("FY27 BUDGET-A2") == []
    planner.publish(2, Role.ADMIN, accepts_shrink=True)
    assert (planner.answering(), planner.plan(1).state) == (2, "superseded")
    assert len(planner.in_qad("FY27 BUDGET-A2")) == 5

    # An older export never takes the place of a newer one, however its replay is numbered.
    with tenant(planner.organization.pk):
        first = Run.objects.filter(kind="load").order_by("pk").first()
    planner.replay(first)
    assert planner.plan(3).exported_at == planner.plan(1).exported_at
    assert refusal(planner.publish, 3, Role.ADMIN) == "plan_version_outdated"

    # Sent once more nothing changes; rows that QAD does not show any more are named.
    report = json.loads(planner.call("push_plan", "Plan", "--here", "--json"))
    assert (report["state"], rig.qad.count("plans_unchanged")) == ("reconciled", 5)
    rig.qad.fault(path="PlanReferences", method="GET", kind="empty", times=1)
    report = json.loads(planner.call("push_plan", "Plan", "--here", "--json", code=1))
    assert (report["state"], report["error"]["code"]) == ("failed", "plan_reference_differs")
    assert report["counts"]["differences"] == 2
