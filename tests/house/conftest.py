"""Two organizations with a row in every table, for all who walk between them."""

import logging

import pytest

from integrations.services.mappings import approve_rules
from tests.house.tenants import full_house
from tests.integrations.scenes import RULES


@pytest.fixture
def quiet_refusals(caplog):
    """Each refusal of thousands would be a line of the log."""
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture(scope="module")
def theirs(engines):
    """Another organization; its newest mapping version has a number that ours does not reach."""
    house, run = full_house(name="Theirs & Secret Works")
    approve_rules(organization=house.organization, rules=RULES, requested_by="test")
    return house, run


@pytest.fixture(scope="module")
def ours(engines):
    return full_house()
