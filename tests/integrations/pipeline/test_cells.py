"""One value per cell, whether it fits into memory or not."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.cells import CellStore, GroupedCells
from integrations.pipeline.frames import cells_of
from tests.integrations.pipeline.samples import cell_lists, quick


def stored(cells, **options):
    """The sorted cells of a store that took them one by one."""
    with CellStore(**options) as store:
        for key, values, _ in cells:
            add(store, key, *values)
        return list(cells_of(store.frames()))


def add(store, key, *values):
    """Add one row."""
    store.add_batch([key], [[text] for text in values])


def test_a_single_row_keeps_its_own_text():
    assert stored([("b", ("1.50", "0.00"), 1), ("a", ("007", "-0"), 1)]) == [
        ("a", ("007", "-0"), 1),
        ("b", ("1.50", "0.00"), 1),
    ]


def test_rows_of_one_cell_are_summed_and_counted():
    with CellStore() as store:
        add(store, "k", "0.1", "0")
        add(store, "k", "0.2", "5")
        store.add_batch(["k", "j"], [["-0.30", "1"], ["0", "1"]])
        assert list(cells_of(store.frames())) == [("j", ("1", "1"), 1), ("k", ("0.00", "5"), 3)]


def test_the_same_values_for_the_same_key_count_twice():
    column = ["1.25", "1.25"]
    with CellStore() as store:
        store.add_batch(["k", "k"], [column, ["0", "0"]])
        store.add_batch(["k"], [column[:1], ["0"]])
        assert list(cells_of(store.frames())) == [("k", ("3.75", "0"), 3)]


def test_debit_and_credit_do_not_cancel_out():
    assert stored([("k", ("10.00", "0"), 1), ("k", ("0", "10.00"), 1)]) == [
        ("k", ("10.00", "10.00"), 2)
    ]


def test_28_digits_and_a_cent():
    big = "9999999999999999999999999999"
    assert stored([("k", (big, "0"), 1), ("k", ("0.01", "0"), 1), ("k", (big, "0"), 1)]) == [
        ("k", ("19999999999999999999999999998.01", "0"), 3)
    ]


def test_spilled_cells_can_be_read_again_and_added_to(tmp_path):
    with CellStore(tmp_path, spill_at=3) as store:
        for number in range(10):
            add(store, f"k{number % 7}", str(number))
        first = list(cells_of(store.frames()))
        assert first == list(cells_of(store.frames()))
        assert first[0] == ("k0", ("7",), 2)
        add(store, "k0", "0.5")
        assert next(cells_of(store.frames())) == ("k0", ("7.5",), 3)
        assert list(tmp_path.iterdir()) == []


def test_a_closed_store_is_empty(tmp_path):
    store = CellStore(tmp_path, spill_at=1)
    add(store, "k", "1")
    store.close()
    assert list(store.frames()) == []


@quick
@given(cell_lists(max_size=80), st.integers(1, 7))
def test_spilled_is_as_unspilled(cells, spill_at):
    plain = stored(cells)
    assert stored(cells, spill_at=spill_at) == plain
    with CellStore(spill_at=spill_at) as store:
        for start in range(0, len(cells), 5):
            keys, values, _ = zip(*cells[start : start + 5], strict=True)
            store.add_batch(keys, list(zip(*values, strict=True)))
        assert list(cells_of(store.frames())) == plain


@quick
@given(cell_lists(max_size=80), st.integers(1, 50))
def test_sums_and_counts_are_those_of_the_rows(cells, spill_at):
    sums, rows = defaultdict(lambda: [Decimal(0), Decimal(0)]), defaultdict(int)
    for key, values, _ in cells:
        rows[key] += 1
        for index, text in enumerate(values):
            sums[key][index] += Decimal(text)
    found = stored(cells, spill_at=spill_at)
    assert [key for key, _, _ in found] == sorted(sums)
    assert {key: [Decimal(text) for text in values] for key, values, _ in found} == sums
    assert {key: count for key, _, count in found} == rows


def test_many_runs_merge_in_order(tmp_path):
    numbers = [(7919 * n) % 10_007 for n in range(10_007)]
    with CellStore(tmp_path, spill_at=500) as store:
        for start in range(0, len(numbers), 100):
            part = numbers[start : start + 100]
            store.add_batch([f"{n % 5_000:05d}" for n in part], [[f"{n}.25" for n in part]])
        found = list(cells_of(store.frames()))
    assert len(found) == 5_000
    assert found[0] == ("00000", ("15000.75",), 3)
    assert found[4_999] == ("04999", ("14998.50",), 2)
    assert [key for key, _, _ in found] == [f"{n:05d}" for n in range(5_000)]


def test_keys_that_ascend_for_a_while_are_summed_all_the_same(tmp_path):
    with CellStore(tmp_path, spill_at=4) as store:
        store.add_batch(["a", "c"], [["1", "3"]])
        store.add_batch(["d", "e"], [["4", "5"]])
        store.add_batch(["f"], [["6"]])
        store.add_batch(["b", "c", "g", "g"], [["2", "0.5", "7", "7"]])
        assert list(cells_of(store.frames())) == [
            ("a", ("1",), 1),
            ("b", ("2",), 1),
            ("c", ("3.5",), 2),
            ("d", ("4",), 1),
            ("e", ("5",), 1),
            ("f", ("6",), 1),
            ("g", ("14",), 2),
        ]


@quick
@given(cell_lists(max_size=80), st.integers(1, 50), st.integers(1, 20))
def test_groups_are_stores_of_their_own(cells, spill_at, size):
    groups = {group: [cell for cell in cells if cell[0][0] == group] for group in "abcdef"}
    with GroupedCells(spill_at=spill_at) as grouped:
        for start in range(0, len(cells), size):
            keys, values, _ = zip(*cells[start : start + size], strict=True)
            columns = list(zip(*values, strict=True))
            grouped.add_batch([key[0] for key in keys], keys, columns)
        found = {group: list(cells_of(frames)) for group, frames in grouped.items()}
    assert found == {group: stored(part) for group, part in groups.items() if part}
