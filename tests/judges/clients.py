"""Leads other people's clients to a stand-in, by the means that their packages leave open."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anaplan_sdk
import httpx2
import requests
from apapi.utils import obtain_oauth2_token, start_oauth2_flow

from tests.simulators.anaplan.fpa import ADA, BACK, FINANCE, PROD, SECRET, WEB


def settle(origin: str, **switches: object) -> None:
    """Move switches of the stand-in."""
    answer = requests.post(f"{origin}/_sim/settings", json=switches)
    assert answer.status_code == 200, answer.text


def counters(origin: str) -> dict[str, int]:
    """What the stand-in counted."""
    return dict(requests.get(f"{origin}/_sim/counters").json())


def cells(origin: str, module: str = "ACT01 Actuals") -> dict[tuple[str, ...], str]:
    """The amounts of a module by members."""
    rows = requests.get(f"{origin}/_sim/cells", params={"module": module}).json()["rows"]
    return {tuple(row["coordinates"].values()): row["values"]["Amount"] for row in rows}


def _redirect(request: httpx2.Request, origin: str) -> None:
    base = urlsplit(origin)
    request.url = request.url.copy_with(scheme=base.scheme, host=base.hostname, port=base.port)
    request.headers["Host"] = base.netloc


class Loopback(httpx2.HTTPTransport):
    """Leads requests for Anaplan's hosts, which anaplan-sdk has built in, to a stand-in."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self._origin = origin

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the same path of the stand-in."""
        _redirect(request, self._origin)
        return super().handle_request(request)


class AsyncLoopback(httpx2.AsyncHTTPTransport):
    """The same for the asynchronous client."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self._origin = origin

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the same path of the stand-in."""
        _redirect(request, self._origin)
        return await super().handle_async_request(request)


def sdk_arguments(**more: Any) -> dict[str, Any]:
    """What both SDK clients are made with; the token is one that the stand-in does not know."""
    return {
        "workspace_id": FINANCE,
        "model_id": PROD,
        "user_email": ADA[0],
        "password": ADA[1],
        "token": "bootstrap",
        "status_poll_delay": 0,
        "upload_chunk_size": 40,
    } | more


class Sync:
    """Calls an asynchronous client from a plain test, all on one event loop."""

    def __init__(self, origin: str, **more: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self.client = anaplan_sdk.AsyncClient(
            transport=AsyncLoopback(origin), **sdk_arguments(**more)
        )

    def __call__(self, coroutine: Any) -> Any:
        """The result of one call."""
        return self._loop.run_until_complete(coroutine)

    def close(self) -> None:
        """End connections and loop."""
        self(self.client._http._client.aclose())
        self._loop.close()


def oauth_addresses(origin: str) -> dict[str, str]:
    """What anaplan-sdk's OAuth flow is made with."""
    return {
        "client_id": WEB,
        "client_secret": SECRET,
        "redirect_uri": BACK,
        "authorization_url": f"{origin}/auth/prelogin",
        "token_url": f"{origin}/oauth/token",
        "validation_url": f"{origin}/token/validate",
    }


def consent(url: str) -> str:
    """What a person does with the address that the client gave: sign in and allow."""
    parts = urlsplit(url)
    form = {name: values[0] for name, values in parse_qs(parts.query).items()}
    form |= {"email": ADA[0], "password": ADA[1], "choice": "allow"}
    page = f"{parts.scheme}://{parts.netloc}{parts.path}"
    answer = requests.post(page, data=form, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def device_token(origin: str, client_id: str, session: requests.Session) -> Any:
    """The tokens of a device that a person let in."""
    device = start_oauth2_flow(client_id, oauth2_url=origin, session=session)
    form = {"user_code": device["user_code"], "email": ADA[0], "password": ADA[1]}
    answer = requests.post(f"{origin}/activate", data=form | {"choice": "allow"})
    assert answer.status_code == 200, answer.text
    return obtain_oauth2_token(client_id, device["device_code"], origin, session)
