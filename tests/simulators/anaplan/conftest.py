"""A stand-in Anaplan over real HTTP for each test, and its users."""

from collections.abc import Iterator

import pytest
import requests

from simulators import server
from simulators.anaplan.app import build_app
from tests.simulators.anaplan.client import ANNA, BO, MODEL_FILE, Client


@pytest.fixture
def origin() -> Iterator[str]:
    with server.start(build_app(MODEL_FILE)) as running:
        requests.post(f"{running.origin}/_sim/settings", json={"task_seconds": 0.02})
        yield running.origin


@pytest.fixture
def anna(origin: str) -> Iterator[Client]:
    client = Client(origin, ANNA)
    yield client
    client.http.close()


@pytest.fixture
def bo(origin: str) -> Iterator[Client]:
    client = Client(origin, BO)
    yield client
    client.http.close()
