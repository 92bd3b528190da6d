"""The page about the API: its examples work, and its tables are those of the code."""

import os
import re
import subprocess
import sys

import pytest
from celery import current_app
from pytest_django.live_server_helper import LiveServer

from accounts.api_keys import LIVE_KEYS_AN_ORGANIZATION, LONGEST_DAYS, USUAL_DAYS, Scope
from accounts.throttles import (
    API_CALLS_A_KEY,
    API_CALLS_AN_ADDRESS,
    API_CALLS_AN_ORGANIZATION,
)
from audit.catalogue import CATALOGUE
from audit.tenancy import tenant
from connector_site.api_errors import STATUS
from connector_site.places import CHECKOUT
from integrations.models import Run, RunState
from tests.integrations.api.calls import program_of
from tests.integrations.scenes import make_house

PAGE = (CHECKOUT / "docs" / "api.md").read_text("utf-8")


def example(language):
    return re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]


@pytest.fixture(scope="module")
def server(engines):
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def surroundings(server, house):
    return {
        "PATH": os.environ["PATH"],
        "ORIGIN": server.url,
        "KEY": program_of(house).key.text,
        "SYNC": house.sync.name,
        "no_proxy": "*",
    }


def test_the_first_call_tells_the_organization(surroundings, house):
    done = subprocess.run(
        ["bash", "-euc", example("bash")], env=surroundings, capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert f'"slug":"{house.organization.slug}"' in done.stdout.decode()


def test_the_program_starts_a_run_and_waits_for_its_end(
    surroundings, house, server, monkeypatch, settings
):
    """The run is ended when its hint is given, as a worker would do it later."""
    settings.PUBLIC_ORIGIN = server.url

    def end_at_once(_name, args, **_options):
        with tenant(args[0]):
            Run.objects.filter(pk=args[1]).update(state=RunState.RECONCILED)

    monkeypatch.setattr(current_app, "send_task", end_at_once)
    program = example("python").replace("time.sleep(5)", "time.sleep(0.1)")
    done = subprocess.run(
        [sys.executable, "-c", program], env=surroundings, capture_output=True, timeout=30
    )
    assert (done.stdout, done.stderr) == (b"reconciled\n", b"")
    with tenant(house.organization.pk):
        assert Run.objects.get(organization=house.organization).periods == [202611]


def test_the_table_of_errors_is_that_of_the_code():
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    told = {code: (int(status), meaning) for status, code, meaning in rows}
    assert told == {code: (status, CATALOGUE[code].meaning) for code, status in STATUS.items()}


def test_numbers_and_scopes_are_those_of_the_code():
    for limit, words in (
        (API_CALLS_A_KEY, "one key"),
        (API_CALLS_AN_ORGANIZATION, "all keys of one organization"),
        (API_CALLS_AN_ADDRESS, "one address, or one IPv6 network /64"),
    ):
        assert f"| {words} | {limit.item.amount:,} |" in PAGE
    assert f"{USUAL_DAYS} days unless told otherwise" in PAGE
    assert f"{LIVE_KEYS_AN_ORGANIZATION} live keys an organization" in PAGE
    assert LONGEST_DAYS == 365
    assert all(f"`{scope}`" in PAGE for scope in Scope)
