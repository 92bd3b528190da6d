"""Many people pressing at once: the rules of members hold all the same."""

from collections import Counter

import pytest

from accounts.models import Invitation, Membership, Role, User
from accounts.services.invitations import accept_invitation, invite
from accounts.services.members import (
    add_member,
    change_member,
    leave_organization,
    remove_member,
)
from accounts.services.people import confirm_address
from accounts.terms import Terms
from audit.models import Event
from audit.tenancy import tenant
from audit.trail import verify_chain
from tests.accounts.people import make_cast, make_person
from tests.names import unique
from tests.parallel import all_at_once

TIMES = 50


@pytest.fixture
def organization(engines):
    return make_cast().organization


def make_owners(organization, count):
    return [
        add_member(organization=organization, user=make_person(), role=Role.OWNER)
        for _ in range(count)
    ]


def owners_of(organization):
    return Membership.objects.filter(organization=organization, role=Role.OWNER).count()


def test_when_all_owners_leave_or_step_down_at_once_one_of_them_stays(organization):
    owners = make_owners(organization, TIMES)

    def go(number):
        mine = owners[number]
        if number % 2:
            leave_organization(organization=organization, actor=mine.user)
        else:
            change_member(
                organization=organization, member_id=mine.pk, actor=mine.user,
                terms=Terms(Role.VIEWER),
            )  # fmt: skip
        return "gone"

    found = Counter(all_at_once(TIMES, go))
    assert found == {"gone": TIMES - 1, "last_owner": 1}
    assert owners_of(organization) == 1
    assert verify_chain(organization.pk)[1] is None


def test_owners_who_remove_each_other_at_once_leave_one(organization):
    owners = make_owners(organization, 10)

    def remove_next(number):
        other = owners[(number + 1) % len(owners)]
        remove_member(organization=organization, member_id=other.pk, actor=owners[number].user)
        return "removed"

    found = Counter(all_at_once(10, remove_next))
    assert owners_of(organization) == 10 - found["removed"] >= 1
    assert set(found) <= {"removed", "right_missing", "last_owner"}


def test_an_invitation_is_accepted_exactly_once(organization, mailoutbox):
    (owner,) = make_owners(organization, 1)
    email = f"{unique('new')}@example.com"
    invite(organization=organization, actor=owner.user, email=email, terms=Terms(Role.VIEWER))
    token = mailoutbox[0].body.split("/invitations/")[1].split("/")[0]
    person = User.objects.create_user(email)
    confirm_address(user=person)

    def accept(number):
        return accept_invitation(token=token, user=person).role

    found = Counter(all_at_once(TIMES, accept))
    assert found == {"viewer": 1, "already_member": TIMES - 1}
    with tenant(organization.pk):
        added = Event.objects.filter(action="member.added", subject_id=email)
        assert added.count() == 1


def test_one_address_is_invited_once(organization, mailoutbox):
    (owner,) = make_owners(organization, 1)

    def send(number):
        invite(
            organization=organization, actor=owner.user, email="same@example.com",
            terms=Terms(Role.VIEWER),
        )  # fmt: skip
        return "sent"

    assert Counter(all_at_once(10, send)) == {"sent": 1, "already_invited": 9}
    assert Invitation.objects.filter(organization=organization).count() == 1
    assert len(mailoutbox) == 1
