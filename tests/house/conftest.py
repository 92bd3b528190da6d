"""Two organizations with a row in every table, for all who walk between them."""

import logging

import pytest

from tests.house.tenants import full_house


@pytest.fixture
def quiet_refusals(caplog):
    """Each refusal of thousands would be a line of the log."""
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture(scope="module")
def theirs(engines):
    return full_house(name="Theirs & Secret Works")


@pytest.fixture(scope="module")
def ours(engines):
    return full_house()
