"""One stream of cells laid over another."""

from hypothesis import given

from integrations.pipeline.overlay import overlay
from tests.integrations.pipeline.samples import quick, sorted_cells


@quick
@given(sorted_cells(), sorted_cells())
def test_the_top_wins_and_nothing_else_is_lost(base, top):
    expected = {cell[0]: cell for cell in base} | {cell[0]: cell for cell in top}
    assert list(overlay(iter(base), iter(top))) == [expected[key] for key in sorted(expected)]
