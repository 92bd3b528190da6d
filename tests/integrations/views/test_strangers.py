"""Every address of an organization, tried by a stranger and by nobody: 404, and no change."""

import pytest
from django.test import Client
from django.urls import URLPattern

from audit.tenancy import tenant
from integrations.models import MappingVersion, Run
from integrations.urls import urlpatterns
from tests.integrations.scenes import held_run, make_house

NAMES = [str(pattern.name) for pattern in urlpatterns if isinstance(pattern, URLPattern)]


@pytest.fixture(scope="module")
def house(engines):
    return make_house()


@pytest.fixture(scope="module")
def run(house):
    return held_run(house)


def path_of(name, house, run):
    pattern = next(p for p in urlpatterns if p.name == name)
    return house.url(str(pattern.pattern).replace("<int:run_id>", str(run.pk)))


def state_of(house):
    with tenant(house.organization.pk):
        return Run.objects.count(), MappingVersion.objects.count()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_finds_nothing_and_changes_nothing(name, method, house, run):
    before = state_of(house)
    form = {"dimension": "entity", "code": "US01", "member": "X", "sync": house.sync.pk}
    answer = getattr(house.stranger, method)(path_of(name, house, run), form)
    assert answer.status_code == 404
    assert house.organization.name not in answer.content.decode()
    assert state_of(house) == before


@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_in_without_signing_in(name, house, run):
    path = path_of(name, house, run)
    assert Client().get(path)["Location"].startswith("/sign-in/?next=/o/")


@pytest.mark.parametrize("name", [name for name in NAMES if "run_" in name and name != "run_list"])
def test_another_organizations_run_is_not_there_under_ones_own_address(name, house, run):
    other = make_house()
    path = path_of(name, other, run)
    method = "post" if name in ("cancel_run", "replay_run", "replay_records") else "get"
    assert getattr(other.client(), method)(path).status_code == 404
