"""Only what differs is sent, with its full value; what vanished is sent as zero."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.amounts import is_zero, same_values
from integrations.pipeline.changes import compare, digest
from integrations.pipeline.frames import cells_of, frames_of
from tests.integrations.pipeline.samples import quick, sorted_cells


def changes(wanted, held, size=4_096):
    """The cells that are due and those that are held already."""
    found = list(compare(frames_of(wanted, size), frames_of(held)))
    return list(cells_of(c.due for c in found)), list(cells_of(c.same for c in found))


def test_each_kind_of_change():
    wanted = [("a", ("1.00",), 1), ("b", ("2.00",), 3), ("d", ("4",), 1)]
    held = [("a", ("1.0",), 9), ("b", ("2.01",), 9), ("c", ("3",), 9)]
    assert changes(wanted, held) == (
        [("b", ("2.00",), 3), ("c", ("0",), 0), ("d", ("4",), 1)],
        [("a", ("1.00",), 1)],
    )


def test_a_vanished_cell_whose_zero_was_sent_is_done():
    assert changes([], [("a", ("0", "0.00"), 0)]) == ([], [])
    assert changes([], [("a", ("0", "0.01"), 0)]) == ([("a", ("0", "0"), 0)], [])


def test_a_new_cell_of_zero_is_still_new():
    assert changes([("a", ("0.00",), 1)], []) == ([("a", ("0.00",), 1)], [])


def test_two_measures_that_swap_are_a_change():
    wanted = [("a", ("1", "2"), 1)]
    assert changes(wanted, [("a", ("2", "1"), 1)]) == (wanted, [])


def named(cells):
    """The digest of cells."""
    return digest(frames_of(cells))


def test_the_digest_knows_numbers_and_keys():
    cells = [("a", ("1.50", "0"), 1), ("b", ("-2", "0.00"), 4)]
    assert named(cells) == named([("a", ("1.5", "0.0"), 7), ("b", ("-2.000", "0"), 1)])
    assert named(cells) != named([("a", ("1.51", "0"), 1), ("b", ("-2", "0"), 4)])
    assert named(cells) != named(cells[:1])
    assert named([("a", ("1",), 1), ("b", ("2",), 1)]) != named(
        [("a", ("2",), 1), ("b", ("1",), 1)]
    )
    assert len(named([])) == 64


@quick
@given(sorted_cells(), sorted_cells(), st.integers(1, 9))
def test_the_changes_applied_to_the_held_cells_give_the_wanted_ones(wanted, held, size):
    due, same = changes(wanted, held, size)
    now = {key: values for key, values, _ in held} | {key: values for key, values, _ in due}
    left = {key: values for key, values in now.items() if not all(map(is_zero, values))}
    full = {key: values for key, values, _ in wanted if not all(map(is_zero, values))}
    assert left.keys() == full.keys()
    assert all(same_values(left[key], full[key]) for key in full)
    assert sum(rows > 0 for *_, rows in due) + len(same) == len(wanted)
    assert [key for key, *_ in due] == sorted(key for key, *_ in due)


@quick
@given(sorted_cells())
def test_twice_is_as_good_as_once(cells):
    assert changes(cells, cells) == ([], cells)
