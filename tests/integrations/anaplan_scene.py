"""A stand-in Anaplan with a client for this site, and connections to it in every way in."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Connection
from integrations.services.anaplan_connections import save_anaplan
from integrations.services.approvals import begin_approval, finish_approval
from simulators import server
from simulators.anaplan.app import build_app
from tests.names import unique
from tests.simulators.anaplan.client import ANNA
from tests.simulators.anaplan.test_model_file import change

OURS = "e0000000000000000000000000000004"
OUR_SECRET = "canary-client-secret-4a7f"
ROBOT = "e0000000000000000000000000000002"
ORIGIN = "http://127.0.0.1:8000"


def start_anaplan(folder: Path, origin: str = ORIGIN) -> server.Running:
    """Start a stand-in that knows a client whose approvals lead back to this site."""
    ours = {
        "id": OURS, "name": "ml-connector", "grant": "authorization_code", "secret": OUR_SECRET,
        "redirectUris": [f"{origin}/connect/anaplan/done/"], "trial": True,
    }  # fmt: skip
    return server.start(
        build_app(change(folder, lambda body, _model: body["oauthClients"].append(ours)))
    )


def address_for(origin: str, sign_in: str, **more: str) -> dict[str, str]:
    """Return an address with all three hosts at a stand-in."""
    hosts = dict.fromkeys(("token_host", "oauth_host", "api_host"), origin)
    ways: dict[str, dict[str, str]] = {
        "basic": {"user": ANNA[0]},
        "oauth_code": {"client_id": OURS, "refresh_seconds": "43000"},
        "oauth_device": {"client_id": ROBOT, "refresh_seconds": "43000"},
        "certificate": {},
    }
    return {**hosts, "region": "other", "sign_in": sign_in, **ways[sign_in], **more}


def connect(
    organization: Organization, origin: str, sign_in: str = "basic", **more: Any
) -> Connection:
    """Return a new connection to a stand-in, read as services read it."""
    given = {"basic": {"password": ANNA[1]}, "oauth_code": {"client_secret": OUR_SECRET}}
    secrets = more.pop("secrets", given.get(sign_in, {}))
    row = save_anaplan(
        organization=organization,
        connection_id=None,
        name=more.pop("name", unique("Anaplan")),
        address=address_for(origin, sign_in, **more),
        secrets=secrets,
    )
    return fresh(row)


def fresh(row: Connection) -> Connection:
    """Return the row as it is now."""
    with tenant(row.organization_id):
        return Connection.objects.select_related("organization").get(pk=row.pk)


def consent(address: str, choice: str = "allow", **changes: str) -> str:
    """Let a person sign in at Anaplan and choose; return the address that leads back."""
    parts = urlsplit(address)
    form = {name: values[0] for name, values in parse_qs(parts.query).items()}
    form |= {"email": ANNA[0], "password": ANNA[1], "choice": choice, **changes}
    page = f"{parts.scheme}://{parts.netloc}/auth/prelogin"
    return requests.post(page, data=form, allow_redirects=False).headers["Location"]


def approve(row: Connection, origin: str = ORIGIN) -> Connection:
    """Approve a connection at Anaplan, as its page does on the site at an origin."""
    back = f"{origin}/connect/anaplan/done/"
    mine = {"organization": row.organization, "connection_id": row.pk, "redirect_uri": back}
    url, _ = begin_approval(**mine)
    query = parse_qs(urlsplit(consent(url)).query)
    finish_approval(answer={name: values[0] for name, values in query.items()}, **mine)
    return fresh(row)
