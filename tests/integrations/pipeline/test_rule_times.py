"""Who takes a key when: stretches join without a gap, at the turn of a year too."""

from decimal import Decimal

import pytest

from integrations.pipeline.mapping_changes import KeyChange, Part, set_between
from integrations.pipeline.rule_checks import find_trouble
from integrations.pipeline.rule_times import stretches
from integrations.pipeline.rules import WHOLE, RuleKey

KEY = RuleKey("cost_center", "", "exact", "100", "")


@pytest.mark.parametrize(
    ("first", "until", "since"),
    [(202701, "the end of 2026", "2027/01"), (202613, "2026/12", "2026/13")],
)
def test_a_change_from_a_period_on_makes_two_stretches(first, until, since):
    parts = set_between((Part("OLD"),), [("NEW", WHOLE)], first)
    found = [(stretch.when, stretch.who) for stretch in stretches(parts)]
    assert found == [(f"To {until}", "OLD"), (f"From {since} on", "NEW")]


def test_one_part_of_a_split_may_change_hands_at_the_turn_of_a_year():
    most, rest = Decimal("0.6"), Decimal("0.4")
    parts = (Part("OLD", most, None, 202699), Part("NEW", most, 202701), Part("SAME", rest))
    assert find_trouble(KeyChange(KEY, parts).rules()) is None
    gap = (Part("OLD", most, None, 202698), *parts[1:])
    trouble = find_trouble(KeyChange(KEY, gap).rules())
    assert trouble is not None
    assert (trouble.code, trouble.facts["when"]) == ("mapping_weights_wrong", " from 202699")
