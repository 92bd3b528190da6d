"""Reads of API keys: global rows, of which an organization sees its own."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import ApiKey, Membership, Organization
from accounts.permissions import Right, rights_of


def live_keys(organization: Organization) -> QuerySet[ApiKey]:
    """Return the keys whose calls are taken."""
    return ApiKey.objects.filter(
        organization=organization, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )


def list_keys(organization: Organization) -> tuple[list[ApiKey], list[ApiKey]]:
    """Return the live keys and the newest of those that are over, each newest first."""
    ended = ApiKey.objects.filter(organization=organization).filter(
        Q(revoked_at__isnull=False) | Q(expires_at__lte=timezone.now())
    )
    return list(live_keys(organization).order_by("-pk")), list(ended.order_by("-pk")[:50])


def get_key(organization: Organization, key_id: int) -> ApiKey:
    """Return one key; 404 where it is not theirs."""
    return get_object_or_404(ApiKey, organization=organization, pk=key_id)


def find_key(prefix: str) -> ApiKey | None:
    """Return the key with that name and its organization, whoever asks."""
    return ApiKey.objects.select_related("organization").filter(prefix=prefix).first()


def rights_of_maker(key: ApiKey) -> frozenset[Right]:
    """Return what the key's maker may do in the organization now; nothing once they are gone."""
    if key.maker_id is None:
        return frozenset()
    members = Membership.objects.select_related("organization").filter(user__is_active=True)
    membership = members.filter(organization_id=key.organization_id, user_id=key.maker_id).first()
    if membership is None or membership.has_ended:
        return frozenset()
    return rights_of(membership)
