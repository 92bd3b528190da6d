"""Making organizations, each with a data key of its own."""

import re
import secrets
import unicodedata

from django.db import connection

from accounts.errors import Refused
from accounts.models import Membership, Organization, Role, User
from accounts.services.members import add_member
from accounts.services.settings import check_currency, check_time_zone
from accounts.wording import tidy_name
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.fields import key_ring

ORGANIZATIONS_A_PERSON = 20
# Letters and digits that nobody takes for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_STEM_LENGTH = 24
_TAIL_LENGTH = 5


def found_organization(
    *, owner: User, name: str, time_zone: str, base_currency: str
) -> Organization:
    """Create an organization for a person, who becomes its owner.

    Raises Refused: too_many_organizations, time_zone_unknown, currency_unknown.
    """
    check_time_zone(time_zone)
    check_currency(base_currency)
    organization_id = _next_id()
    with tenant(organization_id), acting(owner.email):
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        owned = Membership.objects.filter(
            user=owner, role=Role.OWNER, organization__closed_at__isnull=True
        )
        if owned.count() >= ORGANIZATIONS_A_PERSON:
            raise Refused("too_many_organizations", limit=ORGANIZATIONS_A_PERSON)
        tidy = tidy_name(name)
        organization = _create(organization_id, tidy, make_slug(tidy), time_zone, base_currency)
        add_member(organization=organization, user=owner, role=Role.OWNER)
        return organization


def create_organization(
    *, name: str, slug: str, time_zone: str = "UTC", base_currency: str = "USD"
) -> Organization:
    """Create an organization without members under a chosen short name."""
    organization_id = _next_id()
    with tenant(organization_id):
        return _create(organization_id, name, slug, time_zone, base_currency)


def make_slug(name: str) -> str:
    """Return a short name that nobody has: what is left of the name, and a tail of chance.

    The tail is never left away, since a name without one would tell that another has it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_STEM_LENGTH].strip("-")
    while True:
        tail = "".join(secrets.choice(_ALPHABET) for _ in range(_TAIL_LENGTH))
        slug = f"{stem or 'organization'}-{tail}"
        if not Organization.objects.filter(slug=slug).exists():
            return slug


def _create(
    organization_id: int, name: str, slug: str, time_zone: str, base_currency: str
) -> Organization:
    organization = Organization.objects.create(
        pk=organization_id,
        name=name,
        slug=slug,
        time_zone=time_zone,
        base_currency=base_currency,
        wrapped_key=key_ring().new_data_key(),
    )
    record_event(Action.ORGANIZATION_CREATED, subject=("organization", slug))
    return organization


def _next_id() -> int:
    """Take the next id before the row is there, so that its scope may be opened around it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_organization', 'id'))")
        (number,) = cursor.fetchone()
    return int(number)
