"""Drafts of the mapping: nothing is lost, and nobody approves their own where two are asked."""

import pytest

from accounts.errors import Refused
from accounts.models import Membership, Organization, Role, User
from audit.tenancy import tenant
from integrations.models import MappingVersion
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.drafts import read_standing
from integrations.selectors.mappings import current_version, read_rules
from integrations.services.mapping_drafts import (
    Wish,
    approve_draft,
    change_draft,
    discard_draft,
    drop_changes,
    keep_changes,
)
from integrations.services.mappings import approve_rules, set_members
from integrations.services.organizations import create_organization
from tests.names import unique

ONE, TWO = (RuleKey("cost_center", "", "exact", code, "") for code in ("100", "200"))


@pytest.fixture
def organization(engines):
    found = create_organization(name="Drafted", slug=unique("drafted"))
    rules = [Rule("cost_center", "100", "CC_100"), Rule("cost_center", "3", "CC_3", "prefix")]
    approve_rules(organization=found, rules=rules, requested_by="test")
    return found


def person(organization, role=Role.OWNER):
    email = f"{unique(role)}@small.example"
    user = User.objects.create_user(email=email, password="a long secret 123")
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


def draft(organization, *wishes, by="a@small.example", made_for=()):
    return change_draft(
        organization=organization,
        wishes=[
            Wish(KeyChange(key, tuple(Part(m) for m in members)), seen)
            for key, members, seen in wishes
        ],
        requested_by=by,
        made_for=made_for,
    )


def approve(organization, found, actor):
    return approve_draft(
        organization=organization,
        draft_id=found.pk,
        seen=standing(organization).digest(),
        actor=actor,
    )


def refuses(code, call, *arguments, **keywords):
    with pytest.raises(Refused) as refused:
        call(*arguments, **keywords)
    assert refused.value.code == code
    return refused.value


def standing(organization):
    with tenant(organization.pk):
        return read_standing(organization)


def test_a_draft_changes_nothing_until_it_is_approved_as_a_whole(organization):
    found = draft(organization, (ONE, ["CC_1"], None), (TWO, ["CC_2"], ()))
    assert standing(organization).parts(ONE) == (Part("CC_1"),)
    with tenant(organization.pk):
        assert current_version(organization).number == 1
    version = approve(organization, found, person(organization, Role.OPERATOR))
    with tenant(organization.pk):
        assert (version.number, read_rules(version)) == (
            2,
            [
                Rule("cost_center", "100", "CC_1"),
                Rule("cost_center", "3", "CC_3", "prefix"),
                Rule("cost_center", "200", "CC_2"),
            ],
        )
    assert standing(organization).draft is None
    refuses("mapping_draft_gone", approve, organization, found, person(organization))


def test_what_is_changed_back_leaves_the_draft_and_one_that_is_not_clear_keeps_all_out(
    organization,
):
    found = draft(organization, (ONE, ["CC_1"], None), (TWO, ["CC_2"], None))
    draft(organization, (ONE, ["CC_100"], (Part("CC_1"),)))
    assert list(standing(organization).changes) == [TWO]
    refuses("mapping_conflict", draft, organization, (ONE, ["X"], None), (TWO, ["A", "B"], None))
    assert standing(organization).parts(ONE) == (Part("CC_100"),)
    change = standing(organization).changes[TWO]
    drop_changes(organization=organization, change_ids=[change.pk], requested_by="test")
    refuses("mapping_draft_empty", approve, organization, found, person(organization))
    discard_draft(organization=organization, draft_id=found.pk, actor=person(organization))
    assert standing(organization).draft is None


def test_an_update_is_not_lost_below_another(organization):
    draft(organization, (ONE, ["MINE"], (Part("CC_100"),)))
    refused = refuses(
        "mapping_changed_meanwhile", draft, organization, (ONE, ["YOURS"], (Part("CC_100"),))
    )
    assert ("MINE" in refused.message, "YOURS" in refused.message) == (True, True)
    several = refuses(
        "mapping_changed_meanwhile",
        draft, organization, (ONE, ["YOURS"], ()), (TWO, ["A"], ()), (TWO, ["B"], (Part("B0"),)),
    )  # fmt: skip
    assert [place for place, _ in several.fields] == ["changes.0.seen", "changes.2.seen"]
    assert standing(organization).parts(ONE) == (Part("MINE"),)


def test_a_version_made_below_a_draft_is_not_overwritten_unseen(organization):
    found = draft(organization, (ONE, ["MINE"], None))
    set_members(
        organization=organization, key=ONE, members=[("THEIRS", 1)], requested_by="somebody"
    )
    owner = person(organization)
    refuses("mapping_draft_stale", approve, organization, found, owner)
    wish = {"organization": organization, "requested_by": owner.email}
    refuses("mapping_draft_changed", keep_changes, seen="", **wish)
    assert keep_changes(seen=standing(organization).digest(), **wish) == 1
    assert approve(organization, found, owner).number == 3


def test_nobody_approves_what_they_have_changed_where_a_second_person_is_asked(organization):
    Organization.objects.filter(pk=organization.pk).update(second_person_maps=True)
    owner, other = person(organization), person(organization, Role.ADMIN)
    found = draft(organization, (ONE, ["A"], None), by=owner.email)
    draft(organization, (TWO, ["B"], None), by="api key partner")
    refuses("mapping_own_draft", approve, organization, found, owner)
    refuses("right_missing", approve, organization, found, person(organization, Role.OPERATOR))
    with tenant(organization.pk):
        assert MappingVersion.objects.count() == 1
    # Whoever works alone cannot do without the other one for a while.
    Organization.objects.filter(pk=organization.pk).update(second_person_maps=False)
    refuses("mapping_own_draft", approve, organization, found, owner)
    assert approve(organization, found, other).approved_by == other.email


def test_nobody_approves_what_they_have_not_seen(organization):
    owner = person(organization)
    found = draft(organization, (ONE, ["A"], None))
    seen = standing(organization).digest()
    draft(organization, (ONE, ["B"], None))
    wish = {"organization": organization, "draft_id": found.pk, "actor": owner}
    refuses("mapping_draft_changed", approve_draft, seen=seen, **wish)
    assert standing(organization).draft is not None
    assert approve(organization, found, owner).number == 2


def test_the_maker_of_a_key_is_no_second_person_for_what_it_changed(organization):
    Organization.objects.filter(pk=organization.pk).update(second_person_maps=True)
    maker, other = person(organization), person(organization, Role.ADMIN)
    found = draft(organization, (ONE, ["A"], None), by="key mlc_abcdefgh", made_for=[maker.email])
    assert standing(organization).changes[ONE].changed_by == [maker.email, "key mlc_abcdefgh"]
    refuses("mapping_own_draft", approve, organization, found, maker)
    assert approve(organization, found, other).approved_by == other.email
