"""What a change of one key leaves of the others, and of other periods."""

from decimal import Decimal

import pytest

from accounts.errors import Refused
from audit.tenancy import tenant
from integrations.models import MappingVersion
from integrations.pipeline.rules import WHOLE, Rule, RuleKey
from integrations.selectors.mappings import read_rules
from integrations.services.mappings import approve_rules, set_members
from integrations.services.organizations import create_organization
from tests.names import unique

HALF = Decimal("0.5")
KEY = RuleKey("cost_center", "", "exact", "100", "")
OTHER = Rule("cost_center", "1", "CC_OTHER", "prefix")


@pytest.fixture
def organization(engines):
    return create_organization(name="Mapped", slug=unique("mapped"))


def rule(member, valid_from=None, valid_to=None, weight=WHOLE):
    return Rule(
        "cost_center", "100", member, weight=weight, valid_from=valid_from, valid_to=valid_to
    )


def test_members_of_a_stretch_leave_other_periods_and_keys_as_they_were(organization):
    def put(members, valid_from=None, valid_to=None):
        version = set_members(
            organization=organization, key=KEY, members=members, valid_from=valid_from,
            valid_to=valid_to, requested_by="test",
        )  # fmt: skip
        with tenant(organization.pk):
            return read_rules(version)

    approve_rules(organization=organization, rules=[rule("OLD"), OTHER], requested_by="test")
    split = [rule("A", 202601, weight=HALF), rule("B", 202601, weight=HALF)]
    assert put([("A", HALF), ("B", HALF)], 202601) == [*split, rule("OLD", None, 202599), OTHER]
    assert put([("C", WHOLE)], 202603, 202612) == [
        rule("C", 202603, 202612),
        rule("A", 202601, 202602, HALF), rule("A", 202613, None, HALF),
        rule("B", 202601, 202602, HALF), rule("B", 202613, None, HALF),
        rule("OLD", None, 202599), OTHER,
    ]  # fmt: skip
    assert put([("D", WHOLE)]) == [rule("D"), OTHER]


def test_a_set_that_is_not_clear_is_refused_and_no_version_is_made(organization):
    with pytest.raises(Refused) as refused:
        approve_rules(
            organization=organization, rules=[rule("A", weight=HALF)], requested_by="test"
        )
    assert refused.value.code == "mapping_weights_wrong"
    with tenant(organization.pk):
        assert not MappingVersion.objects.exists()
