"""The members of a list are made ready once for all suggestions, until the list is read again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import ListMember, MemberList
from integrations.selectors.mapping_suggestions import suggestions_for
from tests.integrations.desk_scene import add_desk
from tests.integrations.scenes import make_house


@pytest.fixture
def house(engines):
    house = make_house()
    add_desk(house, is_drafted=False)
    return house


def look(house):
    """The members that are suggested for two codes, and whether any members were read for it."""
    with (
        tenant(house.organization.pk),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        found = suggestions_for(house.organization, "cost_center", {"300", "400"}, ())
    is_read = any("integrations_listmember" in query["sql"] for query in asked.captured_queries)
    return {code: item.member for code, item in found.items()}, is_read


def test_members_are_read_once_for_each_reading_of_their_own_list(house):
    assert look(house) == ({"300": "CC_300"}, True)
    assert look(house) == ({"300": "CC_300"}, False)
    now = timezone.now()
    with tenant(house.organization.pk):
        chosen = MemberList.objects.get(dimension="cost_center")
        same = {"organization": house.organization, "member_list": chosen, "first_seen_at": now}
        ListMember.objects.create(text="400", code="400", **same)
        chosen.read_at += timedelta(seconds=1)
        chosen.save()
    assert look(house) == ({"300": "CC_300", "400": "400"}, True)
    with tenant(house.organization.pk):
        MemberList.objects.update(read_at=None)
    assert look(house) == ({}, False), "a list that is chosen anew has no members yet"
