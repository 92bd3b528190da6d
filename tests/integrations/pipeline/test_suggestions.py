"""Which member is suggested for a code, how surely and why; and where nothing is guessed."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.suggestions import Code, Member, Suggestion, suggest
from tests.integrations.pipeline.samples import quick


def found(codes, members, known=(), least=50):
    """What is suggested for each code: the member, the score and the reason."""
    given_codes = [Code(*code) if isinstance(code, tuple) else Code(code) for code in codes]
    given_members = [Member(*item) if isinstance(item, tuple) else Member(item) for item in members]
    result = suggest(given_codes, given_members, dict(known), least)
    return {item.code: (item.member, item.score, item.reason) for item in result}


def names(*pairs, **options):
    """What is suggested for names of codes among names of members, each without any code."""
    codes, members = pairs
    result = found([(f"{n}", name) for n, name in enumerate(codes)], members, **options)
    return {codes[int(code)]: rest for code, rest in result.items()}


def test_a_member_that_carries_the_code_is_the_same_however_it_is_written():
    assert found(["6100", "cc 7", "0042"], ["6100", "CC-07", "42", "99"]) == {
        "6100": ("6100", 100, "same code"),
        "cc 7": ("CC-07", 100, "same code"),
        "0042": ("42", 100, "same code"),
    }
    assert found(["1-11", "110"], ["11-1", "1-10"]) == {}
    assert found(["X1"], [("Cash", "X1", "Cash")]) == {"X1": ("Cash", 100, "same code")}


def test_a_suggested_member_comes_with_its_name():
    members = [Member("X1", "X1", "Cash"), Member("X2", "X2", "Rent"), Member("3")]
    codes = [Code("X1"), Code("9", "Rent"), Code("3")]
    assert {found.code: found.name for found in suggest(codes, members, {})} == {
        "X1": "Cash", "9": "Rent", "3": "",
    }  # fmt: skip


def test_an_affix_is_learned_from_mapped_codes_and_from_the_list():
    one = {"1000": "A_1000"}
    assert found(["1010"], ["A_1000", "A_1010", "B_1010"], one) == {
        "1010": ("A_1010", 100, "same code as A_…")
    }
    assert found(["1010", "1020"], ["1000 Cash", "1010 Bank"], {"1000": "1000 Cash"}) == {
        "1010": ("1010 Bank", 100, "same code")
    }
    assert found(["4100"], ["104100", "104000"], {"4000": "104000"})["4100"][1] == 100
    listed = [f"A_{code}" for code in range(1000, 1030, 10)]
    assert found(["1000", "1010", "1020", "9"], listed) == {
        f"{code}": (f"A_{code}", 100, "same code as A_…") for code in (1000, 1010, 1020)
    }
    assert found(["1000", "1010"], listed) == {}


def test_mapped_codes_speak_against_an_affix_too():
    listed = [f"A_{code}" for code in range(1000, 1060, 10)]
    codes = [text.removeprefix("A_") for text in listed]
    other = dict.fromkeys(codes[:3], "Other")
    assert found(codes, [*listed, "Other"], other) == {}
    assert len(found(codes, [*listed, "Other"], {codes[0]: "Other"})) == 5
    assert found([*codes, *map(str, range(20))], [*listed, "Other"], {codes[0]: "Other"}) == {}


def test_numbers_that_are_no_codes_teach_no_affix():
    years = ["Sales 2024", "Sales 2025", "Sales 2026"]
    accounts = [("2024", "Accruals"), ("2025", "Deposits"), ("2026", "Leases"), ("2000", "Loans")]
    others = [(f"{code}", "Other") for code in range(7000, 7060)]
    assert found([*accounts, *others[:9]], years) == {}
    assert found([*map(str, range(2000, 2070))], years) == {}
    centers = [("1", "Corporate"), ("2", "Inventory"), ("3", "Quality")]
    plants = [f"Plant {n}" for n in "123"]
    carried = [(f"CC_{code}", f"CC_{code}", name) for code, name in centers]
    assert found(centers, plants) == {}
    assert found(centers, [*plants, *carried]) == {
        code: (f"CC_{code}", 100, "same code as CC_…") for code in "123"
    }


def test_a_code_that_two_members_carry_is_carried_by_none():
    assert found(["0100"], ["100", "00100"]) == {}
    assert found(["0100", "00100"], ["100"]) == {}
    assert found(["100", "0100"], ["100"]) == {"100": ("100", 100, "same code")}
    assert found(["1", "2"], [("1", "2")]) == {}
    assert found(["A_1", "B 2"], [("A_1", "B-2")]) == {"A_1": ("A_1", 100, "same code")}
    assert found(["1"], ["A_1", "B_1", "A_2", "B_3"], {"2": "A_2", "3": "B_3"}) == {}
    assert found(["1"], ["1", "A_1", "A_2"], {"2": "A_2"})["1"][0] == "A_1"
    listed = ["A_1000", "A_1010", "A_1020", "B_1010"]
    assert found(["1000", "1010", "1020"], listed)["1010"][0] == "A_1010"


def test_a_list_that_was_numbered_anew_has_no_same_codes():
    words = ("Cash", "Rent", "Sales", "Loans", "Taxes", "Fleet")
    moved = [(f"{1001 + n}", f"{1001 + n}", name) for n, name in enumerate(words)]
    codes = [(f"{1000 + n}", name) for n, name in enumerate(words)]
    more = [(f"{9000 + n}", f"Account with the name {chr(97 + n)}x") for n in range(6)]
    assert found([*codes, *more], moved) == {
        f"{1000 + n}": (f"{1001 + n}", 95, "name 100 %") for n in range(6)
    }


def test_names_are_alike_in_any_order_and_with_the_usual_abbreviations():
    members = [
        "Accumulated depreciation: buildings", "Trade accounts payable", "Research & Development",
        "Marketing department", "Manufacturing overhead", "Work in process", "Café",
    ]  # fmt: skip
    codes = [
        "Bldgs - Accum Depr", "A/P Trade", "R&D", "Mktg Dept", "MFG Ovhd", "WIP", "CAFE",
        "Salaries",
    ]  # fmt: skip
    assert names(codes, members) == {
        code: (member, 95, "name 100 %") for code, member in zip(codes, members, strict=False)
    }


def test_a_name_that_is_not_quite_the_same_is_less_sure():
    assert names(["Utilites", "Rent", "Fees"], ["Utilities", "Rent expense", "Travel"]) == {
        "Utilites": ("Utilities", 80, "name 85 %"),
        "Rent": ("Rent expense", 78, "name 83 %"),
    }
    long = "Selling general legal audit freight "
    assert names([f"{long} utilites"], [f"{long} utilities"]) == {
        f"{long} utilites": (f"{long} utilities", 89, "name 97 %")
    }
    assert names(["Cash", "Rent"], ["5000 Cash", "6000 Rent"]) == {
        "Cash": ("5000 Cash", 95, "name 100 %"),
        "Rent": ("6000 Rent", 95, "name 100 %"),
    }


def test_the_best_of_very_many_names_is_found():
    members = [(f"{n}", "", f"Travel {chr(97 + n)}broad") for n in range(26)]
    assert found([("x", "Travel")], [*members, ("z", "", "Travel")]) == {
        "x": ("z", 95, "name 100 %")
    }


def test_what_tells_two_things_apart_is_never_overlooked():
    assert names(["Plant 1", "Plant 01", "Line A"], ["Plant 2", "Line B"]) == {}
    assert names(["Sales 2025", "Plant II"], ["Sales 2026", "Plant 2"]) == {
        "Plant II": ("Plant 2", 95, "name 100 %")
    }
    assert names(["Plant 1 Paint Line"], ["Plant 2 Paint Line"]) == {}
    assert names(["Assembly Line Cleaning"], ["Assembly Line Painting"]) == {}
    assert names(["Northeast Division"], ["Northwest Division"]) == {}
    assert names(["Interest income", "Due to Acme"], ["Interest expense", "Due from Acme"]) == {}
    assert names(
        ["Sales Austria", "Sales Australia", "Rent"], ["Sales Australia", "Retirement"]
    ) == {"Sales Australia": ("Sales Australia", 95, "name 100 %")}


def test_nothing_is_guessed_between_two_that_are_as_good():
    assert names(["Salaries"], ["Salaries Berlin", "Salaries Boston"]) == {}
    assert names(["Salaries"], ["Salaries Berlin"])["Salaries"][0] == "Salaries Berlin"
    assert names(["Travel abroad"], ["Travel abroad cost", "Travel abroad cost fee"]) == {
        "Travel abroad": ("Travel abroad cost", 79, "name 90 %")
    }
    assert found([("1", "Rent"), ("2", "Rent")], ["Rent"]) == dict.fromkeys(
        "12", ("Rent", 85, "name 100 %")
    )
    twice = [("A", "", "Salaries", "Sales"), ("B", "", "Salaries", "Plant")]
    assert found([("1", "Salaries")], twice) == {}
    assert found([("1", "Salaries", "Plant")], twice) == {"1": ("B", 99, "name 100 %, same parent")}


def test_a_member_with_anothers_code_is_taken_for_an_equal_name_alone():
    codes = [("1000", "Travel"), ("1001", "Travel"), ("1002", "Travel abroad")]
    assert found(codes, [("1000", "1000", "Travel")]) == {
        "1000": ("1000", 100, "same code"),
        "1001": ("1000", 75, "name 100 %"),
    }


def test_the_parent_of_mapped_siblings_strengthens_a_name_and_is_weak_alone():
    codes = [
        (f"{n}", name, "OPEX") for n, name in enumerate(["x", "y", "Rent Bldg", "", "Lawyers"])
    ]
    siblings = [("X", "", "X", "Costs"), ("Y", "", "Y", "Costs")]
    rent, known = ("R", "", "Rent", "Costs"), {"0": "X", "1": "Y"}
    assert found(codes, [*siblings, rent], known) == {
        "2": ("R", 65, "name 66 %, same parent"),
        "3": ("R", 50, "same parent"),
    }
    assert found(codes, [*siblings, rent], known, least=0)["4"] == ("R", 35, "same parent")
    assert found(codes[:4], [*siblings, rent, ("F", "", "Fleet", "Costs")], known).keys() == {"2"}
    elsewhere = [*siblings, ("R", "", "Rent", "Revenue")]
    assert found(codes, elsewhere, known) == {"2": ("R", 53, "name 66 %")}
    alone = {"2": ("R", 61, "name 66 %")}
    assert found(codes, [*siblings, rent], {"0": "X"}) == alone
    assert found(codes, [siblings[0], ("Y", "", "Y", "Revenue"), rent], known) == alone


WORDS = st.sampled_from(
    ["Cash", "Rent", "Sales", "Tax", "Plant", "Dept", "Depr", "Line", "1", "2", "A"]
)
NAMES = st.lists(WORDS, max_size=4).map(" ".join)
TEXTS = st.one_of(NAMES, st.from_regex(r"(A_|CC-)?0?[1-9]{1,2}", fullmatch=True)).filter(bool)
CODES = st.lists(st.builds(Code, TEXTS, NAMES, st.sampled_from(["", "P", "Q"])), max_size=8)
MEMBERS = st.lists(st.builds(Member, TEXTS, TEXTS, NAMES, st.sampled_from(["", "P"])), max_size=8)


@quick
@given(CODES, MEMBERS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.integers(0, 100), st.randoms())
def test_order_changes_nothing_and_each_code_has_one_member_at_most(
    codes, members, known, least, order
):
    first = suggest(codes, members, known, least)
    order.shuffle(codes)
    order.shuffle(members)
    assert suggest(codes, members, dict(reversed(known.items())), least) == first
    assert first == sorted(first, key=lambda item: (-item.score, item.code))
    assert len({item.code for item in first} - known.keys()) == len(first)
    assert all(least <= item.score <= 100 for item in first)
    assert {item.member for item in first} <= {member.text for member in members}
    assert first == [item for item in suggest(codes, members, known, 0) if item.score >= least]


@quick
@given(
    st.lists(st.from_regex(r"[1-9][0-9]{3}", fullmatch=True), min_size=2, max_size=9, unique=True),
    st.from_regex(r"[A-Z]{1,3}[-_ ]?", fullmatch=True),
    st.sampled_from(["", "-X", "_EU"]),
    st.lists(NAMES, max_size=3),
)
def test_a_code_whose_member_has_a_learned_affix_is_always_the_same(codes, before, after, others):
    members = {code: f"{before}{code}{after}" for code in codes}
    known = {codes[0]: members[codes[0]]}
    assert suggest(
        [Code(code, "Cash") for code in codes],
        [Member(text) for text in [*members.values(), *filter(None, others)]],
        known,
    ) == [
        Suggestion(code, members[code], 100, f"same code as {before}…{after}")
        for code in sorted(codes[1:])
    ]
