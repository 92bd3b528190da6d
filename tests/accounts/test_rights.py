"""The table of rights on its page, and who held which right on a date."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Role
from accounts.permissions import APPROVALS, GRANTABLE, RIGHTS, Right
from accounts.rights_history import who_held
from audit import trail
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from tests.accounts.people import make_cast

FIRST = datetime(2020, 1, 6, 12, tzinfo=UTC)


@pytest.fixture
def cast(engines):
    return make_cast()


def test_the_page_is_the_table_of_the_code(cast):
    page = cast.client(Role.VIEWER).get(cast.url("roles/")).content.decode()
    rows = re.findall(r'<tr>\s*<th scope="row">(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    assert [words.replace("&#x27;", "'") for words, _ in rows] == [right.words for right in Right]
    for right, (_, cells) in zip(Right, rows, strict=True):
        shown = re.findall(r">(Yes|No|Can be given)<", cells.replace("</svg>", ">"))
        assert shown == [
            "Yes" if right in RIGHTS[role] else "Can be given" if right in GRANTABLE else "No"
            for role in Role
        ]


def test_each_approval_and_keys_are_rights_of_their_own_that_can_be_given():
    assert len(APPROVALS) == 4
    assert APPROVALS < GRANTABLE == APPROVALS | {Right.MANAGE_KEYS, Right.SIGN_OFF}
    assert not GRANTABLE & RIGHTS[Role.OPERATOR]
    assert set(Role) - {role for role in Role if Right.CLOSE_ORGANIZATION in RIGHTS[role]} == {
        Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR,
    }  # fmt: skip


class History:
    """Writes events of members on days long past, as they would have been written then."""

    def __init__(self, organization, monkeypatch):
        self.organization, self.monkeypatch = organization, monkeypatch

    def note(self, at, action, email, user, actor="owner@x.example", **terms):
        clock = type("Clock", (datetime,), {"now": classmethod(lambda cls, zone: at)})
        self.monkeypatch.setattr(trail, "datetime", clock)
        data = {"user": user, **terms}
        if terms:
            data = {"extra_rights": [], "ends_on": None, **data}
        with tenant(self.organization.pk), acting(actor):
            record_event(action, subject=("member", email), data=data)
        self.monkeypatch.undo()

    def held(self, right, day):
        with tenant(self.organization.pk):
            return [
                (found.email, found.role, found.by_role, found.ended_by)
                for found in who_held(self.organization, right, day)
            ]


@pytest.fixture
def history(cast, monkeypatch):
    return History(cast.organization, monkeypatch)


def test_a_long_history_answers_for_every_day(history):
    """Mia is made operator, gets a right, becomes admin, steps down, leaves and comes back."""
    added, changed = Action.MEMBER_ADDED, Action.MEMBER_CHANGED
    mia = ("mia@x.example", 7)
    history.note(FIRST, added, "owner@x.example", 1, role="owner")
    history.note(FIRST + timedelta(days=10), added, *mia, role="operator")
    history.note(
        FIRST + timedelta(days=20), changed, *mia, role="operator", extra_rights=["manage_keys"]
    )
    history.note(FIRST + timedelta(days=30), changed, *mia, role="admin")
    history.note(FIRST + timedelta(days=40), changed, *mia, role="viewer")
    history.note(FIRST + timedelta(days=50), Action.MEMBER_LEFT, *mia, actor="mia@x.example")
    history.note(
        FIRST + timedelta(days=60), added, "mia@new.example", 7, role="auditor",
        ends_on="2020-03-20",
    )  # fmt: skip
    owner = ("owner@x.example", "owner", True, "")

    def keys(days):
        return history.held(Right.MANAGE_KEYS, FIRST.date() + timedelta(days=days))

    assert keys(-1) == []
    assert keys(0) == keys(10) == keys(19) == [owner]
    given = ("mia@x.example", "operator", False, "owner@x.example")
    by_role = ("mia@x.example", "admin", True, "owner@x.example")
    assert keys(20) == keys(29) == [given, owner]
    assert keys(30) == [given, by_role, owner]
    assert keys(31) == keys(40) == [by_role, owner]
    assert keys(41) == keys(55) == keys(65) == [owner]
    assert history.held(Right.RUN, FIRST.date() + timedelta(days=15)) == [
        ("mia@x.example", "operator", True, "owner@x.example"), owner,
    ]  # fmt: skip
    left = ("mia@x.example", "viewer", True, "mia@x.example")
    assert history.held(Right.VIEW, FIRST.date() + timedelta(days=50)) == [left, owner]
    assert history.held(Right.VIEW, FIRST.date() + timedelta(days=51)) == [owner]
    back = ("mia@new.example", "auditor", True, "")
    assert history.held(Right.READ_TRAIL, date(2020, 3, 20)) == [back, owner]
    assert history.held(Right.READ_TRAIL, date(2020, 3, 21)) == [owner]


def test_days_are_counted_by_the_organizations_clock(history):
    late = datetime(2020, 1, 7, 3, tzinfo=UTC)
    history.note(late, Action.MEMBER_ADDED, "owner@x.example", 1, role="owner")
    assert history.held(Right.VIEW, date(2020, 1, 5)) == []
    assert len(history.held(Right.VIEW, date(2020, 1, 6))) == 1


def test_a_closed_organization_gives_no_rights(history):
    history.note(FIRST, Action.MEMBER_ADDED, "owner@x.example", 1, role="owner")
    history.note(FIRST + timedelta(days=1), Action.ORGANIZATION_CLOSED, "x", 0, actor="system")
    assert [held[3] for held in history.held(Right.VIEW, date(2020, 1, 7))] == ["system"]
    assert history.held(Right.VIEW, date(2020, 1, 8)) == []


def test_hundreds_of_changes_are_answered_from_the_trail(history):
    for number in range(60):
        email, user = f"p{number}@x.example", 100 + number
        history.note(
            FIRST + timedelta(days=number), Action.MEMBER_ADDED, email, user, role="operator"
        )
        history.note(FIRST + timedelta(days=number + 5), Action.MEMBER_REMOVED, email, user)
    for day in (0, 3, 30, 59, 64, 65):
        expected = [f"p{n}@x.example" for n in range(60) if n <= day <= n + 5]
        held = history.held(Right.RUN, FIRST.date() + timedelta(days=day))
        assert sorted(found[0] for found in held) == sorted(expected)


def test_the_page_answers_for_a_right_and_a_day(cast):
    owner = cast.member(Role.OWNER).email
    client = cast.client(Role.AUDITOR)
    today = cast.organization.today()
    page = client.get(cast.url("rights/")).content.decode()
    assert f'value="{today.isoformat()}"' in page
    asked = client.get(cast.url(f"rights/?right=manage_members&day={today.isoformat()}"))
    text = asked.content.decode()
    assert "1 held the right to invite, change or remove members" in text
    assert owner in text
    assert "holds now" in text
    empty = client.get(cast.url("rights/?right=run&day=2001-01-01")).content.decode()
    assert "Nobody held this right on that day." in empty
    wrong = client.get(cast.url("rights/?right=fly&day=never"))
    assert wrong.status_code == 422
    assert "<title>Error: " in wrong.content.decode()


def test_who_may_not_read_the_trail_does_not_see_its_answers(cast):
    answer = cast.client(Role.VIEWER).get(cast.url("rights/"))
    assert answer.status_code == 403
    assert cast.stranger.get(cast.url("rights/")).status_code == 404
    assert (
        cast.url("rights/")
        not in cast.client(Role.VIEWER).get(cast.url("members/")).content.decode()
    )
