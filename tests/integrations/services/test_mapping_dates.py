"""From which period a draft counts: the last word holds, and no change is lost by it."""

from decimal import Decimal

import pytest

from accounts.errors import Refused
from audit.tenancy import tenant
from integrations.pipeline.mapping_changes import KeyChange, Part, same_parts
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.drafts import read_standing
from integrations.services.mapping_dates import count_from
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mappings import approve_rules
from integrations.services.organizations import create_organization
from tests.names import unique

HALF = Decimal("0.5")
MOVED, SPLIT, GONE, NEW, ENDS = (
    RuleKey("cost_center", "", "exact", code, "") for code in ("100", "200", "300", "400", "500")
)
WANTED = {
    MOVED: (Part("NEXT"),),
    SPLIT: (Part("OLD", HALF), Part("NEXT", HALF)),
    GONE: (),
    NEW: (Part("FIRST", valid_to=202609), Part("THEN", valid_from=202610)),
    ENDS: (Part("OLD", valid_from=202607), Part("NEXT", valid_to=202606)),
}


@pytest.fixture
def organization(engines):
    """Five cost centers; the first has another member since February."""
    found = create_organization(name="Dated", slug=unique("dated"))
    rules = [
        Rule("cost_center", "100", "FORMER", valid_to=202601),
        Rule("cost_center", "100", "OLD", valid_from=202602),
        *(Rule("cost_center", key.code, "OLD") for key in (SPLIT, GONE, ENDS)),
    ]
    approve_rules(organization=found, rules=rules, requested_by="test")
    return found


def draft(organization, *keys):
    wishes = [Wish(KeyChange(key, WANTED[key])) for key in keys]
    change_draft(organization=organization, wishes=wishes, requested_by="test")


def date(organization, *periods):
    for period in periods:
        count_from(organization=organization, period=period, requested_by="test")


def drafted(organization):
    with tenant(organization.pk):
        standing = read_standing(organization)
        return {key: standing.parts(key) for key in standing.changes}


@pytest.mark.parametrize("before", [(), (202607,), (202601, 202609)])
def test_the_last_period_holds_whether_it_is_earlier_or_later(organization, before):
    draft(organization, MOVED, SPLIT, GONE, NEW)
    date(organization, *before, 202604)
    wanted = {
        MOVED: (
            Part("FORMER", valid_to=202601), Part("OLD", HALF * 2, 202602, 202603),
            Part("NEXT", valid_from=202604),
        ),
        SPLIT: (
            Part("OLD", valid_to=202603), Part("OLD", HALF, 202604), Part("NEXT", HALF, 202604),
        ),
        GONE: (Part("OLD", valid_to=202603),),
        NEW: (Part("FIRST", HALF * 2, 202604, 202609), Part("THEN", valid_from=202610)),
    }  # fmt: skip
    found = drafted(organization)
    assert found.keys() == wanted.keys()
    assert [key for key in wanted if not same_parts(found[key], wanted[key])] == []


@pytest.mark.parametrize(("period", "ended"), [(202607, [ENDS]), (202610, [ENDS, NEW])])
def test_a_change_that_would_be_lost_is_named_and_the_draft_stays(organization, period, ended):
    draft(organization, MOVED, ENDS, NEW)
    before = drafted(organization)
    with pytest.raises(Refused) as refused:
        date(organization, period)
    assert (refused.value.code, refused.value.facts["keys"]) == (
        "mapping_change_ended",
        ", ".join(f"cost_center {key.code}" for key in ended),
    )
    assert drafted(organization) == before


def test_what_ends_with_the_period_still_counts_for_it(organization):
    draft(organization, ENDS)
    date(organization, 202606, 202605, 202606)
    nearly = (Part("OLD", valid_to=202605), Part("NEXT", HALF * 2, 202606, 202606))
    assert same_parts(drafted(organization)[ENDS], (*nearly, WANTED[ENDS][0]))


def test_a_removal_of_what_has_ended_by_then_is_not_lost(organization):
    approve_rules(
        organization=organization,
        rules=[Rule("cost_center", "300", "OLD", valid_to=202606)],
        requested_by="test",
    )
    draft(organization, GONE)
    with pytest.raises(Refused, match="cost_center 300"):
        date(organization, 202607)
    assert drafted(organization) == {GONE: ()}
