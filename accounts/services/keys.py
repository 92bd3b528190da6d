"""Making, using and revoking API keys, each with its line in the trail."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from ipaddress import ip_network
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.api_keys import (
    LIVE_KEYS_AN_ORGANIZATION,
    LONGEST_DAYS,
    KeyText,
    Scope,
    new_key_text,
)
from accounts.errors import Refused
from accounts.key_selectors import find_key, live_keys
from accounts.models import ApiKey, Organization, User
from accounts.permissions import Right
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event

USE_NOTED_EVERY = timedelta(minutes=1)


def create_key(
    *,
    organization: Organization,
    name: str,
    scopes: Sequence[Scope],
    ends_on: date,
    maker: User,
    rights: frozenset[Right],
    addresses: Iterable[str] = (),
) -> tuple[ApiKey, KeyText]:
    """Make a key that is valid to the end of a day; its text is not kept and not given again.

    Raises Refused: key_scope_beyond_rights, key_expiry_out_of_range, key_address_invalid,
    key_limit_reached, key_name_taken.
    """
    _refuse_scopes_beyond(scopes, rights)
    expires_at = _end_of(organization, ends_on)
    networks = [_network(text) for text in addresses]
    key = new_key_text()
    with tenant(organization.pk):
        # The lock lets only one key at a time be counted and made.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        _refuse_one_too_many(organization, name)
        made = ApiKey.objects.create(
            organization=organization,
            name=name,
            prefix=key.prefix,
            digest=key.digest,
            scopes=sorted(map(str, scopes)),
            addresses=networks,
            maker=maker,
            created_by=maker.email,
            expires_at=expires_at,
        )
        record_event(
            Action.KEY_CREATED,
            subject=("key", key.prefix),
            data={
                "name": name,
                "scopes": made.scopes,
                "addresses": networks,
                "expires_at": expires_at.isoformat(),
            },
        )
    return made, key


def revoke_key(*, organization: Organization, key_id: int, revoked_by: str) -> None:
    """End a key at once: the next call with it is refused. Raises Refused: key_not_live."""
    with tenant(organization.pk):
        if not _revoke(ApiKey.objects.filter(organization=organization, pk=key_id), revoked_by):
            raise Refused("key_not_live")


def revoke_keys_of(*, organization: Organization, user: User, revoked_by: str) -> int:
    """End every key that a member made in an organization; return how many there were."""
    with tenant(organization.pk):
        return _revoke(ApiKey.objects.filter(organization=organization, maker=user), revoked_by)


def revoke_all_keys(*, organization: Organization, revoked_by: str) -> int:
    """End every key of an organization; return how many there were."""
    with tenant(organization.pk):
        return _revoke(ApiKey.objects.filter(organization=organization), revoked_by)


def note_use(key: ApiKey, address: str) -> None:
    """Keep when and from where a key was used last, once a minute at most."""
    now = timezone.now()
    before = now - USE_NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    ApiKey.objects.filter(pk=key.pk).filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ).update(last_used_at=now, last_used_from=address or None)


def mark_exposed(text: KeyText, address: str) -> None:
    """Mark a key that was sent in an address of the web, if it is one, and tell its trail."""
    key = find_key(text.prefix)
    if key is None or key.digest != text.digest:
        return
    with tenant(key.organization_id), acting(f"key {key.prefix}"):
        fresh = ApiKey.objects.filter(pk=key.pk, exposed_at__isnull=True)
        if fresh.update(exposed_at=timezone.now()):
            record_event(Action.KEY_EXPOSED, subject=("key", key.prefix), data={"address": address})


def _revoke(keys: QuerySet[ApiKey], revoked_by: str) -> int:
    live = list(keys.filter(revoked_at__isnull=True).select_for_update())
    now = timezone.now()
    for key in live:
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=now, revoked_by=revoked_by)
        record_event(Action.KEY_REVOKED, subject=("key", key.prefix), data={"name": key.name})
    return len(live)


def _refuse_scopes_beyond(scopes: Sequence[Scope], rights: frozenset[Right]) -> None:
    for scope in scopes:
        if scope.right not in rights:
            raise Refused("key_scope_beyond_rights", scope=scope, right=scope.right.words)


def _refuse_one_too_many(organization: Organization, name: str) -> None:
    names = list(live_keys(organization).values_list("name", flat=True))
    if len(names) >= LIVE_KEYS_AN_ORGANIZATION:
        raise Refused("key_limit_reached", limit=LIVE_KEYS_AN_ORGANIZATION)
    if name in names:
        raise Refused("key_name_taken", name=name)


def _end_of(organization: Organization, day: date) -> datetime:
    today = organization.today()
    if not today <= day <= today + timedelta(days=LONGEST_DAYS):
        raise Refused("key_expiry_out_of_range", days=LONGEST_DAYS)
    zone = ZoneInfo(organization.time_zone)
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise Refused("key_address_invalid", text=text.strip()[:60]) from None
