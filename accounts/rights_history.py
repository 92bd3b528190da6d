"""Who held which right on a date, computed from the audit trail alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Organization
from accounts.permissions import RIGHTS, Right
from audit.actions import Action
from audit.models import Event
from audit.selectors import events_outside_runs

_GRANTS = (Action.MEMBER_ADDED, Action.MEMBER_CHANGED)
_ENDS = (Action.MEMBER_REMOVED, Action.MEMBER_LEFT)
_ACTIONS = (*_GRANTS, *_ENDS, Action.ORGANIZATION_CLOSED)


@dataclass(frozen=True, slots=True)
class Holding:
    """A stretch of time in which a person held a right, and the events that made it so.

    `until` is None while it holds. `ended_by` is empty where the last day alone ended it.
    """

    email: str
    role: str
    by_role: bool
    since: datetime
    given_by: str
    until: datetime | None
    ended_by: str


def who_held(organization: Organization, right: Right, day: date) -> list[Holding]:
    """Return who held a right at any moment of a day, as the organization's clock counts days.

    Roles mean what the table of rights says today. Needs an open scope.
    """
    zone = ZoneInfo(organization.time_zone)
    begins = datetime.combine(day, time.min, zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, zone)
    events = events_outside_runs(organization.pk, _ACTIONS)
    held = [
        stretch
        for stretch in _stretches(events.iterator(), right, zone)
        if stretch.since < ends and (stretch.until is None or stretch.until > begins)
    ]
    return sorted(held, key=lambda stretch: (stretch.email, stretch.since))


def _stretches(events: Iterable[Event], right: Right, zone: ZoneInfo) -> Iterator[Holding]:
    """Turn events, oldest first, into the stretches of time in which the right was held."""
    open_grants: dict[str, Event] = {}
    for event in events:
        if event.action == Action.ORGANIZATION_CLOSED:
            ended = [open_grants.pop(person) for person in list(open_grants)]
        else:
            before = open_grants.pop(_person(event), None)
            ended = [before] if before else []
        for grant in ended:
            yield from _stretch(grant, right, zone, until=event)
        if event.action in _GRANTS:
            open_grants[_person(event)] = event
    for grant in open_grants.values():
        yield from _stretch(grant, right, zone, until=None)


def _stretch(
    grant: Event, right: Right, zone: ZoneInfo, *, until: Event | None
) -> Iterator[Holding]:
    role = str(grant.data["role"])
    by_role = right in RIGHTS.get(role, frozenset())
    if not by_role and right not in grant.data.get("extra_rights", ()):
        return
    end, ended_by = (until.at, until.actor) if until else (None, "")
    last_moment = _last_moment(grant.data, zone)
    if last_moment and (end is None or last_moment < end):
        end, ended_by = last_moment, ""
    if end is None or end > grant.at:
        yield Holding(grant.subject_id, role, by_role, grant.at, grant.actor, end, ended_by)


def _last_moment(data: dict[str, Any], zone: ZoneInfo) -> datetime | None:
    text = data.get("ends_on")
    if not text:
        return None
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time.min, zone)


def _person(event: Event) -> str:
    return str(event.data.get("user") or event.subject_id)
