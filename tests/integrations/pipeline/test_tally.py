"""Rows whose codes are split are counted once, by what became of all their cells."""

from collections import Counter

import pytest

from integrations.pipeline.changes import Changes
from integrations.pipeline.frames import EMPTY, Frame
from integrations.pipeline.tally import Tally


def cells(*keys):
    return Frame(list(keys), [["1"] * len(keys)]) if keys else EMPTY


@pytest.mark.parametrize(
    ("due", "same", "chosen", "sent_rows", "same_rows"),
    [
        ("abc", "", None, 2, 0),
        ("", "abc", None, 0, 2),
        ("ac", "b", None, 2, 0),
        ("bc", "a", None, 2, 0),
        ("c", "ab", None, 1, 1),
        ("abc", "", {"c"}, 1, 0),
        ("abc", "", {"a"}, 0, 0),
        ("ab", "c", {"a", "b"}, 1, 1),
    ],
)
def test_a_split_row_is_sent_if_any_of_its_cells_is_and_none_is_kept_back(
    due, same, chosen, sent_rows, same_rows
):
    """The row on the cells a and b is split, the one on c is not."""
    tally = Tally(("net",), Counter({("a", "b"): 1}))
    for _ in tally.watch([Changes(cells(*due), cells(*same))], chosen and frozenset(chosen)):
        pass
    tally.settle_split_rows()
    assert (tally.sent_rows, tally.same_rows) == (sent_rows, same_rows)
    assert tally.kept_back == (set(due) - chosen if chosen else set())
