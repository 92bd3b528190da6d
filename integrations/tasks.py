"""Thin Celery tasks: ids in, a service called, nothing returned."""

from celery import shared_task

from integrations.services import (
    closing,
    document_checks,
    expiry,
    idempotency,
    mapping_uploads,
    model_watch,
    profile_watch,
    reference,
    runs,
)
from integrations.services.pinging import carrying, keeping


@shared_task(name="integrations.tasks.advance_run", ignore_result=True)
def advance_run(organization_id: int, run_id: int) -> None:
    """Move one run by one slice."""
    runs.advance_run(organization_id, run_id)


@shared_task(name="integrations.tasks.resume_stalled_runs", ignore_result=True)
def resume_stalled_runs() -> None:
    """Hint at every run that is due and that nobody moves."""
    runs.hint_due_runs()


@shared_task(name="integrations.tasks.carry_out_ping", ignore_result=True)
def carry_out_ping(organization_id: int, ping_id: int) -> None:
    """Look at one system, step by step."""
    carrying.carry_out(organization_id, ping_id)


@shared_task(name="integrations.tasks.purge_expired", ignore_result=True)
def purge_expired() -> None:
    """Remove what is kept for a time only: answers of the API, old pings, mapping files."""
    idempotency.purge_answers()
    keeping.purge_pings()
    mapping_uploads.purge_uploads()


@shared_task(name="integrations.tasks.close_due_organizations", ignore_result=True)
def close_due_organizations() -> None:
    """Carry out the closings whose days of grace are over."""
    closing.close_due_organizations()


@shared_task(name="integrations.tasks.watch_ends", ignore_result=True)
def watch_ends() -> None:
    """Announce certificates and tokens that end soon, and hint at what can be kept alive."""
    expiry.watch_ends()


@shared_task(name="integrations.tasks.keep_alive", ignore_result=True)
def keep_alive(organization_id: int, connection_id: int) -> None:
    """Use the refresh token of one connection before it ends unused."""
    expiry.keep_alive(organization_id, connection_id)


@shared_task(name="integrations.tasks.watch_models", ignore_result=True)
def watch_models() -> None:
    """Hint at every connection whose models are due to be looked at."""
    model_watch.hint_due_looks()


@shared_task(name="integrations.tasks.look_by_night", ignore_result=True)
def look_by_night(organization_id: int, connection_id: int) -> None:
    """Look at the models of one connection."""
    model_watch.look_by_night(organization_id, connection_id)


@shared_task(name="integrations.tasks.check_profile", ignore_result=True)
def check_profile(organization_id: int, connection_id: int) -> None:
    """Check an instance profile against its QAD, where that was asked for."""
    document_checks.check_where_asked(organization_id, connection_id)


@shared_task(name="integrations.tasks.watch_profiles", ignore_result=True)
def watch_profiles() -> None:
    """Ask for the check of every instance profile that is due to be checked."""
    profile_watch.ask_due_checks()


@shared_task(name="integrations.tasks.read_lists", ignore_result=True)
def read_lists(organization_id: int, is_asked: int) -> None:
    """Read the lists of one organization in both systems."""
    reference.read_by_worker(organization_id, is_asked=bool(is_asked))


@shared_task(name="integrations.tasks.watch_lists", ignore_result=True)
def watch_lists() -> None:
    """Hint at every organization whose lists are due to be read by night."""
    reference.hint_due_readings()
