"""What the navigation offers: the pages that exist and that a member's rights allow."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from accounts.models import Membership
from accounts.permissions import Right


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation knows: its word, its route, and the right that it needs.

    It is shown as current on pages below its address, and on those of the `other` routes.
    """

    word: str
    route: str
    right: Right = Right.VIEW
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a navigation; `is_page` tells the page itself from one below it."""

    word: str
    url: str
    is_current: bool = False
    is_page: bool = False


ORGANIZATION_PLACES = (
    Place("Home", "onboarding"),
    Place("Runs", "run_list", other=("closed_changes",)),
    Place("Plans", "plan_list"),
    Place("Syncs", "sync_list"),
    Place("Mapping", "mapping"),
    Place("Connections", "connection_list"),
    Place("Members", "member_list", other=("role_table", "rights_on")),
    Place("API keys", "key_list", Right.MANAGE_KEYS),
    Place("Settings", "organization_settings"),
)
PERSON_PLACES = (
    Place("Account security", "mfa_index"),
    Place("New organization", "organization_create"),
)
STAFF_PLACES = (
    Place("Administration", "admin:index"),
    Place("Components", "components"),
)


def find_url(route: str, **keywords: str) -> str:
    """Return the address of a route, or nothing where this installation does not have it."""
    try:
        return reverse(route, kwargs=keywords)
    except NoReverseMatch:
        return ""


def organization_entries(slug: str, rights: Iterable[str], path: str) -> list[Entry]:
    """Return what a member sees, the place that the path belongs to as the current one."""
    held = set(rights)
    found = [
        (place, url)
        for place in ORGANIZATION_PLACES
        if place.right in held and (url := find_url(place.route, slug=slug))
    ]
    return [
        Entry(place.word, url, _holds(place, url, slug, path), url == path) for place, url in found
    ]


def _holds(place: Place, url: str, slug: str, path: str) -> bool:
    others = (find_url(route, slug=slug) for route in place.other)
    above = [address for address in (url, *others) if address not in ("", f"/o/{slug}/")]
    return path == url or path.startswith(tuple(above))


def person_entries(path: str, *, is_staff: bool) -> list[Entry]:
    """Return a person's own pages, and those of the staff for the staff."""
    places = PERSON_PLACES + (STAFF_PLACES if is_staff else ())
    found = [(place.word, url) for place in places if (url := find_url(place.route))]
    return [Entry(word, url, url == path, url == path) for word, url in found]


def switcher_entries(memberships: Iterable[Membership], slug: str) -> list[Entry]:
    """Return the organizations to change between; none where there is only one."""
    entries = [
        Entry(
            membership.organization.name,
            reverse("organization_home", args=[membership.organization.slug]),
            membership.organization.slug == slug,
        )
        for membership in memberships
    ]
    return entries if len(entries) > 1 or not slug else []
