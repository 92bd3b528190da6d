"""A queued run of a sync whose systems nobody calls."""

from integrations.models import BalanceGate, System
from integrations.pipeline.rules import Rule
from integrations.services.connections import save_connection, save_sync
from integrations.services.mappings import approve_rules
from integrations.services.organizations import create_organization
from integrations.services.syncs import start_run
from tests.names import unique


def make_sync():
    """Return an organization's sync between two connections."""
    organization = create_organization(name="Idle", slug=unique("idle"))
    approve_rules(
        organization=organization, rules=[Rule("entity", "US01", "E_US01")], requested_by="test"
    )
    source, target = (
        save_connection(
            organization=organization,
            system=system,
            name="x",
            address={},
            secrets={"user": "x"},
        )
        for system in (System.QAD, System.ANAPLAN)
    )
    return save_sync(
        organization=organization,
        name="Idle",
        source=source,
        target=target,
        workspace_id="a" * 32,
        model_id="A" * 32,
        import_name="Load",
        balance_gate=BalanceGate.WARN,
    )


def make_run():
    """Return a queued run."""
    sync = make_sync()
    return start_run(
        organization=sync.organization, sync_id=sync.pk, periods=[202611], requested_by="test"
    )
