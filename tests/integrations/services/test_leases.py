"""One load at a time per model, and a late writer is refused by its number."""

import pytest
from django.db.models.functions import Now

from audit.tenancy import tenant
from integrations.models import Connection, ModelLease
from integrations.services.leases import check_fence, lease_key, release_lease, take_lease
from integrations.transport.errors import IntegrationError
from tests.integrations.services.runs_of import make_run
from tests.names import unique


@pytest.fixture
def key():
    return key_of(unique("customer"))


def key_of(customer, host="https://api.anaplan.com"):
    return lease_key(Connection(identity=customer, address={"api_host": host}), "A" * 32)


def test_a_host_of_somebody_else_cannot_take_a_customers_model(key):
    customer = unique("customer")
    assert key_of(customer) == key_of(customer, "https://us9.api.anaplan.com")
    assert key_of(customer) != key_of(customer, "https://anaplan.com.example.com")
    assert len(key_of("c" * 64, f"https://{'h' * 253}:65535")) <= 400


def expire(key):
    ModelLease.objects.filter(key=key).update(expires_at=Now())


def test_a_second_run_waits_until_the_first_gives_the_model_back(key):
    first, second = make_run(), make_run()
    with tenant(first.organization_id):
        assert take_lease(first, key) == 1
    with tenant(second.organization_id):
        assert take_lease(second, key) is None
    with tenant(first.organization_id):
        release_lease(first, key)
    with tenant(second.organization_id):
        assert take_lease(second, key) == 2


def test_renewing_keeps_the_number(key):
    run = make_run()
    with tenant(run.organization_id):
        assert [take_lease(run, key), take_lease(run, key)] == [1, 1]


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_number(key):
    first, second = make_run(), make_run()
    with tenant(first.organization_id):
        take_lease(first, key)
    expire(key)
    with tenant(second.organization_id):
        assert take_lease(second, key) == 2
    with tenant(first.organization_id), pytest.raises(IntegrationError, match="lease_lost"):
        check_fence(first, key, 1)
    with tenant(second.organization_id):
        check_fence(second, key, 2)


def test_a_run_that_lost_its_lease_does_not_release_the_others(key):
    first, second = make_run(), make_run()
    with tenant(first.organization_id):
        take_lease(first, key)
    expire(key)
    with tenant(second.organization_id):
        take_lease(second, key)
    with tenant(first.organization_id):
        release_lease(first, key)
    with tenant(second.organization_id):
        check_fence(second, key, 2)


def test_without_a_number_nothing_is_held(key):
    run = make_run()
    with tenant(run.organization_id):
        take_lease(run, key)
        with pytest.raises(IntegrationError, match="lease_lost"):
            check_fence(run, key, None)
