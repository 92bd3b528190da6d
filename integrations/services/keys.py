"""Turning keys: every data key under the newest key of the service, and the data keys anew."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models

from accounts import second_factors
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.encryption import KeyRing, SealBroken
from integrations.fields import SealedField, key_ring

NO_KEY = "no key of ENCRYPTION_KEYS opens the organization's data key"
NO_FACTOR = "no key of ENCRYPTION_KEYS opens it, or it is damaged"
BROKEN = "damaged, or sealed in another place or by another key"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key of the service: its name, and what opens by it now."""

    name: str
    data_keys: int
    second_factors: int
    is_newest: bool

    @property
    def is_used(self) -> bool:
        """Whether something opens by this key alone."""
        return self.data_keys + self.second_factors > 0


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A place whose seal does not open, and why; never what lies in it."""

    organization: str
    place: str
    reason: str


def list_keyed(slug: str = "") -> list[Organization]:
    """Return the organizations with a data key, or the one of that name; a closed one has none."""
    keyed = Organization.objects.exclude(wrapped_key="").order_by("pk")
    return list(keyed.filter(slug=slug) if slug else keyed)


def rewrap(*, organization_id: int) -> bool:
    """Wrap an organization's data key by the newest key; tell whether there was anything to do.

    Raises `SealBroken` where none of the service's keys opens it.
    """
    ring = key_ring()
    with tenant(organization_id):
        wrapped = _hold(organization_id)
        if not wrapped:
            return False
        before = ring.key_of(wrapped)
        if before == ring.names[0]:
            return False
        _replace(organization_id, wrapped, ring.rewrap(wrapped))
        facts = {"from": before, "to": ring.names[0]}
        record_event(Action.KEY_REWRAPPED, subject=("organization", organization_id), data=facts)
        return True


def renew_data_key(*, organization_id: int, made_before: datetime) -> bool:
    """Give an organization a new data key and seal its secrets by it, all or nothing.

    A data key that is younger already is left as it is, so that an interrupted renewal of many
    goes on where it was. Raises `SealBroken` where a secret does not open.
    """
    ring = key_ring()
    with tenant(organization_id):
        wrapped = _hold(organization_id)
        if not wrapped or ring.made_at(wrapped) >= made_before:
            return False
        new = ring.new_data_key()
        sealed = 0
        for row, field in iter_sealed(organization_id):
            token = ring.reseal(wrapped, new, field.context(row), getattr(row, field.name))
            setattr(row, field.name, token)
            row.save(update_fields=[field.name])
            sealed += 1
        _replace(organization_id, wrapped, new)
        facts = {"to": ring.names[0], "secrets": sealed}
        record_event(Action.KEY_RENEWED, subject=("organization", organization_id), data=facts)
        return True


def _hold(organization_id: int) -> str:
    held = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
    return held.wrapped_key


def _replace(organization_id: int, before: str, after: str) -> None:
    mine = Organization.objects.filter(pk=organization_id, wrapped_key=before)
    if mine.update(wrapped_key=after) != 1:
        raise SealBroken("data key")


def count_uses() -> list[KeyUse]:
    """Look at everything anew and count what each key of the service wraps, newest first."""
    ring = key_ring()
    data_keys = _count(ring, (organization.wrapped_key for organization in list_keyed()))
    factors = _count(ring, (token for _place, token in second_factors.iter_sealed()))
    return [
        KeyUse(name, data_keys[name], factors[name], name == ring.names[0]) for name in ring.names
    ]


def _count(ring: KeyRing, tokens: Iterable[str]) -> Counter[str]:
    return Counter(ring.key_of(token) for token in tokens if _has_key(ring, token))


def check_second_factors() -> tuple[int, list[BrokenSeal]]:
    """Open the sealed key of every second factor; return how many there are, and the broken."""
    ring = key_ring()
    found = list(second_factors.iter_sealed())
    return len(found), [
        BrokenSeal("", place, NO_FACTOR) for place, token in found if not _has_key(ring, token)
    ]


def iter_sealed(organization_id: int) -> Iterator[tuple[models.Model, SealedField]]:
    """Yield every sealed field of an organization that holds something; needs its scope."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                rows = model._default_manager.filter(organization_id=organization_id)
                for row in rows.exclude(**{field.name: ""}).order_by("pk"):
                    yield row, field


def check_organization(organization: Organization) -> tuple[int, list[BrokenSeal]]:
    """Open every sealed field of an organization; return how many there are, and the broken."""
    ring, count = key_ring(), 0
    broken = list[BrokenSeal]()
    has_key = _has_key(ring, organization.wrapped_key)
    if not has_key:
        broken.append(BrokenSeal(organization.slug, "data key", NO_KEY))
    with tenant(organization.pk):
        for row, field in iter_sealed(organization.pk):
            count += 1
            token = getattr(row, field.name)
            if not _opens(ring, organization.wrapped_key, field.context(row), token):
                place = f"{row._meta.db_table} {row.pk} {field.name}"
                broken.append(BrokenSeal(organization.slug, place, BROKEN if has_key else NO_KEY))
    return count, broken


def _has_key(ring: KeyRing, wrapped: str) -> bool:
    try:
        ring.key_of(wrapped)
    except SealBroken:
        return False
    return True


def _opens(ring: KeyRing, wrapped: str, context: str, token: str) -> bool:
    try:
        ring.open(wrapped, context, token)
    except SealBroken:
        return False
    return True
