"""A ping says of the profile what its last checks have found, as the start of a run would."""

import pytest

from audit.tenancy import tenant
from integrations.models import Connection
from integrations.services.document_checks import accept_warning, ask_for_check
from integrations.services.pinging import checked
from integrations.services.profiles import keep_profile
from integrations.transport import retry
from tests.integrations.pinging.conftest import check, connect_qad, ping_of
from tests.integrations.pinging.test_steps import BALANCES, check_failed, failing


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not wait between the tries of one call."""
    monkeypatch.setattr(retry, "BASE_SECONDS", 0.0)


def profile_step(connection):
    return next(step for step in ping_of(connection).steps if step.name == "profile")


WRONG = {
    "a path": (failing("status", BALANCES, status=404), "qad_path_not_found"),
    "a right": (failing("status", BALANCES, status=403), "qad_forbidden"),
    "no page of data": (failing("html", BALANCES, body="<h1>Welcome</h1>"), "qad_not_json"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_last_check_found_wrong_with_the_profile_fails_its_step(sides, cast, name):
    fault, code = WRONG[name]
    connection = connect_qad(cast.organization, sides.qad.url)
    sides.qad.fault(**fault)
    check(connection)
    sides.qad.call("POST", "reset", {})
    ping = ping_of(connection)
    step = check_failed(ping, "profile", code)
    assert "4 in order, 1 not usable; the last result is of 20" in step.found
    assert "GLBalances" in step.problem.happened


OUTAGES = {
    "503": (failing("status", BALANCES, status=503), "qad_error"),
    "429": (failing("rate_limited", BALANCES, retry_after="0"), "qad_busy"),
}


@pytest.mark.parametrize("name", OUTAGES)
@pytest.mark.parametrize("is_checked", [True, False])
def test_what_only_an_outage_has_shown_is_a_warning(sides, cast, name, is_checked):
    fault, code = OUTAGES[name]
    connection = connect_qad(cast.organization, sides.qad.url)
    if is_checked:
        check(connection)
        ask_for_check(organization=cast.organization, connection_id=connection.pk, asked_by="x")
    sides.qad.fault(**fault)
    check(connection)
    sides.qad.call("POST", "reset", {})
    step = profile_step(connection)
    assert (step.state, step.problem.code) == ("warn", code)
    shown = "5 in order, 1 not reached by the last check" if is_checked else "1 not usable"
    assert shown in step.found


def test_a_warning_counts_until_an_admin_has_accepted_it(sides, cast):
    connection = connect_qad(cast.organization, sides.qad.url)
    sides.qad.fault(**failing("empty", "CostCenters", method="GET"))
    check(connection)
    step = profile_step(connection)
    assert (step.state, step.problem.code) == ("warn", "qad_empty")
    assert "4 in order, 1 warning;" in step.found
    accept_warning(
        organization=cast.organization, connection_id=connection.pk,
        document="cost_center", accepted_by="admin@example.com",
    )  # fmt: skip
    step = profile_step(connection)
    assert (step.state, step.problem) == ("ok", None)
    assert "5 in order;" in step.found


def test_what_was_not_checked_for_the_profile_in_force_is_a_warning(sides, cast, monkeypatch):
    monkeypatch.setattr(checked, "PATIENCE", 0.1)
    connection = connect_qad(cast.organization, sides.qad.url)
    check(connection)
    with tenant(cast.organization.pk):
        row = Connection.objects.get(pk=connection.pk)
        keep_profile(row, {**row.profile, "paging": {**row.profile["paging"], "size": 7}})
    step = profile_step(connection)
    assert (step.state, step.problem.code) == ("warn", "profile_unchecked")
    assert "cost_center" in step.problem.happened
    assert step.found.startswith("Version 2: not checked since the change; a check is under way.")
