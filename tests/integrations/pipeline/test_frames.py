"""Frames: the same cells, however they are cut."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.frames import EMPTY, Frame, aligned, cells_of, frames_of, join, regular
from tests.integrations.pipeline.samples import quick, sorted_cells

FRAME = Frame(["a", "b", "c"], [["1", "2", "3"], ["0", "0", "0"]], [1, 2, 1])


def test_a_part_of_a_frame():
    assert FRAME.cut(1, 3) == Frame(["b", "c"], [["2", "3"], ["0", "0"]], [2, 1])
    assert FRAME.pick([2, 0]) == Frame(["c", "a"], [["3", "1"], ["0", "0"]], [1, 1])
    assert FRAME.cut(0, 3) is FRAME


def test_source_rows_are_counted():
    assert FRAME.row_count() == 4
    assert Frame(["a", "b"], [["1", "2"]]).row_count() == 2
    assert EMPTY.row_count() == 0


def test_frames_with_and_without_counts_are_joined():
    plain = Frame(["d"], [["4"], ["0"]])
    assert join([FRAME, EMPTY, plain]).rows == [1, 2, 1, 1]
    assert join([plain]) is plain
    assert join([]) == EMPTY


@quick
@given(sorted_cells(max_size=60), st.integers(1, 20), st.integers(1, 20))
def test_a_stream_cut_anew_has_frames_of_one_size(cells, before, after):
    frames = list(regular(frames_of(cells, before), after))
    assert list(cells_of(frames)) == cells
    assert {len(frame.keys) for frame in frames[:-1]} <= {after}
    assert all(len(frame.keys) <= after for frame in frames)


@quick
@given(sorted_cells(max_size=60), sorted_cells(max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_streams_walk_side_by_side_and_lose_nothing(one, other, first, second):
    pairs = list(aligned(frames_of(one, first), frames_of(other, second)))
    assert list(cells_of(pair[0] for pair in pairs)) == one
    assert list(cells_of(pair[1] for pair in pairs)) == other
    last = ""
    for pair in pairs:
        keys = [key for frame in pair for key in frame.keys]
        assert min(keys) > last
        last = max(keys)


@quick
@given(sorted_cells(max_size=60), st.integers(1, 9))
def test_streams_of_the_same_keys_come_out_as_they_went_in(cells, size):
    frames = list(frames_of(cells, size))
    assert list(aligned(iter(frames), iter(frames))) == [(frame, frame) for frame in frames]
