"""The proof: every cell compared, every sum exact, no difference lost."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline import places
from integrations.pipeline.frames import frames_of
from integrations.pipeline.tieout import CellDifference, Line, Place, place_of, tie_out
from tests.integrations.pipeline.samples import HEADERS, amounts, layout, naive_sum, quick

FORM = layout(("Entity", "Account", "Cost Center", "Time", "Currency", "Debit", "Credit"))
PLACE = Place("E_1", "Nov 26", "A_1", "USD")


def cell(center, *values, account="A_1", rows=1):
    """A cell of one cost center."""
    return f"E_1,{account},{center},Nov 26,USD", values or ("1.00", "0"), rows


def compared(source, sent, target, form=FORM, **options):
    """The tie-out of three lists of cells."""
    streams = (
        frames_of(cells, size)
        for cells, size in zip((source, sent, target), (2, 3, 9), strict=True)
    )
    return tie_out(*streams, form, **options)


def test_three_that_agree():
    cells = [cell("C1", "1.10", "0", rows=2), cell("C2", "0", "2.00"), cell("C1", account="A_2")]
    result = compared(cells, cells, cells)
    assert result.agrees
    assert result.differences == []
    assert result.cells == 3
    assert result.lines == {
        PLACE: Line(("1.10", "2.00"), ("1.10", "2.00"), ("1.10", "2.00"), 2, 0, 3),
        PLACE._replace(account="A_2"): Line(("1.00", "0"), ("1.00", "0"), ("1.00", "0"), 1, 0, 1),
    }


def test_other_texts_of_the_same_numbers_agree():
    result = compared(
        [cell("C", "1.10", "0.00")], [cell("C", "1.1", "0")], [cell("C", "1.100", "-0")]
    )
    assert result.agrees
    assert result.lines[PLACE].target == ("1.10", "0.00")


def test_two_swapped_cells_differ_although_their_sums_agree():
    source = [cell("C1", "1", "0"), cell("C2", "2", "0")]
    target = [cell("C1", "2", "0"), cell("C2", "1", "0")]
    result = compared(source, source, target)
    assert not result.agrees
    assert [difference.key for difference in result.differences] == [source[0][0], source[1][0]]
    line = result.lines[PLACE]
    assert (line.source, line.target, line.differing) == (("3", "0"), ("3", "0"), 2)


def test_a_cent_is_a_difference():
    result = compared([cell("C", "1.00", "0")], [cell("C", "1.00", "0")], [cell("C", "1.01", "0")])
    assert result.differences == [
        CellDifference(cell("C")[0], ("1.00", "0"), ("1.00", "0"), ("1.01", "0"))
    ]


def test_debit_for_credit_is_a_difference():
    result = compared([cell("C", "5", "5")], [cell("C", "5", "5")], [cell("C", "0", "0")])
    assert result.difference_count == 1


def test_a_cell_that_one_lacks_counts_as_zero():
    result = compared([cell("C1"), cell("C2", "0.00", "0")], [cell("C1")], [cell("C3", "0", "-0")])
    assert result.differences == [CellDifference(cell("C1")[0], ("1.00", "0"), ("1.00", "0"), None)]
    assert result.cells == 3
    assert result.lines[PLACE].source == ("1.00", "0")
    assert result.lines[PLACE].target == ("0", "0")


def test_a_cell_that_only_anaplan_has_is_named():
    result = compared([], [], [cell("C9", "7", "0")])
    assert result.differences == [CellDifference(cell("C9")[0], None, None, ("7", "0"))]


def test_all_differences_are_handed_on_and_the_first_are_kept():
    seen = []
    cells = [cell(f"C{n}") for n in range(5)]
    result = compared(cells, cells, [], keep=2, on_difference=seen.append)
    assert [difference.key for difference in seen] == [key for key, _, _ in cells]
    assert result.differences == seen[:2]
    assert result.difference_count == 5


def test_nothing_agrees_with_nothing():
    result = compared([], [], [])
    assert result.agrees
    assert (result.cells, result.lines) == (0, {})


def test_a_place_is_read_from_a_quoted_key():
    form = layout(("Time", "Account", "Entity", "Net"))
    key = form.key({"period": "Nov 26", "gl_account": 'Rent, "old"', "entity": "E"})
    assert place_of(key, form) == Place("E", "Nov 26", 'Rent, "old"', "")
    cells = [(key, ("1",), 1)]
    assert compared(cells, cells, cells, form).lines[Place("E", "Nov 26", 'Rent, "old"', "")]


def test_quoted_cost_centers_stay_at_their_place():
    keys = [
        FORM.key(dict(zip(FORM.dimensions, ("E_1", "A_1", center, "Nov 26", "USD"), strict=True)))
        for center in ("C1", "x,Nov 26,USD", "C3", 'q"')
    ]
    cells = [(key, ("1", "0"), 1) for key in sorted(keys)]
    assert {place: line.cells for place, line in compared(cells, cells, cells).lines.items()} == {
        PLACE: 4
    }


@pytest.mark.parametrize("many_runs", [0, 64])
@pytest.mark.parametrize("first", ["Account", "Cost Center", "Currency"])
def test_cells_find_their_place_in_any_order_of_columns(first, many_runs, monkeypatch):
    monkeypatch.setattr(places, "MANY_RUNS", many_runs)
    headers = (first, *(header for header in HEADERS if header != first))
    form = layout(headers)
    cells = sorted(
        (
            form.key(
                {
                    "entity": "E",
                    "gl_account": f"A{account}",
                    "cost_center": f"C{center}",
                    "period": "P",
                    "currency": currency,
                }
            ),
            (f"{account}.{center}", "0", f"-{account}"),
            1,
        )
        for account in range(4)
        for center in range(7)
        for currency in ("EUR", "USD")
    )
    result = compared(cells, cells, cells, form)
    assert result.cells == 56
    assert len(result.lines) == 8
    assert result.lines[Place("E", "P", "A3", "EUR")] == Line(
        *[("23.1", "0", "-21")] * 3, cells=7, differing=0, rows=7
    )


ACCOUNTS = st.sampled_from(["A,1", "A2", "A3"])
CENTERS = st.sampled_from(["C1", "C2", 'C"3', ""])
SIDE = st.dictionaries(
    st.tuples(ACCOUNTS, CENTERS), st.tuples(amounts(), st.sampled_from(["0", "1", "1.0"]))
)


def stream(side):
    """The sorted cells of a dictionary."""
    names = ("entity", "gl_account", "cost_center", "period", "currency")
    return sorted(
        (FORM.key(dict(zip(names, ("E", account, center, "P", "USD"), strict=True))), values, 1)
        for (account, center), values in side.items()
    )


@quick
@given(SIDE, SIDE, SIDE, st.booleans())
def test_sums_and_differences_are_those_of_the_cells(source, sent, target, is_same):
    sides = [source, source, source] if is_same else [source, sent, target]
    result = compared(*map(stream, sides))
    zero = (Decimal(0), Decimal(0))
    differing = {
        key
        for key in set().union(*sides)
        if len({tuple(map(Decimal, side.get(key, ("0", "0")))) if key in side else zero
                for side in sides}) > 1
    }  # fmt: skip
    assert {FORM.members(d.key)[1:3] for d in result.differences} == differing
    assert result.difference_count == len(differing)
    expected = defaultdict(lambda: [[[], []], [[], []], [[], []]])
    for index, side in enumerate(sides):
        for (account, _), values in side.items():
            for measure in (0, 1):
                expected[account][index][measure].append(values[measure])
    assert {place.account for place in result.lines} == expected.keys()
    for place, line in result.lines.items():
        for index, sums in enumerate((line.source, line.sent, line.target)):
            assert [Decimal(text) for text in sums] == [
                naive_sum(texts) for texts in expected[place.account][index]
            ]
