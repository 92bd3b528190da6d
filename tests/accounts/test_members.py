"""Members: who sees them, who changes them, and the rules that hold for everybody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import ApiKey, Membership, Role
from accounts.permissions import Right
from accounts.selectors import list_members
from accounts.services import members
from accounts.services.members import SEEN_EVERY, add_member, change_member, remove_member
from accounts.terms import Terms, terms_of
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.people import make_cast, make_person, signed_in

MANAGERS = (Role.OWNER, Role.ADMIN)
OTHERS = (Role.OPERATOR, Role.VIEWER, Role.AUDITOR)


@pytest.fixture
def cast(engines):
    made = make_cast()
    made.member(Role.OWNER)
    return made


def membership(cast, role):
    return Membership.objects.get(organization=cast.organization, user=cast.member(role))


def events(cast, action):
    with tenant(cast.organization.pk):
        return list(Event.objects.filter(action=action))


def change(cast, actor, target, **terms):
    return change_member(
        organization=cast.organization,
        member_id=membership(cast, target).pk,
        actor=cast.member(actor),
        terms=Terms(**terms),
    )


@pytest.mark.parametrize("role", Role)
def test_every_member_sees_the_list_and_only_managers_see_how_to_change_it(cast, role):
    people = [cast.member(each).email for each in Role]
    page = cast.client(role).get(cast.url("members/"))
    text = page.content.decode()
    assert page.status_code == 200
    assert [email for email in people if f">{email}" in text] == people
    assert ("Send invitation" in text) is (role in MANAGERS)
    assert ("Open invitations" in text) is (role in MANAGERS)
    assert cast.stranger.get(cast.url("members/")).status_code == 404


def test_an_admin_is_offered_no_way_to_touch_owners(cast):
    owner, viewer = membership(cast, Role.OWNER), membership(cast, Role.VIEWER)
    page = cast.client(Role.ADMIN).get(cast.url("members/")).content.decode()
    assert cast.url(f"members/{viewer.pk}/remove/") in page
    assert cast.url(f"members/{owner.pk}/remove/") not in page
    assert '<option value="owner"' not in page
    theirs = cast.client(Role.ADMIN).get(cast.url(f"members/{owner.pk}/")).content.decode()
    assert "by owners only" in theirs
    assert "Save" not in theirs


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("path", ["", "remove/"])
def test_who_may_not_manage_members_gets_a_page_that_says_so(cast, role, path):
    target = membership(cast, Role.ADMIN)
    client = cast.client(role)
    for method in (client.get, client.post):
        answer = method(cast.url(f"members/{target.pk}/{path}"), {"role": "viewer"})
        assert answer.status_code == 403
        assert "you may not invite, change or remove members" in answer.content.decode()
    assert membership(cast, Role.ADMIN).pk == target.pk


def test_a_member_of_another_organization_is_not_there(cast):
    other = make_cast()
    theirs = membership(other, Role.OWNER)
    for path in (f"members/{theirs.pk}/", f"members/{theirs.pk}/remove/"):
        assert cast.client().get(cast.url(path)).status_code == 404
        assert cast.client().post(cast.url(path), {"role": "viewer"}).status_code == 404
    assert membership(other, Role.OWNER) == theirs


def test_a_change_takes_effect_on_the_next_request_and_stands_in_the_trail(cast):
    viewer, last = cast.member(Role.VIEWER), cast.organization.today() + timedelta(days=9)
    client = signed_in(viewer)
    target = membership(cast, Role.VIEWER)
    assert client.post(cast.url("mapping/map/"), {}).status_code == 403
    answer = cast.client(Role.ADMIN).post(
        cast.url(f"members/{target.pk}/"),
        {"role": "operator", "ends_on": last.isoformat(), "extra_rights": ["manage_keys"]},
    )
    assert answer["Location"] == cast.url("members/")
    assert client.post(cast.url("mapping/map/"), {}).status_code == 302
    target.refresh_from_db()
    wanted = Terms(Role.OPERATOR, frozenset({Right.MANAGE_KEYS}), last)
    assert terms_of(target) == wanted
    (event,) = events(cast, "member.changed")
    assert (event.actor, event.subject_id) == (cast.member(Role.ADMIN).email, viewer.email)
    assert event.data == {
        "user": viewer.pk,
        "role": "operator",
        "extra_rights": ["manage_keys"],
        "ends_on": last.isoformat(),
        "before": {"role": "viewer", "extra_rights": [], "ends_on": None},
    }


def test_a_form_with_mistakes_names_them_and_changes_nothing(cast):
    target = membership(cast, Role.VIEWER)
    yesterday = cast.organization.today() - timedelta(days=1)
    for sent, words in (
        ({"role": "auditor"}, "Name the last day on which the auditor may look."),
        ({"role": "viewer", "ends_on": yesterday.isoformat()}, "Choose today or a later day."),
        ({"role": "king"}, "Select a valid choice"),
        ({"role": "viewer", "extra_rights": ["close_organization"]}, "Select a valid choice"),
    ):
        answer = cast.client().post(cast.url(f"members/{target.pk}/"), sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "<title>Error: " in answer.content.decode()
    assert events(cast, "member.changed") == []
    assert terms_of(membership(cast, Role.VIEWER)) == Terms(Role.VIEWER)


def test_rights_that_a_role_has_anyway_are_not_kept_beyond_it(cast):
    given = frozenset({Right.MANAGE_KEYS, Right.APPROVE_MAPPING})
    changed = change(cast, Role.OWNER, Role.VIEWER, role=Role.ADMIN, extra_rights=given)
    assert changed.extra_rights == []


def everybody(cast):
    mine = Membership.objects.filter(organization=cast.organization)
    return list(mine.order_by("pk").values())


def refused(code, cast, actor, target, **terms):
    for role in (actor, target):
        cast.member(role)
    before = everybody(cast)
    with pytest.raises(Refused) as caught:
        change(cast, actor, target, **terms)
    assert caught.value.code == code
    assert everybody(cast) == before
    assert events(cast, "member.changed") == []


def test_an_admin_neither_makes_nor_changes_owners(cast):
    refused("owners_only", cast, Role.ADMIN, Role.VIEWER, role=Role.OWNER)
    refused("owners_only", cast, Role.ADMIN, Role.ADMIN, role=Role.OWNER)
    refused("owners_only", cast, Role.ADMIN, Role.OWNER, role=Role.VIEWER)
    with pytest.raises(Refused, match="by owners only"):
        remove_member(
            organization=cast.organization,
            member_id=membership(cast, Role.OWNER).pk,
            actor=cast.member(Role.ADMIN),
        )


@pytest.mark.parametrize("role", OTHERS)
def test_a_service_asks_for_the_right_itself(cast, role):
    refused("right_missing", cast, role, Role.ADMIN, role=Role.VIEWER)


def test_nobody_gives_themselves_more_rights_or_time(cast):
    last = cast.organization.today() + timedelta(days=5)
    change(cast, Role.OWNER, Role.ADMIN, role=Role.ADMIN, ends_on=last)
    before = terms_of(membership(cast, Role.ADMIN))
    for terms in (Terms(Role.ADMIN), Terms(Role.ADMIN, ends_on=last + timedelta(days=1))):
        with pytest.raises(Refused) as caught:
            change_member(
                organization=cast.organization,
                member_id=membership(cast, Role.ADMIN).pk,
                actor=cast.member(Role.ADMIN),
                terms=terms,
            )
        assert caught.value.code == "own_rights_upward"
    assert terms_of(membership(cast, Role.ADMIN)) == before
    lower = change(cast, Role.ADMIN, Role.ADMIN, role=Role.ADMIN, ends_on=last - timedelta(days=1))
    assert lower.ends_on == last - timedelta(days=1)


def test_the_last_owner_stays(cast):
    last = cast.organization.today() + timedelta(days=5)
    refused("last_owner", cast, Role.OWNER, Role.OWNER, role=Role.ADMIN)
    refused("last_owner", cast, Role.OWNER, Role.OWNER, role=Role.OWNER, ends_on=last)
    owner = membership(cast, Role.OWNER)
    for path in (f"members/{owner.pk}/remove/", "members/leave/"):
        client = cast.client()
        assert client.post(cast.url(path)).status_code == 302
        page = client.get(cast.url("members/")).content.decode()
        assert "Nobody else owns the organization without a last day." in page
    assert events(cast, "member.removed") + events(cast, "member.left") == []


def test_an_owner_with_a_last_day_does_not_count_as_the_one_who_stays(cast):
    second = make_person()
    ends_on = cast.organization.today() + timedelta(days=5)
    add_member(organization=cast.organization, user=second, role=Role.OWNER, ends_on=ends_on)
    first = Membership.objects.get(organization=cast.organization, role=Role.OWNER, ends_on=None)
    with pytest.raises(Refused) as caught:
        members.leave_organization(organization=cast.organization, actor=first.user)
    assert caught.value.code == "last_owner"
    add_member(organization=cast.organization, user=second, role=Role.OWNER)
    members.leave_organization(organization=cast.organization, actor=first.user)
    (event,) = events(cast, "member.left")
    assert (event.actor, event.subject_id) == (first.user.email, first.user.email)


def test_a_membership_ends_with_its_last_day_in_the_organizations_zone(cast, monkeypatch):
    member = membership(cast, Role.AUDITOR)
    client = cast.client(Role.AUDITOR)
    days = {"today": member.ends_on}
    monkeypatch.setattr("accounts.models.Organization.today", lambda organization: days["today"])
    assert client.get(cast.url("runs/")).status_code == 200
    days["today"] = member.ends_on + timedelta(days=1)
    assert client.get(cast.url("runs/")).status_code == 404
    assert "Ended" in cast.client().get(cast.url("members/")).content.decode()


def test_the_list_tells_when_a_member_was_here_last(cast):
    client, mine = cast.client(Role.VIEWER), membership(cast, Role.VIEWER)
    page = cast.client().get(cast.url("members/")).content.decode()
    assert "never" in page
    client.get(cast.url("runs/"))
    first = membership(cast, Role.VIEWER).last_seen_at
    assert timezone.now() - first < timedelta(minutes=1)
    client.get(cast.url("runs/"))
    assert membership(cast, Role.VIEWER).last_seen_at == first
    Membership.objects.filter(pk=mine.pk).update(last_seen_at=first - SEEN_EVERY)
    client.get(cast.url("runs/"))
    assert membership(cast, Role.VIEWER).last_seen_at > first


def test_the_list_begins_with_owners_and_takes_few_queries(cast, django_assert_max_num_queries):
    for role in Role:
        cast.member(role)
    rows = list_members(cast.organization)
    assert [row.membership.role for row in rows] == [str(role) for role in Role]
    client = cast.client()
    client.get(cast.url("members/"))
    with django_assert_max_num_queries(20):
        client.get(cast.url("members/"))


def make_key(cast, maker, **fields):
    return ApiKey.objects.create(
        organization=cast.organization, name="Nightly", prefix=make_person().email[7:19],
        digest=make_person().email[:60], scopes=[], maker=maker, created_by=maker.email,
        expires_at=timezone.now() + timedelta(days=30), **fields,
    )  # fmt: skip


def test_removing_says_before_what_it_ends_and_ends_it_at_once(cast):
    admin = cast.member(Role.ADMIN)
    client, elsewhere = signed_in(admin), signed_in(admin)
    client.post(cast.url("members/invite/"), {"email": "new@example.com", "role": "viewer"})
    mine, others = make_key(cast, admin), make_key(cast, cast.member(Role.OWNER))
    target = membership(cast, Role.ADMIN)
    question = cast.client().get(cast.url(f"members/{target.pk}/remove/")).content.decode()
    assert f"Remove {admin.email}?" in question
    assert "1 API key that they made, and 1 open invitation that they sent" in question
    assert "so their sessions end as well" in question
    answer = cast.client().post(cast.url(f"members/{target.pk}/remove/"))
    assert answer["Location"] == cast.url("members/")
    for each in (client, elsewhere):
        assert each.get(cast.url("runs/"))["Location"].startswith("/sign-in/")
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.revoked_by, others.revoked_at) == (cast.member(Role.OWNER).email, None)
    assert mine.revoked_at is not None
    (event,) = events(cast, "member.removed")
    assert event.data["before"] == {"role": "admin", "extra_rights": [], "ends_on": None}
    assert (event.data["keys_revoked"], event.data["invitations_withdrawn"]) == (1, 1)
    assert len(events(cast, "key.revoked")) == len(events(cast, "member.invitation_withdrawn")) == 1


def test_sessions_that_serve_another_organization_live_on(cast):
    viewer, other = cast.member(Role.VIEWER), make_cast()
    add_member(organization=other.organization, user=viewer, role=Role.VIEWER)
    client = signed_in(viewer)
    remove_member(
        organization=cast.organization,
        member_id=membership(cast, Role.VIEWER).pk,
        actor=cast.member(Role.OWNER),
    )
    assert client.get(cast.url("runs/")).status_code == 404
    assert client.get(other.url("runs/")).status_code == 200


def test_who_leaves_is_told_so_and_keeps_the_session(cast):
    client = cast.client(Role.VIEWER)
    assert "Leave Adventure Works?" in client.get(cast.url("members/leave/")).content.decode()
    answer = client.post(cast.url("members/leave/"), follow=True)
    assert "You have left Adventure Works." in answer.content.decode()
    assert client.get(cast.url("members/")).status_code == 404


def test_who_may_not_invite_any_more_has_no_open_invitations(cast):
    client = cast.client(Role.ADMIN)
    client.post(cast.url("members/invite/"), {"email": "new@example.com", "role": "viewer"})
    change(cast, Role.OWNER, Role.ADMIN, role=Role.OPERATOR)
    assert len(events(cast, "member.invitation_withdrawn")) == 1
