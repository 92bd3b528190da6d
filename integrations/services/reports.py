"""What commands print about a run, in JSON shapes that stay as they are."""

from decimal import Decimal
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Run, TieOutLine
from integrations.selectors.closed_changes import Change
from integrations.selectors.moments import as_iso
from integrations.selectors.proofs import get_read_back
from integrations.selectors.sign_offs import list_standings, map_finality


def run_report(organization: Organization, run_id: int) -> dict[str, Any]:
    """Return a run's state, counts and reason."""
    with tenant(organization.pk):
        run = find_run(organization, run_id)
        return {
            "run": run.pk,
            "organization": organization.slug,
            "sync": run.sync.name,
            "kind": run.kind,
            "parent": run.parent_id,
            "state": run.state,
            "phase": run.phase,
            "periods": run.periods,
            "counts": run.counts,
            "seconds": run.timings,
            "warnings": run.warnings,
            "standings": standings_report(run),
            "read_back": read_back_report(run),
            "error": {"code": run.error_code, "message": run.error_message}
            if run.error_code
            else None,
        }


def tie_out_report(organization: Organization, run_id: int) -> dict[str, Any]:
    """Return a run's tie-out: every line as exact text, and the differing cells."""
    with tenant(organization.pk):
        run = find_run(organization, run_id)
        finality = map_finality(run)
        lines = [
            {
                "entity": line.entity,
                "period": line.period,
                "finality": finality.get((line.entity, line.period), ""),
                "account": line.account,
                "currency": line.currency,
                "measure": line.measure,
                "qad": plain(line.source),
                "sent": plain(line.sent),
                "anaplan": plain(line.target),
                "difference": plain(_difference(line)),
                "explained": plain(line.listed),
                "records": line.records,
            }
            for line in run.tie_out_lines.order_by("group", "pk")
        ]
        cells = [
            {
                "cell": cell.cell_key,
                "measure": cell.measure,
                "qad": plain(cell.source),
                "sent": plain(cell.sent),
                "anaplan": plain(cell.target),
                "explanation": cell.explanation,
                "code": cell.code,
            }
            for cell in run.differences.order_by("cell_key", "measure")
        ]
        return {
            "run": run.pk,
            "state": run.state,
            "standings": standings_report(run),
            "lines": lines,
            "differing_cells": cells,
        }


def read_back_report(run: Run) -> dict[str, Any] | None:
    """Return when Anaplan was read back and by which run; None where it was not."""
    found = get_read_back(run)
    if found is None:
        return None
    return {"by_run": found.by_run, "at": as_iso(found.at)}


def standings_report(run: Run) -> list[dict[str, Any]]:
    """Return per entity and period whether it is final and who has signed it, inside a scope."""
    found = []
    for standing in list_standings(run):
        signed = standing.sign_off if standing.is_signed else None
        found.append(
            {
                "entity": standing.entity,
                "period": standing.period,
                "finality": standing.finality,
                "signed_by": signed.signed_by if signed else None,
                "signed_at": as_iso(signed.signed_at) if signed else None,
                "reopened": standing.reopened.code if standing.reopened else None,
            }
        )
    return found


def change_report(change: Change) -> dict[str, Any]:
    """Return a change of a closed period: by how much, and its first cells before and after."""
    row, movement = change.row, change.movement
    return {
        "change": row.pk,
        "state": row.state,
        "sync": row.sync.name,
        "entity": change.entity,
        "period": change.period,
        "currency": movement.currency,
        "by": {measure: plain(amount) for measure, amount in movement.by},
        "cells": movement.cells,
        "since": as_iso(movement.since),
        "run": row.run_id,
        "found_at": as_iso(row.found_at),
        "decided_at": as_iso(row.decided_at),
        "decided_by": row.decided_by,
        "first": [
            {
                "cell": cell.members,
                "currency": cell.currency,
                "measure": amount.measure,
                "before": plain(amount.before),
                "after": plain(amount.after),
            }
            for cell in movement.first
            for amount in cell.amounts
        ],
    }


def plain(amount: Decimal | None) -> str | None:
    """Return an amount's exact text without an exponent; two decimals at least."""
    if amount is None:
        return None
    whole, _, decimals = f"{amount or Decimal(0):f}".partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def _difference(line: TieOutLine) -> Decimal | None:
    return None if line.target is None else line.source - line.target


def find_run(organization: Organization, run_id: int) -> Run:
    """Return a run with its sync, inside an open scope; refuse a number that is not there."""
    run = Run.objects.select_related("sync").filter(organization=organization, pk=run_id).first()
    if run is None:
        raise Refused("run_unknown", run=run_id)
    return run
