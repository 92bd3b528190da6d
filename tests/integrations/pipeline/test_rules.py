"""Which rule holds a code, where and when; and what a clear set of rules is."""

from decimal import Decimal
from itertools import permutations, product
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Refused
from integrations.pipeline.ranges import RangeIndex, holds
from integrations.pipeline.rule_checks import find_trouble
from integrations.pipeline.rules import Rule
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import in_force, layout, quick, table


def rule(code, member="A", kind="exact", **fields):
    return Rule("gl_account", code, member, kind, **fields)


def member(rules, code, **place):
    return in_force(rules, **place).member("gl_account", code)


def test_members_by_code():
    rules = in_force()
    assert rules.member("gl_account", "6100") == "A_6100"
    assert rules.member("gl_account", "9999") is None
    assert table().members("cost_center") == {"CC_1", "CC_2", "CC_NONE"}
    assert table().members("version") == frozenset()


def test_members_of_suspense_are_used_members_too():
    assert table([rule("1", "A")], suspense={"gl_account": "S"}).members("gl_account") == {"A", "S"}


ORDER = [
    rule("6100", "EXACT"),
    rule("610", "LONG", "prefix"),
    rule("6", "SHORT", "prefix"),
    rule("6100", "NARROW", "range", code_to="6199"),
    rule("6000", "WIDE", "range", code_to="7999"),
    rule("", "REST", "default"),
]


@pytest.mark.parametrize("rules", [ORDER, ORDER[::-1]])
def test_exact_wins_over_prefix_over_range_over_default_wherever_they_stand(rules):
    found = {code: member(rules, code) for code in ("6100", "6101", "6200", "7200", "", "72000")}
    assert found == {
        "6100": "EXACT", "6101": "LONG", "6200": "SHORT", "7200": "WIDE", "": "REST",
        "72000": "REST",
    }  # fmt: skip
    ranges = [item for item in rules if item.kind == "range"]
    assert [member(ranges, code) for code in ("6150", "6200", "8000")] == ["NARROW", "WIDE", None]


def test_equally_wide_ranges_go_by_their_order_and_text_ranges_by_what_lies_inside():
    one, other = (rule(a, a, "range", code_to=b) for a, b in (("10", "19"), ("15", "24")))
    assert member([one, other], "17") == "10"
    assert member([other, one], "17") == "15"
    inside, outside = (rule(a, a, "range", code_to=b) for a, b in (("A10", "A19"), ("A1", "A9")))
    assert {member(order, "A15") for order in permutations([inside, outside])} == {"A10"}


def test_ranges_compare_numbers_as_numbers_and_all_else_as_text():
    assert [holds("1000", "1999", code) for code in ("1500", "15", "15000", "1A00", "2000")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert [holds("A1", "C", code) for code in ("A1", "B", "C", "C1", "A")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_a_rule_of_the_domain_wins_over_one_for_all():
    rules = [rule("6100", "ALL"), rule("61", "US", "prefix", domain="10USA")]
    assert member(rules, "6100", domain="10USA") == "US"
    assert member(rules, "6100", domain="20EUR") == "ALL"
    assert member(rules, "6200", domain="10USA") is None


def test_a_blank_member_is_no_mapping_whatever_else_would_hold_the_code():
    rules = [rule("6100", ""), rule("", "REST", "default")]
    assert member(rules, "6100") is None
    assert member(rules, "6200") == "REST"


def test_the_rules_of_a_unit_are_those_of_its_own_period():
    rules = [
        rule("1", "OLD", valid_to=202606),
        rule("1", "A", weight=Decimal("0.6"), valid_from=202607),
        rule("1", "B", weight=Decimal("0.4"), valid_from=202607),
    ]
    assert member(rules, "1", period=202606) == "OLD"
    assert member(rules, "1", period=202607) is None
    shares = in_force(rules, period=202607).shares("gl_account", "1")
    assert [(share.member, share.weight) for share in shares] == [
        ("A", Decimal("0.6")), ("B", Decimal("0.4")),
    ]  # fmt: skip
    assert not in_force(rules, period=202606).has_splits()


def test_periods_between_two_dates_share_what_finds_their_codes(monkeypatch):
    dated = [rule("1", "OLD", valid_to=202603), rule("1", "NEW", valid_from=202607)]
    rules = table([*dated, rule("2", "B"), rule("2", "C", domain="10USA")])
    layers = Mock(wraps=RangeIndex)
    monkeypatch.setattr("integrations.pipeline.ranges.RangeIndex", layers)
    places = [(domain, 202600 + month) for month in range(1, 13) for domain in ("10USA", "20EUR")]
    found = [rules.in_force(*place).member("gl_account", "1") for place in places]
    assert found == ["OLD"] * 6 + [None] * 6 + ["NEW"] * 12
    assert rules.in_force("10USA", 202605).member("gl_account", "2") == "C"
    assert layers.call_count == 3 + 1
    assert rules.stretches("gl_account") == [0, 202604, 202607]


DATED = st.lists(
    st.builds(
        lambda code, name, domain, first, last: rule(
            code, name, domain=domain, valid_from=first, valid_to=last
        ),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["", "10USA"]),
        st.sampled_from([None, 202603, 202607]),
        st.sampled_from([None, 202607, 202612]),
    ),
    max_size=6,
)


@quick
@given(DATED)
def test_a_period_has_the_rules_that_count_in_it_whichever_was_asked_for_before(rules):
    dated = table(rules)
    for period in (202602, 202603, 202606, 202607, 202608, 202612, 202701):
        alone = table([item for item in rules if item.is_in_force(period)])
        for place, code in product((("10USA", period), ("20EUR", period)), "12"):
            shares = dated.in_force(*place).shares("gl_account", code)
            expected = alone.in_force(*place).shares("gl_account", code)
            assert shares == expected


def test_a_member_is_quoted_once_for_the_file():
    share = in_force([rule("1", "A,1")]).share("gl_account", "1")
    assert (share.field, share.member) == ('"A,1"', "A,1")


def test_a_dimension_that_the_file_lacks_is_not_quoted():
    form = layout(("Entity", "Account", "Time", "Net"), encoding="ISO-8859-1")
    assert in_force([Rule("cost_center", "1", "€")], form).member("cost_center", "1") == "€"


def test_a_member_that_the_file_cannot_hold_is_refused_at_once():
    with pytest.raises(IntegrationError) as caught:
        table([rule("1", "€")], layout(encoding="ISO-8859-1"))
    assert caught.value.code == "member_not_encodable"


SPLIT = (rule("1", "A", weight=Decimal("0.6")), rule("1", "B", weight=Decimal("0.4")))


@pytest.mark.parametrize(
    "rules",
    [
        SPLIT,
        [rule("1", valid_to=202606), rule("1", "B", valid_from=202607)],
        [rule("1"), rule("1", "B", domain="10USA"), rule("1", "C", "prefix")],
        [rule("10", "A", "range", code_to="19"), rule("15", "B", "range", code_to="24")],
    ],
)
def test_a_clear_set_of_rules_is_no_trouble(rules):
    assert find_trouble(rules) is None


@pytest.mark.parametrize(
    ("rules", "at", "words"),
    [
        ([rule("1"), rule("1", "B")], 1, "gl_account 1 is mapped to “A” and to “B”."),
        ([rule("1"), rule("1", "B", valid_from=202607)], 1, "“A” and to “B” from 202607"),
        ([SPLIT[0], rule("2"), SPLIT[0]._replace(weight=Decimal("0.4"))], 2, "“A” and to “A”"),
        ([*SPLIT, rule("1", "C", weight=Decimal("0.1"))], 2, "add up to 1.1, not to 1"),
        ([SPLIT[0]], 0, "weights of gl_account 1 add up to 0.6, not to 1"),
        ([SPLIT[0], SPLIT[1]._replace(valid_to=202612)], 0, "up to 0.6, not to 1 from 202613"),
        ([rule("1", weight=Decimal(0))], 0, "the weight 0 is not above 0"),
        ([rule("1", weight=Decimal("0.1234567890123"))], 0, "with 12 decimals at most"),
        ([rule("1", "", weight=Decimal("0.5"))], 0, "each part of a split needs a member"),
        (
            [Rule("entity", "1", "E", weight=Decimal("0.5"))],
            0,
            "entity can't be split, only gl_account",
        ),
        ([rule("1", "B", "suffix")], 0, "there is no kind suffix; write exact, prefix"),
        ([rule("", "B", "prefix")], 0, "a prefix needs a code"),
        ([rule("1", "B", "default")], 0, "leave its code blank"),
        ([rule("1", "B", "range")], 0, "a range needs its last code in code_to"),
        ([rule("1", code_to="2")], 0, "only a range has a last code"),
        ([rule("999", "B", "range", code_to="1000")], 0, "ends before it begins"),
        ([rule("1", valid_from=202600)], 0, "202600 is no period; write year and period"),
        ([rule("1", valid_from=202607, valid_to=202606)], 0, "it ends in 202606, before"),
        ([rule("1" * 81)], 0, "code is longer than 80 characters"),
        ([Rule("colour", "1", "A")], 0, "no dimension colour"),
    ],
)
def test_a_set_that_is_not_clear_is_told_with_its_rule(rules, at, words):
    trouble = find_trouble(rules)
    assert trouble.at == at
    assert words in Refused(trouble.code, **trouble.facts).message


RULES = st.lists(
    st.builds(
        lambda kind, code, more, name: rule(
            "" if kind == "default" else code, name, kind,
            code_to=code + more if kind == "range" else "",
        ),
        st.sampled_from(["exact", "prefix", "range", "default"]),
        st.text("12A", min_size=1, max_size=3),
        st.text("12A", max_size=2),
        st.sampled_from(["A", "B", "C"]),
    ),
    max_size=12,
    unique_by=lambda item: item.key,
)  # fmt: skip


@quick
@given(RULES, st.text("12A", max_size=4), st.randoms(use_true_random=False))
def test_the_winner_is_of_the_first_kind_that_holds_and_does_not_hang_on_order(rules, code, random):
    fits = {
        "exact": [item for item in rules if item.kind == "exact" and item.code == code],
        "prefix": [r for r in rules if r.kind == "prefix" and code.startswith(r.code)],
        "range": [r for r in rules if r.kind == "range" and holds(r.code, r.code_to, code)],
        "default": [item for item in rules if item.kind == "default"],
    }
    kinds = [kind for kind, found in fits.items() if found]
    found = member(rules, code)
    assert (found is None) == (not kinds)
    if not kinds:
        return
    fitting = fits[kinds[0]]
    if kinds[0] == "prefix":
        fitting = [max(fitting, key=lambda item: len(item.code))]
    assert found in {item.member for item in fitting}
    if kinds[0] != "range":
        shuffled = rules[:]
        random.shuffle(shuffled)
        assert member(shuffled, code) == found


RANGES = st.lists(
    st.lists(st.text("019A", min_size=1, max_size=3), min_size=2, max_size=2)
    .map(sorted)
    .map(lambda ends: rule(ends[0], "-".join(ends), "range", code_to=ends[1])),
    max_size=9,
    unique_by=lambda item: item.key,
)


@quick
@given(RANGES, st.text("0159A", max_size=4))
def test_the_range_that_wins_is_the_one_that_a_look_at_each_finds(ranges, code):
    def rank(item):
        if item.code.isdigit() and item.code_to.isdigit() and len(item.code) == len(item.code_to):
            return 0, int(item.code_to) - int(item.code), ranges.index(item)
        begins = sorted({other.code for other in ranges}, reverse=True).index(item.code)
        return 1, begins, item.code_to

    holding = [item for item in ranges if holds(item.code, item.code_to, code)]
    winner = min(holding, key=rank, default=None)
    assert member(ranges, code) == (winner.member if winner else None)
