"""The trail: one chain per organization, and no line ever changes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, connection, connections
from django.db.models import QuerySet
from psycopg.errors import InsufficientPrivilege

from audit.actions import Action
from audit.context import acting
from audit.models import Event
from audit.tenancy import tenant
from audit.trail import record_event, verify_chain
from integrations.services.organizations import create_organization
from tests.names import unique
from tests.owner import as_owner

HEAD = "the head of the chain does not match its last event"
# The second event stands once more before the fourth, which makes way.
INSERTED = """
    UPDATE audit_event SET sequence = 5 WHERE sequence = 4;
    CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM audit_event WHERE sequence = 2;
    UPDATE copied SET sequence = 4, id = -id;
    INSERT INTO audit_event OVERRIDING SYSTEM VALUE SELECT * FROM copied"""
SWAPPED = """
    UPDATE audit_event SET sequence = 9 WHERE sequence = 2;
    UPDATE audit_event SET sequence = 2 WHERE sequence = 3;
    UPDATE audit_event SET sequence = 3 WHERE sequence = 9"""


@pytest.fixture
def organization():
    return create_organization(name="Trail", slug=unique("trail"))


def note(organization, count=1):
    with tenant(organization.pk):
        for number in range(count):
            record_event(Action.SYNC_SAVED, subject=("sync", number), data={"number": number})


def note_and_fail(organization):
    with tenant(organization.pk):
        record_event(Action.SYNC_SAVED, subject=("sync", 1))
        raise ZeroDivisionError


def test_events_of_one_transaction_follow_each_other_in_the_chain(organization):
    note(organization, 3)
    with tenant(organization.pk):
        events = list(Event.objects.order_by("sequence"))
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert verify_chain(organization.pk) == (4, None)


def test_a_chain_that_grows_while_it_is_verified_holds(organization, monkeypatch):
    """Somebody writes an event in the moment before the events are read."""

    def write_first(events, **wish):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(note_elsewhere, organization).result()
        return iterate(events, **wish)

    iterate = QuerySet.iterator
    monkeypatch.setattr(QuerySet, "iterator", write_first)
    assert verify_chain(organization.pk) == (2, None)


def note_elsewhere(organization):
    note(organization)
    connections.close_all()


def test_an_event_carries_who_acted_and_where(organization):
    with acting("jane@example.com", request_id="r-1", run_id=7):
        note(organization)
    with tenant(organization.pk):
        event = Event.objects.latest("sequence")
    assert (event.actor, event.request_id, event.run_id) == ("jane@example.com", "r-1", 7)


def test_a_change_that_fails_leaves_no_event(organization):
    with pytest.raises(ZeroDivisionError):
        note_and_fail(organization)
    assert verify_chain(organization.pk) == (1, None)


def test_an_event_of_a_failed_savepoint_is_not_written(organization):
    with tenant(organization.pk):
        with pytest.raises(ZeroDivisionError):
            note_and_fail(organization)
        record_event(Action.SYNC_SAVED, subject=("sync", 2))
    with tenant(organization.pk):
        assert Event.objects.latest("sequence").subject_id == "2"
    assert verify_chain(organization.pk) == (2, None)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"]
)
def test_the_runtime_role_may_not_change_a_line(organization, statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        tenant(organization.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"],
)
def test_the_trigger_refuses_even_the_owner(organization, statement):
    with pytest.raises(InsufficientPrivilege, match="append-only"):
        as_owner(f"SELECT set_config('ml.organization', '{organization.pk}', true)", statement)


@pytest.mark.parametrize(
    ("tampering", "sequence", "reason"),
    [
        ("UPDATE audit_event SET actor = 'mallory' WHERE sequence = 2", 2, "the event was changed"),
        ("UPDATE audit_event SET data = '{}' WHERE sequence = 3", 3, "the event was changed"),
        ("DELETE FROM audit_event WHERE sequence = 2", 2, "an event is missing"),
        ("DELETE FROM audit_event WHERE sequence = 4", 3, HEAD),
        ("DELETE FROM audit_event", 0, HEAD),
        (INSERTED, 4, "the link to the event before is cut"),
        (SWAPPED, 2, "the link to the event before is cut"),
    ],
)  # fmt: skip
def test_verify_names_the_first_bad_link(organization, tampering, sequence, reason):
    note(organization, 3)
    as_owner(
        f"SELECT set_config('ml.organization', '{organization.pk}', true)",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        tampering,
        "ALTER TABLE audit_event ENABLE TRIGGER USER",
    )
    _, bad = verify_chain(organization.pk)
    assert bad is not None
    assert (bad.sequence, bad.reason) == (sequence, reason)


def test_two_organizations_have_chains_of_their_own(organization):
    other = create_organization(name="Other", slug=unique("other"))
    note(organization, 2)
    assert verify_chain(organization.pk) == (3, None)
    assert verify_chain(other.pk) == (1, None)
