"""Both fences, held to every table and key that the database's own catalogue names."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.utils import Error

from audit.models import Event
from audit.tenancy import tenant
from connector_site.checks import GLOBAL_TABLES
from connector_site.fences import read_keys
from integrations.models import Connection, DueRun, MappingVersion, Run, RunState, Sync
from integrations.tasks import advance_run
from tests.house.tenants import fenced_tables, full_house, state_of, tables
from tests.integrations.scenes import make_house, make_run

# Tables whose rows never change.
FINAL = ("integrations_planversion", "integrations_planvalue")
# What may be tried on any table, with its name and its columns in the braces.
STATEMENTS = (
    "SELECT count(*) FROM {}",
    "UPDATE {} SET organization_id = organization_id",
    "DELETE FROM {}",
)


@pytest.fixture(scope="module")
def ours(engines):
    return full_house()


@pytest.fixture(scope="module")
def theirs(engines):
    return full_house()


def run_sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def test_the_scene_has_a_row_in_every_fenced_table(ours):
    house, _run = ours
    assert len(fenced_tables()) >= 18
    with tenant(house.organization.pk):
        empty = [name for name in fenced_tables() if not run_sql(f"SELECT 1 FROM {name} LIMIT 1")]
    assert empty == []


def is_refused(statement: str, name: str) -> bool:
    """Whether the database raises; a statement that a view or a right forbids counts as well."""
    try:
        with transaction.atomic():
            run_sql(statement.format(name))
            transaction.set_rollback(True)
    except Error:
        return True
    return False


@pytest.mark.parametrize("setting", [None, ""], ids=["unset", "empty"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_table_raises_when_the_scope_is_taken_away(setting, statement, ours):
    if setting is None:
        connection.close()
    passed = []
    for name in fenced_tables():
        with transaction.atomic():
            if setting is not None:
                run_sql("SELECT set_config('ml.organization', %s, true)", setting)
            if not is_refused(statement, name):
                passed.append(name)
    assert passed == []


def test_in_the_scope_of_another_no_row_is_seen_or_changed(ours, theirs):
    house, _ = theirs
    before = state_of(house.organization.pk)
    writable = [
        table.name for table in tables() if table.name in fenced_tables() and not table.is_view
    ]
    with tenant(ours[0].organization.pk):
        for name in fenced_tables():
            mine = "WHERE organization_id = %s"
            assert run_sql(f"SELECT count(*) FROM {name} {mine}", house.organization.pk) == [(0,)]
    for name in set(writable) - {"audit_event"}:
        with tenant(ours[0].organization.pk):
            run_sql(
                f"UPDATE {name} SET organization_id = organization_id WHERE organization_id = %s",
                house.organization.pk,
            )
            run_sql(f"DELETE FROM {name} WHERE organization_id = %s", house.organization.pk)
    assert state_of(house.organization.pk) == before


def composite_keys():
    with connection.cursor() as cursor:
        return [key for key in read_keys(cursor) if key.table not in GLOBAL_TABLES]


def test_every_key_between_tenants_refuses_a_row_of_another_organization(ours, theirs):
    keys = composite_keys()
    assert len(keys) >= 20
    accepted = []
    for key in keys:
        column = next(name for name in key.columns if name != "organization_id")
        stolen = id_behind(key, column, theirs[0].organization.pk)
        try:
            with tenant(ours[0].organization.pk):
                point_at(key.table, column, stolen)
                run_sql("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            if key.name not in str(error):
                accepted.append((key.name, str(error)))
        else:
            accepted.append((key.name, "taken"))
    assert accepted == []


def point_at(table, column, stolen):
    """Let rows of ours point at a stolen one; what never changes takes a new row that does."""
    if table not in FINAL:
        run_sql(f"UPDATE {table} SET {column} = %s", stolen)
        return
    names = [
        name
        for (name,) in run_sql(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s AND column_name <> 'id'",
            table,
        )
    ]
    changed = {"number": "number + 1000", "state": "'draft'", column: "%s"}
    values = ", ".join(changed.get(name, name) for name in names)
    run_sql(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}", stolen)


def id_behind(key, column, organization_id):
    """A row of that organization which the key could point at."""
    found = run_sql(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = %s", key.name
    )
    with tenant(organization_id):
        return run_sql(f"SELECT max(id) FROM {found[0][0]}")[0][0]


def backend():
    return run_sql("SELECT pg_backend_pid()")[0][0]


class Crash(Exception):
    """What ends a request in the middle."""


def crash_inside(organization_id, crash):
    with tenant(organization_id):
        assert Run.objects.exists()
        if crash is Crash:
            raise Crash
        run_sql("SELECT 1 / (SELECT 0)")


@pytest.mark.parametrize("crash", [Crash, DataError])
def test_a_connection_that_crashed_in_a_scope_carries_it_to_nobody(crash, ours, theirs):
    before = backend()
    with pytest.raises(crash):
        crash_inside(ours[0].organization.pk, crash)
    assert backend() == before
    with pytest.raises(Error), transaction.atomic():
        Run.objects.exists()
    with tenant(theirs[0].organization.pk):
        seen = set(Run.objects.values_list("organization_id", flat=True))
    assert seen == {theirs[0].organization.pk}
    assert backend() == before


def test_a_task_with_ones_own_id_and_anothers_run_moves_nothing(ours, theirs):
    house, _ = theirs
    queued = make_run(house, RunState.QUEUED)
    DueRun.objects.create(
        run_id=queued.pk, organization_id=house.organization.pk, due_at=queued.not_before
    )
    before = state_of(house.organization.pk)
    advance_run(ours[0].organization.pk, queued.pk)
    assert state_of(house.organization.pk) == before
    with tenant(ours[0].organization.pk):
        assert not Event.objects.filter(run_id=queued.pk).exists()


def test_two_organizations_may_use_the_same_names():
    first, second = make_house(), make_house()
    for house in (first, second):
        with tenant(house.organization.pk):
            assert list(Sync.objects.values_list("name", flat=True)) == ["GL balances"]
            assert Connection.objects.filter(system="qad", name="qad").count() == 1
            assert list(MappingVersion.objects.values_list("number", flat=True)) == [1]
