"""Looks at a QAD that is not connected yet: which root answers, which client id it wants."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.qad.address import KNOWN_ROOTS
from integrations.qad.failures import Asked, is_signed_out, name_failure
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession

LOOK_PATH = "api/qracore/securityControl"
LOOK_SECONDS = 10.0


def find_roots(session: EgressSession, tenant_url: str) -> list[str]:
    """The addresses at which a QAD answers: the given one, else those below a known root.

    No user and no password are sent. Raises what keeps the host from answering at all.
    """
    if _is_qad(_look(session, tenant_url)):
        return [tenant_url]
    return [url for url in _candidates(tenant_url) if _is_qad(_look(session, url))]


def find_client_id(session: EgressSession, tenant_url: str, user: str, password: str) -> str:
    """The client id that the instance itself names; asked by Basic.

    Raises `qad_no_client_id` where it names none, and what else QAD refuses.
    """
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    answer = _look(session, tenant_url, f"Basic {pair}")
    asked = Asked(tenant_url, LOOK_PATH, "securityControl", "", user, "basic")
    failure = name_failure(answer, asked, is_base_right=False)
    if failure is not None:
        raise failure
    client_id = _client_id_in(answer.json())
    if not client_id:
        raise IntegrationError("qad_no_client_id", answer.sample)
    return client_id


def _look(session: EgressSession, base: str, auth_header: str | None = None) -> Answer:
    return session.request(
        "GET",
        f"{base.rstrip('/')}/{LOOK_PATH}",
        auth_header=auth_header,
        read_timeout=LOOK_SECONDS,
        repeatable=False,
        max_bytes=1_000_000,
    )


def _is_qad(answer: Answer) -> bool:
    """Whether the address leads to a QAD: it asks to sign in, or gives data."""
    if answer.status in {401, 403} or is_signed_out(answer):
        return True
    return answer.status == 200 and not answer.is_html


def _candidates(tenant_url: str) -> Iterator[str]:
    parts = urlsplit(tenant_url)
    for root in KNOWN_ROOTS:
        if parts.path != root:
            yield f"{parts.scheme}://{parts.netloc}{root}"


def _client_id_in(answer: Any) -> str:
    data = answer.get("data", answer) if isinstance(answer, Mapping) else None
    controls = data.get("securityControls") if isinstance(data, Mapping) else None
    first = controls[0] if isinstance(controls, list) and controls else None
    return str(first.get("clientId") or "") if isinstance(first, Mapping) else ""
