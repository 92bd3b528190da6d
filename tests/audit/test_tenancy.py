"""Two fences: the open scope and row-level security behind it."""

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import Error

from audit.tenancy import NoTenant, OtherTenant, current_scope, tenant
from integrations.models import Connection, MappingRule, MappingVersion, System
from integrations.services.organizations import create_organization
from tests.names import unique

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def two_organizations():
    return tuple(create_organization(name=name, slug=unique(name)) for name in ("ours", "theirs"))


def run_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def make_version(organization):
    with tenant(organization.pk):
        return MappingVersion.objects.create(
            organization=organization, number=1, approved_by="somebody"
        )


def test_an_unset_tenant_raises_instead_of_showing_no_rows(two_organizations):
    make_version(two_organizations[0])
    with pytest.raises(Error), transaction.atomic():
        list(MappingVersion.objects.all())


def test_an_empty_tenant_raises_like_an_unset_one(two_organizations):
    make_version(two_organizations[0])
    with transaction.atomic():
        run_sql("SELECT set_config('ml.organization', '', true)")
        with pytest.raises(DataError):
            list(MappingVersion.objects.all())
        transaction.set_rollback(True)


def test_the_setting_ends_with_its_transaction(two_organizations):
    make_version(two_organizations[0])
    with tenant(two_organizations[0].pk):
        assert MappingVersion.objects.count() == 1
    with pytest.raises(Error), transaction.atomic():
        MappingVersion.objects.count()


def test_rows_of_another_organization_do_not_exist(two_organizations):
    ours, theirs = two_organizations
    version = make_version(theirs)
    with tenant(ours.pk):
        assert not MappingVersion.objects.filter(pk=version.pk).exists()
        assert MappingVersion.objects.filter(pk=version.pk).update(note="mine") == 0
        assert MappingVersion.objects.filter(pk=version.pk).delete()[0] == 0


def test_a_row_for_another_organization_is_refused(two_organizations):
    ours, theirs = two_organizations
    with pytest.raises(ProgrammingError, match="row-level security"), tenant(ours.pk):
        Connection.objects.create(organization=theirs, system=System.QAD, name="QAD")


def test_a_foreign_key_into_another_organization_is_refused(two_organizations):
    ours, theirs = two_organizations
    version = make_version(theirs)
    with pytest.raises(IntegrityError, match="same_tenant"), tenant(ours.pk):
        MappingRule.objects.create(
            organization=ours, version_id=version.pk, dimension="entity", code="1", member="E"
        )


def test_scopes_of_two_organizations_do_not_nest(two_organizations):
    ours, theirs = two_organizations
    with pytest.raises(OtherTenant), tenant(ours.pk), tenant(theirs.pk):
        pass


def test_outside_a_scope_there_is_no_organization():
    with pytest.raises(NoTenant):
        current_scope()


def test_the_runtime_role_may_not_truncate(two_organizations):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql("TRUNCATE integrations_mappingrule")


def test_every_table_with_an_organization_forces_row_level_security():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE a.attname = 'organization_id' AND c.relkind = 'r'
            """
        )
        fenced = {name: (on, forced) for name, on, forced in cursor.fetchall()}
    unfenced = {name for name, state in fenced.items() if state != (True, True)}
    assert unfenced == {
        "accounts_apikey",
        "accounts_invitation",
        "accounts_membership",
        "integrations_duerun",
        "integrations_modellease",
    }
