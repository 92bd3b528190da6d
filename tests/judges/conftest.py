"""A stand-in Anaplan for the judges: other people's clients, unmodified."""

from collections.abc import Iterator
from pathlib import Path

import anaplan_sdk
import apapi
import pytest

from simulators import server
from simulators.anaplan.app import build_app
from tests.judges.clients import Loopback, Sync, sdk_arguments, settle
from tests.simulators.anaplan.fpa import ADA, write_model_file


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model file of all judges."""
    return write_model_file(tmp_path_factory.mktemp("fpa"))


@pytest.fixture
def origin(model_file: Path) -> Iterator[str]:
    """Address of a stand-in whose tasks are quick."""
    with server.start(build_app(model_file)) as running:
        settle(running.origin, task_seconds=0.01)
        yield running.origin


@pytest.fixture
def sdk(origin: str) -> Iterator[anaplan_sdk.Client]:
    """The synchronous client of anaplan-sdk, signed in by password."""
    client = anaplan_sdk.Client(transport=Loopback(origin), **sdk_arguments())
    yield client
    client._http._client.close()


@pytest.fixture
def aio(origin: str) -> Iterator[Sync]:
    """The asynchronous client of anaplan-sdk, signed in by password."""
    client = Sync(origin)
    yield client
    client.close()


@pytest.fixture
def api(origin: str) -> Iterator[apapi.Connection]:
    """apapi, signed in by password."""
    session = apapi.utils.get_generic_session(retry_count=0)
    with apapi.BasicAuth(":".join(ADA), auth_url=origin, session=session) as auth:
        yield apapi.Connection(auth, api_url=origin)
