"""One stream of cells laid over another."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.frames import cells_of, frames_of
from integrations.pipeline.overlay import overlay
from tests.integrations.pipeline.samples import quick, sorted_cells


@quick
@given(sorted_cells(), sorted_cells(), st.integers(1, 9))
def test_the_top_wins_and_nothing_else_is_lost(base, top, size):
    expected = {cell[0]: cell for cell in base} | {cell[0]: cell for cell in top}
    found = overlay(frames_of(base, size), frames_of(top, 5))
    assert list(cells_of(found)) == [expected[key] for key in sorted(expected)]
