"""Rows that pages read, made directly: runs of every outcome with known figures."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import (
    CellDifference,
    ClosedChange,
    Connection,
    DocumentCheck,
    Load,
    LoadChunk,
    MappingVersion,
    Phase,
    Ping,
    PlanValue,
    PlanVersion,
    RecordException,
    Run,
    RunGroup,
    RunState,
    RunUnit,
    Sync,
    TieOutPlace,
    TieOutSignOff,
)
from integrations.models.runs import ACTIVE
from integrations.pipeline.rules import Rule
from integrations.qad.profile import default_profile
from integrations.selectors.pings import STEPS
from integrations.services.mappings import approve_rules
from integrations.services.profiles import keep_profile
from tests.accounts.people import Cast, make_cast

PERIODS = {202610: "Oct 26", 202611: "Nov 26"}
ENTITIES = {"US01": ("E_US01", "USD"), "DE01": ("E_DE01", "EUR")}
RULES = (
    Rule("entity", "US01", "E_US01"),
    Rule("entity", "DE01", "E_DE01"),
    Rule("gl_account", "1000", "A_1000"),
    Rule("gl_account", "4000", "A_4000"),
    Rule("cost_center", "100", "CC_100"),
    Rule("period", "202611", "Nov 26"),
)


@dataclass
class House(Cast):
    """An organization with a sync and an approved mapping."""

    sync: Sync
    version: MappingVersion


def make_house(**options: Any) -> House:
    """Return a new organization, ready to have runs."""
    cast = make_cast(**options)
    organization = cast.organization
    with tenant(organization.pk):
        source, target = (
            Connection.objects.create(organization=organization, system=system, name=system)
            for system in ("qad", "anaplan")
        )
        sync = Sync.objects.create(
            organization=organization,
            name="GL balances",
            source=source,
            target=target,
            workspace_id="w" * 32,
            model_id="M" * 32,
            import_name="Actuals from QAD",
        )
        version = approve_rules(
            organization=organization, rules=RULES, requested_by="mapper@example.com"
        )
    return House(organization, sync, version)


LINE = {"state": "ok", "seconds": 0.12, "code": "", "facts": {}, "detail": "", "found": "Found."}


def add_ping(connection: Connection, state: str = "ok", **fields: Any) -> Ping:
    """Return a ping of a QAD or Anaplan, begun two seconds ago; a failed one had no sign-in."""
    now = timezone.now()
    lines = [LINE | {"name": name} for name in STEPS[connection.system]]
    if state == "failed":
        refusal = {"code": "qad_unauthorized", "facts": {"mode": "basic"}, "detail": "HTTP 401 no"}
        lines[3] |= {"state": "failed", "found": "", **refusal}
        skipped = {
            "state": "skipped",
            "seconds": None,
            "found": "Not tried, since “Sign-in” failed.",
        }
        lines[4:] = [line | skipped for line in lines[4:]]
    values = {
        "steps": lines[:4] if state in ("running", "cancelled") else lines,
        "asked_by": "owner@example.com",
        "started_at": now - timedelta(seconds=2),
        "finished_at": None if state == "running" else now,
    }
    with tenant(connection.organization_id):
        return Ping.objects.create(
            organization=connection.organization, connection=connection, state=state,
            **{**values, **fields},
        )  # fmt: skip


def make_run(house: House, state: str = RunState.RECONCILED, **fields: Any) -> Run:
    """Return a run in a state; an ended one took 90 seconds and has gone through all phases."""
    now = timezone.now()
    ended = state not in ACTIVE
    values: dict[str, Any] = {
        "phase": Phase.RECONCILE if ended else Phase.EXTRACT,
        "started_at": now - timedelta(seconds=90),
        "finished_at": now if ended else None,
        "periods": [202610, 202611],
        "counts": {"rows": 20, "loaded": 20, "cells": 20, "cells_changed": 20} if ended else {},
        "sync": house.sync,
        **fields,
    }
    with tenant(house.organization.pk):
        return Run.objects.create(
            organization=house.organization,
            requested_by="starter@example.com",
            state=state,
            mapping_version=house.version,
            not_before=now,
            deadline=now + timedelta(hours=6),
            **values,
        )


def add_units(run: Run) -> None:
    """Give a run its four units and their groups, all read."""
    number = 0
    with tenant(run.organization_id):
        for entity, (member, currency) in ENTITIES.items():
            for period, name in PERIODS.items():
                number += 1
                group = f"{member}|{name}"
                RunUnit.objects.create(
                    organization_id=run.organization_id, run=run, read_by=run, domain="10",
                    entity=entity, year_period=period, currency=currency, group=group, pages=1,
                    rows=5, is_read=True,
                )  # fmt: skip
                RunGroup.objects.create(
                    organization_id=run.organization_id, run=run, number=number, name=group,
                    entity=member, period=name, is_mapped=True, is_tied_out=True,
                )  # fmt: skip


def add_line(run: Run, place: str, measure: str, source: str, **fields: Any) -> None:
    """Add a line at "entity/period/account/currency"; all three say the same unless told."""
    entity, period, account, currency = place.split("/")
    amounts = {"sent": source, "target": source, "listed": "0", "source": source}
    amounts |= {name: fields.pop(name) for name in list(fields) if name in amounts}
    columns = {name: amount if amount is None else [amount] for name, amount in amounts.items()}
    with tenant(run.organization_id):
        TieOutPlace.objects.create(
            organization_id=run.organization_id, run=run, entity=entity, period=period,
            account=account, currency=currency, measures=[measure],
            **{"group": 1, **fields, **columns},
        )  # fmt: skip


def add_books(run: Run, *, without: str = "") -> None:
    """Give a run units and equal lines; the place named by `without` is left for the test."""
    add_units(run)
    for member, currency in ENTITIES.values():
        for name in PERIODS.values():
            for account, debit, credit, net in (
                ("A_1000", "1500.25", "0.00", "1500.25"),
                ("A_4000", "0", "2500.50", "-2500.50"),
            ):
                place = f"{member}/{name}/{account}/{currency}"
                if place == without:
                    continue
                add_line(run, place, "debit", debit)
                add_line(run, place, "credit", credit)
                add_line(run, place, "net", net)
            add_line(run, f"{member}/{name}/A_9000/{currency}", "quantity", "12")


def add_exception(run: Run, key: str, **fields: Any) -> RecordException:
    """Add a held record of US01, November, unless told otherwise."""
    values = {
        "part": "US01/202611",
        "verdict": "held",
        "code": "unmapped_gl_account",
        "dimension": "gl_account",
        "member_code": "6000",
        "message": "gl account 6000",
        "values": {"debit": "12400.00", "credit": "0", "net": "12400.00", "quantity": "0"},
        **fields,
    }
    with tenant(run.organization_id):
        return RecordException.objects.create(
            organization_id=run.organization_id,
            run=run,
            sync_id=run.sync_id,
            source_key=key,
            **values,
        )


def add_difference(run: Run, key: str, measure: str = "debit", **fields: Any) -> None:
    """Add a cell that differs and that nothing explains."""
    values = {"source": "10.00", "sent": "10.00", "target": "10.01", **fields}
    with tenant(run.organization_id):
        CellDifference.objects.create(
            organization_id=run.organization_id, run=run, cell_key=key, measure=measure, **values
        )


def add_load(run: Run, **fields: Any) -> Load:
    """Give a run a file of one chunk that Anaplan took."""
    now = timezone.now()
    values = {
        "lines": 20, "chunk_bytes": 45_000_000, "chunks": 1, "uploaded_at": now,
        "task_id": "T" * 32, "task_state": "COMPLETE", "outcome": "ok",
        "collected_at": now, **fields,
    }  # fmt: skip
    with tenant(run.organization_id):
        load = Load.objects.create(
            organization_id=run.organization_id, run=run, file_id="113", import_id="112", **values
        )
        LoadChunk.objects.create(
            organization_id=run.organization_id, load=load, number=0, first_line=1, last_line=21,
            raw_size=900, sha256="ab" * 32, sent_at=now,
        )  # fmt: skip
    return load


def add_sign_offs(run: Run) -> None:
    """Let a run's books be final but for one, sign one of them and re-open another."""
    with tenant(run.organization_id):
        RunUnit.objects.filter(run=run).update(period_status="REPORTED")
        RunUnit.objects.filter(run=run, group="E_US01|Oct 26").update(period_status="OPEN")
        for name, code in (("E_US01|Nov 26", ""), ("E_DE01|Oct 26", "sign_off_differs")):
            TieOutSignOff.objects.create(
                organization_id=run.organization_id, sync_id=run.sync_id, run=run, group=name,
                entity=name[:6], period=name[7:], signed_by="owner@example.com",
                digest="ab" * 32, note="Closed with controlling.", reopened_code=code,
                reopened_at=timezone.now() if code else None, reopened_by=run if code else None,
            )  # fmt: skip


def held_run(house: House) -> Run:
    """Return a partial run in which three held records explain 12,400.00 USD of one account."""
    run = make_run(
        house, RunState.PARTIAL, counts={"rows": 20, "loaded": 17, "held": 3, "cells": 17}
    )
    add_books(run)
    missing = {"sent": "0", "target": "0", "records": 3, "is_mapped": False}
    for measure in ("debit", "net"):
        add_line(run, "E_US01/Nov 26/6000/USD", measure, "12400.00", listed="12400.00", **missing)
    add_exception(run, "US01|6000||100||202611|OFFICIAL|USD")
    for center in ("200", "300"):
        zero = {"debit": "0", "credit": "0", "net": "0", "quantity": "0"}
        add_exception(run, f"US01|6000||{center}||202611|OFFICIAL|USD", values=zero)
    add_load(run)
    return run


def add_plan(house: House, state: str = "published", **fields: Any) -> PlanVersion:
    """Return a version of a plan with two values, brought by a run of its own."""
    now = timezone.now()
    organization = house.organization
    with tenant(organization.pk):
        sync, _ = Sync.objects.get_or_create(
            organization=organization, name="Plan", data_set="plan", source=house.sync.source,
            target=house.sync.target, export_name="Plan", plan_name="FY27 BUDGET",
            workspace_id="w" * 32, model_id="M" * 32,
        )  # fmt: skip
    run = make_run(house, sync=sync, periods=[], counts={"rows": 3, "loaded": 2, "held": 1})
    values = {
        "rows": 2, "held_rows": 1, "totals": [["202611", "USD", "-1899.95"]],
        "held": [["Nov 26", "USD", "0.005"]],
    }  # fmt: skip
    with tenant(organization.pk):
        version = PlanVersion.objects.create(
            organization=organization, sync=sync, run=run, name="FY27 BUDGET",
            number=PlanVersion.objects.filter(sync=sync).count() + 1, plan_type="BUDGET",
            source_model="M" * 32, sha256="ab" * 32, exported_at=now, **{**values, **fields},
        )  # fmt: skip
        PlanValue.objects.bulk_create(
            PlanValue(
                organization=organization, version=version, number=number, entity="US01",
                year_period=202611, gl_account=account, cost_center="100", currency="USD",
                amount=amount,
            )
            for number, account, amount in ((1, "4000", "-2700.00"), (2, "=6000", "800.05"))
        )  # fmt: skip
        version.state = state
        if state in ("published", "superseded"):
            version.approved_by, version.approved_at = "approver@example.com", now
        version.save()
    return version


def swapped_run(house: House) -> Run:
    """Return a failed run in which two cells of one account were swapped in Anaplan."""
    run = make_run(
        house,
        RunState.FAILED,
        error_code="tie_out_difference",
        error_message="2 cells in Anaplan do not hold what QAD says.",
        counts={"rows": 20, "unchanged": 20, "cells": 20, "differences": 2, "unexplained": 2},
    )
    add_books(run)
    with tenant(run.organization_id):
        RunGroup.objects.filter(run=run, name="E_DE01|Oct 26").update(counts={"unexplained": 2})
    cell = "E_DE01,A_1000,{},Oct 26,EUR"
    add_difference(run, cell.format("CC_100"), source="1000.25", sent="1000.25", target="500.00")
    add_difference(run, cell.format("CC_200"), source="500.00", sent="500.00", target="1000.25")
    return run


PLAN = {
    "headers": ["Entity", "Account", "Cost Center", "Month", "Currency", "Version", "Debit", "Net"],
    "bindings": {
        "Entity": "entity", "Account": "gl_account", "Cost Center": "cost_center",
        "Month": "period", "Currency": "currency", "Version": "=Actual", "Debit": "debit",
        "Net": "net",
    },
    "separator": ",", "delimiter": '"',
}  # fmt: skip


def add_closed_change(run: Run, group: str = "E_US01|Oct 26", **fields: Any) -> ClosedChange:
    """Let a run have found that a closed period moved by 12,345.67 in two cells."""
    entity, period = group.split("|")
    currency = dict(ENTITIES.values())[entity]
    key = f"{entity},{{}},CC_100,{period},{currency}"
    moved = {
        "cells": 2, "by": {"net": "12345.67", "debit": "12345.67"},
        "since": "2026-11-04T09:30:00+00:00", "run": run.pk,
        "first": [
            [key.format("A_1000"), ["1500.25", "1500.25"], ["1500.25", "1480.25"]],
            [key.format("A_6000"), [], ["12345.67", "12365.67"]],
        ],
    }  # fmt: skip
    with tenant(run.organization_id):
        Run.objects.filter(pk=run.pk).update(plan={**run.plan, **PLAN})
        groups = RunGroup.objects.filter(run=run, name=group)
        groups.update(is_closed=True, moved=moved, digest="ab" * 32)
        return ClosedChange.objects.create(
            organization_id=run.organization_id, sync_id=run.sync_id, run=run, group=group,
            digest="ab" * 32, moved=moved, **fields,
        )  # fmt: skip


def add_checked_profile(house: House) -> int:
    """Give the connection to QAD two versions of its profile and a result of each kind."""
    profile = default_profile()
    empty = {"document": "cost_center", "path": "api/bdoc/qad/base/coa/CostCenters"}
    missing = {"document": "gl_period", "field": "status", "wire": "status"}
    evidence = {"status": 200, "content_type": "application/json", "start": '{"data":[]}'}
    found: dict[str, tuple[str, str, dict[str, Any]]] = {
        "entity": ("ok", "", {"fields": 5}),
        "gl_account": ("ok", "", {"fields": 7}),
        "cost_center": ("warn", "qad_empty", {**empty, "workspace": "10USA_10USACO"}),
        "gl_period": ("bad", "qad_field_missing", {**missing, "found": "statusCode, yearPeriod"}),
    }
    with tenant(house.organization.pk):
        row = house.sync.source
        keep_profile(row, profile)
        profile["paging"]["size"] = 200
        version = keep_profile(row, profile, "The instance cuts larger pages")
        for document, (level, code, facts) in found.items():
            DocumentCheck.objects.create(
                organization=house.organization, connection=row, document=document,
                digest=version.digest, level=level, code=code, facts=facts,
                evidence=evidence,
                checked_at=timezone.now(), checked_by="owner@example.com",
            )  # fmt: skip
        Connection.objects.filter(pk=row.pk).update(check_asked_at=None)
    return int(row.pk)
