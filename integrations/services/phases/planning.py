"""The plan of a run: its target as it is now, its units, and what the accounts are."""

from collections.abc import Iterable
from typing import Any

from integrations.models import Run, RunUnit, Sync
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.policies import Policies
from integrations.pipeline.streams import DataSet
from integrations.qad.client import QadClient
from integrations.qad.types import Workspace, period_status
from integrations.services import clients
from integrations.services.closed_changes import refuse_unholdable
from integrations.services.drift import check_target
from integrations.services.due_units import choose_due
from integrations.services.profile_gate import prove_profile
from integrations.services.states import Slice
from integrations.services.targets import fitted, resolve_target
from integrations.transport.errors import IntegrationError

_CURRENCY_OF = {"base": "base_currency", "statutory": "statutory_currency"}


def plan_run(work: Slice, run: Run) -> None:
    """Resolve the target first: a missing or changed action shows before a long reading.

    A replay takes its rows from earlier runs and asks QAD for nothing.
    """
    found = check_target(run.organization, run.sync, clients.anaplan_of(work, run))
    plan = resolve_target(found, run.sync)
    if run.parent is not None:
        with work.read():
            plan["accounts"] = _kept_accounts(run)
        with work.commit() as fresh:
            Run.objects.filter(pk=fresh.pk).update(plan=plan)
        return
    refuse_unholdable(run.sync)
    prove_profile(run)
    data_set, conventions = fitted(run.sync), Conventions.parse(run.sync.conventions)
    qad = clients.qad_of(work, run)
    currencies = currencies_of(qad, data_set, conventions)
    units: list[RunUnit] = []
    accounts: dict[str, dict[str, list[str]]] = {}
    places = places_of(run.sync, data_set)
    for place in places:
        workspace = Workspace(place["domain"], place["entity"])
        if data_set.is_list:
            units.append(unit_of(run, workspace))
            continue
        if data_set.has_accounts and workspace.domain not in accounts:
            rows = qad.read_all("gl_account", workspace=workspace)
            accounts[workspace.domain] = sort_accounts(rows, data_set, conventions)
        periods = qad.read_all("gl_period", workspace=workspace)
        units += units_of(run, workspace, periods, conventions, currencies)
    missing = set() if data_set.is_list else set(run.periods) - {u.year_period for u in units}
    if missing or not units:
        raise IntegrationError("qad_period_unknown", periods=", ".join(map(str, sorted(missing))))
    plan["accounts"] = accounts
    with work.read():
        units = choose_due(run, units, Policies.parse(run.sync.policies))
    with work.commit() as fresh:
        RunUnit.objects.bulk_create(units)
        periods = sorted({unit.year_period for unit in units})
        Run.objects.filter(pk=fresh.pk).update(plan=plan, periods=periods)


def _kept_accounts(run: Run) -> dict[str, Any]:
    """Return what the accounts of each domain were when the newest of a replay's rows was read."""
    readers = run.units.order_by("read_by_id").values_list("read_by__plan", flat=True)
    found: dict[str, Any] = {}
    for plan in readers:
        found.update(plan.get("accounts", {}))
    return found


def currencies_of(
    qad: QadClient, data_set: DataSet, conventions: Conventions
) -> dict[tuple[str, str], str]:
    """Return the currency of each entity, where rows do not name it themselves."""
    if "currency" not in data_set.unit_dimensions:
        return {}
    field = _CURRENCY_OF[conventions.currency]
    rows = qad.read_all("entity", workspace=None)
    found = {(row.domain, row.entity): str(getattr(row, field, "")) for row in rows}
    for (_, entity), currency in found.items():
        if not currency:
            raise IntegrationError("currency_not_known", entity=entity, kind=conventions.currency)
    return found


def sort_accounts(
    rows: Iterable[Any], data_set: DataSet, conventions: Conventions
) -> dict[str, list[str]]:
    """Return the codes of quantities, of accounts whose sign is turned, and of those left out."""
    found: dict[str, list[str]] = {"statistical": [], "turned": [], "left_out": []}
    for row in sorted(rows, key=lambda row: row.code):
        if data_set.only_profit_and_loss and _known(row, "is_balance_sheet"):
            found["left_out"].append(row.code)
        if str(row.gl_type).upper() == "STATISTICAL":
            found["statistical"].append(row.code)
        elif _is_turned(row, conventions):
            found["turned"].append(row.code)
    return found


def _is_turned(row: Any, conventions: Conventions) -> bool:
    if conventions.sign == "as_posted" or _known(row, "is_debit"):
        return False
    return conventions.sign == "natural" or not _known(row, "is_balance_sheet")


def _known(row: Any, field: str) -> bool:
    """Return what QAD says of an account; nobody may guess it."""
    value = getattr(row, field, None)
    if value is None:
        raise IntegrationError("account_side_unknown", account=row.code, field=field)
    return bool(value)


def places_of(sync: Sync, data_set: DataSet) -> list[dict[str, str]]:
    """Return the entities that are read; of a list one of each domain, since all have the same."""
    if not data_set.is_list:
        return list(sync.entities)
    return list({place["domain"]: place for place in reversed(sync.entities)}.values())


def unit_of(run: Run, workspace: Workspace, *, year_period: int = 0, **fields: str) -> RunUnit:
    """Return a unit of a run that was not read yet."""
    return RunUnit(
        organization=run.organization,
        run=run,
        read_by=run,
        domain=workspace.domain,
        entity=workspace.entity,
        year_period=year_period,
        **fields,
    )


def units_of(
    run: Run,
    workspace: Workspace,
    periods: Iterable[Any],
    conventions: Conventions,
    currencies: dict[tuple[str, str], str],
) -> list[RunUnit]:
    """Return a unit for each period of a calendar that the run is about."""
    kinds = {kind.upper() for kind in conventions.period_types}
    return [
        unit_of(
            run,
            workspace,
            year_period=int(period.year_period),
            period_status=period_status(str(period.status)),
            currency=currencies.get((workspace.domain, workspace.entity), ""),
        )
        for period in periods
        if str(period.period_type).upper() in kinds
        and (not run.periods or int(period.year_period) in run.periods)
    ]
