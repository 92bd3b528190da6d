"""Cost-center spend compared with the GL balances of the same unit, before anything is mapped."""

from integrations.models import BalanceGate, Run, RunUnit
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.crosscheck import Mismatch, Sums, add_up, find_mismatches
from integrations.pipeline.streams import COST_CENTER_SPEND, GL_BALANCES
from integrations.qad.profile import Profile
from integrations.qad.types import Filter, Workspace
from integrations.services import clients
from integrations.services.rows import UnitRows, target_of
from integrations.services.states import Slice
from integrations.services.targets import Target, fit
from integrations.transport.errors import IntegrationError


def next_to_compare(run: Run) -> RunUnit | None:
    """Return a unit of spend that was not compared yet, inside an open scope.

    A check that the sync has switched off is not made, and other layers than the official one
    have no balances to be compared with.
    """
    asked = run.sync.balance_gate != BalanceGate.OFF and run.parent_id is None
    if run.sync.data_set != COST_CENTER_SPEND.name or not asked:
        return None
    if Conventions.parse(run.sync.conventions).asks_all_layers:
        return None
    document = Profile.parse(run.sync.source.profile).documents.get(GL_BALANCES.document)
    if document is None or not document.enabled:
        return None
    return run.units.filter(is_checked=False).first()


def compare_unit(work: Slice, run: Run, unit: RunUnit) -> None:
    """Compare one unit; raises spend_differs_from_balances where the sync blocks, else warns."""
    with work.read():
        target = target_of(work, run)
    found = find_mismatches(
        _postings(unit, target), _balances(work, run, unit), target.not_spend(unit)
    )
    error = _error(unit, found) if found else None
    if error and run.sync.balance_gate == BalanceGate.BLOCK:
        raise error
    with work.commit() as fresh:
        RunUnit.objects.filter(pk=unit.pk).update(is_checked=True)
        if error:
            warning = {"code": error.code, "message": error.message}
            Run.objects.filter(pk=fresh.pk).update(warnings=[*fresh.warnings, warning])


def _postings(unit: RunUnit, target: Target) -> Sums:
    sums: Sums = {}
    for rows in UnitRows(unit, target).pages():
        add_up(sums, rows, target.data_set)
    return sums


def _balances(work: Slice, run: Run, unit: RunUnit) -> Sums:
    """Read the balances of the unit; QAD has them in base and statutory currency."""
    document = Profile.parse(run.sync.source.profile).document(GL_BALANCES.document)
    data_set = fit(GL_BALANCES, Conventions.parse(run.sync.conventions), document)
    sums: Sums = {}
    pages = clients.qad_of(work, run).iter_pages(
        data_set.document,
        workspace=Workspace(unit.domain, unit.entity),
        filters=[Filter("year_period", "eq", str(unit.year_period))],
    )
    for page in pages:
        if page.items:
            add_up(sums, page.items, data_set)
    return sums


def _error(unit: RunUnit, found: list[Mismatch]) -> IntegrationError:
    first = found[0]
    return IntegrationError(
        "spend_differs_from_balances",
        entity=unit.entity,
        period=unit.year_period,
        cells=len(found),
        account=first.account,
        cost_center=first.cost_center or "(blank)",
        postings=first.postings,
        balances=first.balances,
    )
