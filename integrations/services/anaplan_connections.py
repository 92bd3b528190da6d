"""Saving a connection to Anaplan: what each way in needs, and what may stay as it is."""

import time
from collections.abc import Mapping

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import reading
from integrations.anaplan.certificates import check_dates
from integrations.models import Connection, System
from integrations.selectors.connections import get_connection
from integrations.services.asking import refusing
from integrations.services.connections import add_connection, change_connection
from integrations.services.sign_ins import pair_of

NEEDED: dict[str, tuple[str, ...]] = {
    "basic": ("password",),
    "oauth_code": ("client_secret",),
    "oauth_device": (),
    "certificate": ("certificate", "private_key"),
}
"""The secrets that each way in needs."""

_BELONGS_TO = ("sign_in", "client_id", "token_host", "oauth_host", "api_host")
_OF_APPROVAL = ("user", "approved_at", "approved_by")


def save_anaplan(
    *,
    organization: Organization,
    connection_id: int | None,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str],
) -> Connection:
    """Make a connection, or change one; without secrets the stored ones stay for the same client.

    An approval at Anaplan stays with its client as well; everything else asks for it anew.
    Raises Refused: secret_needed, the faults of a certificate and its key, and what
    `add_connection` and `change_connection` raise.
    """
    given = {key: value for key, value in secrets.items() if value}
    needed = NEEDED[address["sign_in"]]
    before = _address_of(organization, connection_id)
    if not given and all(before.get(key) == address.get(key) for key in _BELONGS_TO):
        kept = {key: before[key] for key in _OF_APPROVAL if key in before}
        return _save(organization, connection_id, name, {**kept, **address}, None)
    if not all(key in given for key in needed):
        raise Refused("secret_needed", name=name)
    if "certificate" in needed:
        given = _checked_pair(given)
    return _save(organization, connection_id, name, address, given)


def _save(
    organization: Organization,
    connection_id: int | None,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str] | None,
) -> Connection:
    if connection_id is None:
        return add_connection(
            organization=organization,
            system=System.ANAPLAN,
            name=name,
            address=address,
            secrets=secrets or {},
        )
    return change_connection(
        organization=organization,
        connection_id=connection_id,
        name=name,
        address=address,
        secrets=secrets,
    )


def _address_of(organization: Organization, connection_id: int | None) -> dict[str, str]:
    if connection_id is None:
        return {}
    with reading(organization.pk):
        address: dict[str, str] = get_connection(organization, connection_id).address
    return {"sign_in": "basic", **address}


def _checked_pair(secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets with the one certificate of its file that is shown to Anaplan."""
    with refusing():
        pair = pair_of(secrets)
        check_dates(pair, time.time())
    return {**secrets, "certificate": pair.pem.decode("ascii")}
