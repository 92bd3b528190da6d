"""Sign-in of the REST API: by a key in the header Authorization, and by nothing else."""

import hmac
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.api_keys import KeyText, Scope, keys_in_query, read_key_text, scopes_within
from accounts.errors import Refused
from accounts.key_selectors import find_key, rights_of_maker
from accounts.models import ApiKey, Organization
from accounts.permissions import Right
from accounts.services.keys import mark_exposed, note_use
from accounts.throttles import UNKNOWN_KEYS_AN_ADDRESS, client_address, client_network, look, take

REALM = 'Bearer realm="ml-connector"'
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that calls: a key of one organization. It never counts as a person."""

    key: ApiKey
    scopes: frozenset[Scope]

    @property
    def organization(self) -> Organization:
        """The organization whose rows the call sees."""
        return self.key.organization

    @property
    def name(self) -> str:
        """What the trail and runs call it."""
        return f"key {self.key.prefix}"

    @property
    def maker(self) -> str:
        """The address of the member who made the key and answers for what it does."""
        return self.key.maker.email if self.key.maker else self.key.created_by


class KeyAuthentication(BaseAuthentication):
    """Turns `Authorization: Bearer <key>` into a `Caller`.

    The key is looked up at each call, so that revoking it is effective at the next one. Only who
    holds the whole key learns what became of it; all others hear that it is unknown.
    """

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey]:
        """Return the caller; raise Refused with what is wrong with the key."""
        _refuse_keys_in_the_address(request._request)
        key = _find(request._request, _key_text(request))
        caller = Caller(key, scopes_within(key.scopes, _rights(key)))
        address = client_address(request._request)
        _refuse_other_addresses(key, address)
        note_use(key, address)
        return caller, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Name the way to sign in, for the answer 401."""
        return REALM


def _refuse_keys_in_the_address(request: HttpRequest) -> None:
    found = keys_in_query(request.META.get("QUERY_STRING", ""))
    for text in found:
        mark_exposed(text, client_address(request))
    if found:
        raise Refused("api_key_in_url")


def _key_text(request: Request) -> KeyText | None:
    kind, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise Refused("api_key_missing")
    return read_key_text(text.strip())


def _find(request: HttpRequest, text: KeyText | None) -> ApiKey:
    place = client_network(request)
    wait = look(UNKNOWN_KEYS_AN_ADDRESS, place).wait
    if wait:
        raise Refused("api_too_many_calls", counted="address", seconds=wait)
    key = find_key(text.prefix) if text else None
    digest = text.digest if text else ""
    if not hmac.compare_digest(key.digest if key else _NOBODY, digest) or key is None:
        take(UNKNOWN_KEYS_AN_ADDRESS, place)
        raise Refused("api_key_unknown")
    return key


def _rights(key: ApiKey) -> frozenset[Right]:
    """Return the rights of the key's maker; refuse a key that is over for any reason."""
    if key.revoked_at is not None:
        raise Refused("api_key_revoked", revoked_at=key.revoked_at.isoformat(timespec="seconds"))
    if key.has_expired:
        raise Refused("api_key_expired", expires_at=key.expires_at.isoformat(timespec="seconds"))
    if key.organization.closes_at is not None:
        raise Refused("api_organization_closing")
    rights = rights_of_maker(key)
    if not rights:
        raise Refused("api_key_maker_gone")
    return rights


def _refuse_other_addresses(key: ApiKey, address: str) -> None:
    if not key.addresses:
        return
    if not address or not any(ip_address(address) in ip_network(one) for one in key.addresses):
        raise Refused("api_key_wrong_address", address=address)
