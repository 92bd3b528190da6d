"""Signing in through an organization's own provider: begun here, proved there, checked here."""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.selectors import find_member_by_address, find_organization
from audit.tenancy import reading
from integrations import openid
from integrations.encryption import SealBroken
from integrations.fields import open_sealed
from integrations.selectors.sign_in import find_provider
from integrations.services.clients import new_session
from integrations.services.sign_in_provider import CONNECT_SECONDS
from integrations.transport.errors import IntegrationError

logger = logging.getLogger(__name__)

LONGEST_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Setup:
    """A provider as it is set now."""

    organization: Organization
    client: openid.Client
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that one browser has begun; it is kept in its session and used once."""

    organization_id: int
    issuer: str
    client_id: str
    begun_at: float
    state: str
    nonce: str
    verifier: str

    @property
    def riddle(self) -> openid.Riddle:
        """The chance that the answer has to repeat."""
        return openid.Riddle(self.state, self.nonce, self.verifier)


def find_setup(short_name: str, redirect_uri: str) -> Setup | None:
    """Return an organization's provider; nothing where either is missing, all alike.

    A secret that does not open is the operator's to see (`check_secrets` names it): a stranger
    finds nothing either.
    """
    organization = find_organization(short_name)
    if organization is None:
        return None
    with reading(organization.pk):
        row = find_provider(organization)
        if row is None:
            return None
        try:
            secret = open_sealed(row, "secret")
        except SealBroken:
            logger.exception("the secret of a sign-in provider does not open")
            return None
    client = openid.Client(row.issuer, row.client_id, secret, redirect_uri)
    return Setup(organization, client, tuple(row.domains))


def begin(setup: Setup) -> tuple[str, Attempt]:
    """Return where the browser is sent, and what its session keeps until it comes back.

    Raises Refused with the codes of the network and of the provider.
    """
    riddle = openid.Riddle.new()
    try:
        with new_session(connect_timeout=CONNECT_SECONDS) as session:
            provider = openid.discover(session, setup.client.issuer)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    attempt = Attempt(
        setup.organization.pk,
        setup.client.issuer,
        setup.client.client_id,
        time.time(),
        riddle.state,
        riddle.nonce,
        riddle.verifier,
    )
    return openid.sign_in_url(provider, setup.client, riddle), attempt


def finish(*, setup: Setup, attempt: Attempt | None, answer: Mapping[str, str]) -> User:
    """Return the member whom the provider has proved to this browser.

    Raises Refused: sign_in_over, sign_in_declined, address_not_proved, address_of_other_domain,
    member_unknown, and the codes of the network and of the provider.
    """
    if attempt is None or not _belongs(attempt, setup, answer):
        raise Refused("sign_in_over", minutes=LONGEST_MINUTES)
    if "error" in answer or not answer.get("code"):
        raise Refused("sign_in_declined")
    try:
        claims = _prove(setup, attempt, answer)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    email = claims.get("email")
    if (
        not isinstance(email, str)
        or not email.isascii()
        or claims.get("email_verified") is not True
    ):
        raise Refused("address_not_proved")
    if email.rpartition("@")[2].lower() not in setup.domains:
        raise Refused("address_of_other_domain")
    user = find_member_by_address(setup.organization, email)
    if user is None:
        raise Refused("member_unknown")
    return user


def _belongs(attempt: Attempt, setup: Setup, answer: Mapping[str, str]) -> bool:
    """Whether an answer is that of this attempt, at this provider as it is still set."""
    now = (setup.organization.pk, setup.client.issuer, setup.client.client_id)
    is_same = (attempt.organization_id, attempt.issuer, attempt.client_id) == now
    is_fresh = 0 <= time.time() - attempt.begun_at <= LONGEST_MINUTES * 60
    state = answer.get("state", "").encode()
    return is_same and is_fresh and secrets.compare_digest(state, attempt.state.encode())


def _prove(setup: Setup, attempt: Attempt, answer: Mapping[str, str]) -> dict[str, object]:
    with new_session(connect_timeout=CONNECT_SECONDS) as session:
        provider = openid.discover(session, setup.client.issuer)
        named = answer.get("iss", "" if provider.names_itself else provider.issuer)
        if named != provider.issuer:
            raise IntegrationError("issuer_differs", host=setup.client.issuer)
        riddle = attempt.riddle
        token = openid.redeem(session, provider, setup.client, riddle, answer["code"])
        return openid.read_token(session, provider, setup.client, riddle, token)
