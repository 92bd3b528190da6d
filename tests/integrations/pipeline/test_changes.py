"""Only what differs is sent, with its full value; what vanished is sent as zero."""

import pytest
from hypothesis import given

from integrations.pipeline.amounts import is_zero, same_values
from integrations.pipeline.changes import Change, compare, digest
from tests.integrations.pipeline.samples import quick, sorted_cells


def changes(wanted, held):
    """All changes as a list."""
    return list(compare(iter(wanted), iter(held)))


def test_each_kind_of_change():
    wanted = [("a", ("1.00",), 1), ("b", ("2.00",), 3), ("d", ("4",), 1)]
    held = [("a", ("1.0",), 9), ("b", ("2.01",), 9), ("c", ("3",), 9)]
    assert changes(wanted, held) == [
        Change("a", ("1.00",), 1, "same", ("1.0",)),
        Change("b", ("2.00",), 3, "changed", ("2.01",)),
        Change("c", ("0",), 0, "vanished", ("3",)),
        Change("d", ("4",), 1, "new", None),
    ]


def test_a_vanished_cell_whose_zero_was_sent_is_done():
    assert changes([], [("a", ("0", "0.00"), 0)]) == []
    assert [c.kind for c in changes([], [("a", ("0", "0.01"), 0)])] == ["vanished"]


def test_a_new_cell_of_zero_is_still_new():
    assert [c.kind for c in changes([("a", ("0.00",), 1)], [])] == ["new"]


def test_two_measures_that_swap_are_a_change():
    assert [c.kind for c in changes([("a", ("1", "2"), 1)], [("a", ("2", "1"), 1)])] == ["changed"]


def test_wanted_cells_out_of_order_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        changes([("b", ("1",), 1), ("a", ("1",), 1)], [])


def test_the_digest_knows_numbers_and_keys():
    cells = [("a", ("1.50", "0"), 1), ("b", ("-2", "0.00"), 4)]
    assert digest(cells) == digest([("a", ("1.5", "0.0"), 7), ("b", ("-2.000", "0"), 1)])
    assert digest(cells) != digest([("a", ("1.51", "0"), 1), ("b", ("-2", "0"), 4)])
    assert digest(cells) != digest(cells[:1])
    assert digest([("a", ("1",), 1), ("b", ("2",), 1)]) != digest(
        [("a", ("2",), 1), ("b", ("1",), 1)]
    )
    assert len(digest([])) == 64


@quick
@given(sorted_cells(), sorted_cells())
def test_the_changes_applied_to_the_held_cells_give_the_wanted_ones(wanted, held):
    now = {key: values for key, values, _ in held}
    found = changes(wanted, held)
    for change in found:
        if change.kind != "same":
            now[change.key] = change.values
    left = {key: values for key, values in now.items() if not all(map(is_zero, values))}
    due = {key: values for key, values, _ in wanted if not all(map(is_zero, values))}
    assert left.keys() == due.keys()
    assert all(same_values(left[key], due[key]) for key in due)
    assert sum(change.kind != "vanished" for change in found) == len(wanted)


@quick
@given(sorted_cells())
def test_twice_is_as_good_as_once(cells):
    assert {change.kind for change in changes(cells, cells)} <= {"same"}
