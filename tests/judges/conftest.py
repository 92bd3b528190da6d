"""A stand-in Anaplan for the judges: other people's clients, unmodified."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anaplan_sdk
import apapi
import pytest

from simulators import server
from simulators.anaplan.app import build_app
from tests.judges.clients import (
    Loopback,
    Sync,
    consent,
    device_token,
    oauth_addresses,
    sdk_arguments,
    settle,
)
from tests.simulators.anaplan.fpa import ADA, STEADY, write_model_file


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


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients' OAuth library takes no plain http without being told."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(params=["password", "oauth"])
def signed_in_by(request: pytest.FixtureRequest) -> str:
    """Each judge does its whole round with either kind of sign-in."""
    return str(request.param)


@pytest.fixture
def sdk_sign_in(origin: str, signed_in_by: str) -> dict[str, Any]:
    """What an SDK client is given to sign in with."""
    if signed_in_by == "password":
        return {}
    oauth = anaplan_sdk.Oauth(**oauth_addresses(origin))
    url, state = oauth.authorization_url()
    token = oauth.fetch_token(consent(url), state)
    return {"token": token["access_token"], "user_email": None, "password": None}


@pytest.fixture
def sdk(origin: str, sdk_sign_in: dict[str, Any]) -> Iterator[anaplan_sdk.Client]:
    """The synchronous client of anaplan-sdk."""
    client = anaplan_sdk.Client(transport=Loopback(origin), **sdk_arguments(**sdk_sign_in))
    yield client
    client._http._client.close()


@pytest.fixture
def aio(origin: str, sdk_sign_in: dict[str, Any]) -> Iterator[Sync]:
    """The asynchronous client of anaplan-sdk."""
    client = Sync(origin, **sdk_sign_in)
    yield client
    client.close()


@pytest.fixture
def api(origin: str, signed_in_by: str) -> Iterator[apapi.Connection]:
    """apapi, signed in by password or by the refresh token of a device."""
    session = apapi.utils.get_generic_session(retry_count=0)
    if signed_in_by == "password":
        sign_in = apapi.BasicAuth(":".join(ADA), auth_url=origin, session=session)
    else:
        refresh = device_token(origin, STEADY, session)["refresh_token"]
        sign_in = apapi.OAuth2NonRotatable(
            STEADY, refresh, oauth2_url=origin, auth_url=origin, session=session
        )
    with sign_in as auth:
        yield apapi.Connection(auth, api_url=origin)
