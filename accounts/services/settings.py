"""What an organization says of itself: its name, its time zone, its base currency."""

from accounts.currencies import CURRENCIES
from accounts.errors import Refused
from accounts.models import Membership, Organization, Role, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from accounts.time_zones import zone_names
from accounts.wording import tidy_name
from audit.actions import Action
from audit.trail import record_event

SECOND_PERSON = ("second_person_publishes", "second_person_maps")


def check_time_zone(name: str) -> None:
    """Refuse a zone that is not in the list. Raises Refused: time_zone_unknown."""
    if name not in zone_names():
        raise Refused("time_zone_unknown", time_zone=name)


def check_currency(code: str) -> None:
    """Refuse a currency that is not in the list. Raises Refused: currency_unknown."""
    if code not in CURRENCIES:
        raise Refused("currency_unknown", currency=code)


def check_may_drop_second(mine: Membership) -> None:
    """Let only owners do without a second person: who works alone could switch it off for a while.

    Raises Refused: second_person_owners_only.
    """
    if mine.role != Role.OWNER:
        raise Refused("second_person_owners_only")


def change_settings(
    *,
    organization: Organization,
    actor: User,
    name: str,
    time_zone: str,
    base_currency: str,
    second_person_publishes: bool | None = None,
    second_person_maps: bool | None = None,
) -> Organization:
    """Change what an organization says of itself; its address stays, and so may an odd old value.

    Where a second person is asked stays as it is where nothing is said of it; only owners may
    ask for none any more. Raises Refused: right_missing, time_zone_unknown, currency_unknown,
    second_person_owners_only.
    """
    wanted: dict[str, str | bool] = {
        "name": tidy_name(name),
        "time_zone": time_zone,
        "base_currency": base_currency,
    }
    if second_person_publishes is not None:
        wanted["second_person_publishes"] = second_person_publishes
    if second_person_maps is not None:
        wanted["second_person_maps"] = second_person_maps
    with deed(organization.pk, actor) as locked:
        mine = check_right(locked, actor, Right.CHANGE_SETTINGS)
        before = {field: getattr(locked, field) for field in wanted}
        changed = {field: value for field, value in wanted.items() if value != before[field]}
        if any(not changed.get(name, True) for name in SECOND_PERSON):
            check_may_drop_second(mine)
        if "time_zone" in changed:
            check_time_zone(time_zone)
        if "base_currency" in changed:
            check_currency(base_currency)
        if changed:
            Organization.objects.filter(pk=locked.pk).update(**changed)
            record_event(
                Action.ORGANIZATION_CHANGED,
                subject=("organization", locked.slug),
                data={"before": {field: before[field] for field in changed}, "after": changed},
            )
        locked.refresh_from_db()
        return locked
