"""Which profiles are checked by night, and that no check that was asked for is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.tenancy import tenant
from integrations import queue
from integrations.models import Connection, DocumentCheck
from integrations.selectors.document_checks import PATIENCE
from integrations.services.document_checks import check_where_asked
from integrations.services.profile_watch import NIGHTLY, ask_due_checks
from tests.integrations.checks.conftest import connect

MIDNIGHT = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
"""In New York, by whose clock the organization goes."""


@pytest.fixture
def bench(qad):
    """A connection that was checked at midnight."""
    bench = connect(qad.url)
    check_where_asked(bench.cast.organization.pk, bench.number)
    with tenant(bench.cast.organization.pk):
        DocumentCheck.objects.filter(connection_id=bench.number).update(checked_at=MIDNIGHT)
    return bench


@pytest.fixture
def hinted(monkeypatch):
    """Tell whether a connection is hinted at, at a moment."""
    hints = []
    monkeypatch.setattr(queue, "_send", lambda task, ids, **_: hints.append((task, ids)))

    def look(bench, at):
        hints.clear()
        assert ask_due_checks(at) == len(hints)
        hint = ("integrations.tasks.check_profile", [bench.cast.organization.pk, bench.number])
        return hint in hints

    return look


def hours(count):
    return MIDNIGHT + timedelta(hours=count)


def change(bench, **values):
    with tenant(bench.cast.organization.pk):
        Connection.objects.filter(pk=bench.number).update(**values)


def row(bench):
    with tenant(bench.cast.organization.pk):
        return Connection.objects.get(pk=bench.number)


@pytest.mark.parametrize(("later", "due"), [(4, False), (21, False), (25, True), (31, True)])
def test_a_profile_is_checked_in_the_night_after_a_day(bench, hinted, later, due):
    assert hinted(bench, hours(later)) is due
    assert row(bench).check_asked_by == (NIGHTLY if due else "")


def test_nothing_is_asked_through_a_connection_that_is_paused(bench, hinted):
    change(bench, paused_at=timezone.now())
    assert not hinted(bench, hours(31))


def test_a_look_that_found_nothing_out_is_a_look(bench, hinted):
    with tenant(bench.cast.organization.pk):
        rows = DocumentCheck.objects.filter(connection_id=bench.number)
        rows.update(missed_at=hours(25), missed_code="qad_error")
    assert not hinted(bench, hours(31))


def test_a_check_whose_hint_was_lost_is_hinted_at_again_and_stays_who_asked_for_it(bench, hinted):
    asked_at = hours(1)
    change(bench, check_asked_at=asked_at, check_asked_by="admin@example.com")
    assert not hinted(bench, asked_at + PATIENCE)
    assert hinted(bench, asked_at + PATIENCE + timedelta(seconds=1))
    assert (row(bench).check_asked_at, row(bench).check_asked_by) == (asked_at, "admin@example.com")


def test_a_document_without_a_result_is_due_at_once(bench, hinted):
    with tenant(bench.cast.organization.pk):
        DocumentCheck.objects.get(connection_id=bench.number, document="entity").delete()
    assert hinted(bench, hours(1))
