"""Through which provider an organization's members sign in: saved, tried, removed."""

import re
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from accounts.services.sessions import end_bound_sessions
from audit.actions import Action
from audit.trail import record_event
from integrations import openid
from integrations.fields import seal
from integrations.models import SignInProvider
from integrations.selectors.sign_in import find_provider
from integrations.services.clients import address_policy, new_session
from integrations.transport.addresses import check_base_url
from integrations.transport.errors import IntegrationError

CONNECT_SECONDS = 5.0
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
)


def save_provider(
    *,
    organization: Organization,
    actor: User,
    issuer: str,
    client_id: str,
    secret: str,
    domains: Iterable[str],
) -> SignInProvider:
    """Save the provider; an empty secret keeps the stored one, as long as the issuer stays.

    Sessions that the provider has opened end at the moment of commit.
    Raises Refused: right_missing, address_invalid, email_domain_invalid, secret_needed.
    """
    place, spoken_for = _checked_issuer(issuer), _checked_domains(domains)
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.SET_SIGN_IN)
        row = find_provider(locked) or SignInProvider(organization=locked)
        if secret:
            seal(row, "secret", secret)
            row.secret_set_at, row.secret_set_by = timezone.now(), actor.email
        elif not row.secret or row.issuer != place:
            raise Refused("secret_needed", name="to the sign-in provider")
        row.issuer, row.client_id, row.domains = place, client_id, spoken_for
        row.save()
        record_event(
            Action.PROVIDER_SAVED,
            subject=("provider", place),
            data={
                "client_id": client_id,
                "domains": spoken_for,
                "secret": "changed" if secret else "kept",
            },
        )
        transaction.on_commit(partial(end_bound_sessions, locked.pk))
        return row


def remove_provider(*, organization: Organization, actor: User) -> None:
    """Remove the provider with its secret, and end the sessions that it has opened.

    Raises Refused: right_missing, no_sign_in_provider.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.SET_SIGN_IN)
        row = find_provider(locked)
        if row is None:
            raise Refused("no_sign_in_provider")
        record_event(Action.PROVIDER_REMOVED, subject=("provider", row.issuer))
        row.delete()
        transaction.on_commit(partial(end_bound_sessions, locked.pk))


def try_provider(*, organization: Organization) -> openid.Provider:
    """Ask the provider for its discovery document, as each sign-in does.

    Raises Refused: no_sign_in_provider and what `openid.discover` names.
    """
    row = find_provider(organization)
    if row is None:
        raise Refused("no_sign_in_provider")
    try:
        with new_session(connect_timeout=CONNECT_SECONDS) as session:
            return openid.discover(session, row.issuer)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def _checked_issuer(issuer: str) -> str:
    try:
        return check_base_url(issuer.strip(), address_policy())
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def _checked_domains(domains: Iterable[str]) -> list[str]:
    found = sorted({domain.strip().lower().removeprefix("@") for domain in domains} - {""})
    for domain in found or [""]:
        if not _DOMAIN.fullmatch(domain):
            raise Refused("email_domain_invalid", domain=domain[:80])
    return found
