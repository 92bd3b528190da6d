"""What passes on its way to the file is counted once: sent, the same, or kept back."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.changes import compare
from integrations.pipeline.frames import cells_of, frames_of
from integrations.pipeline.tally import Tally

KEYS = [f"C{number}" for number in range(8)]
cells = st.dictionaries(
    st.sampled_from(KEYS), st.tuples(st.sampled_from(("1.00", "2.00")), st.integers(1, 3))
)
keys = st.frozensets(st.sampled_from(KEYS))


def stream(found):
    return frames_of([(key, (amount,), rows) for key, (amount, rows) in sorted(found.items())], 3)


@given(cells, cells, st.none() | keys, keys)
def test_every_row_is_counted_once_and_nothing_barred_or_unchosen_is_sent(
    wanted, held, chosen, barred
):
    tally = Tally(("net",))
    changes = compare(stream(wanted), stream(held))
    sent = {key: values for key, values, _ in cells_of(tally.watch(changes, chosen, barred))}
    due = {
        key for key in {*wanted, *held} if wanted.get(key, ("0",))[0] != held.get(key, ("0",))[0]
    }
    may = (
        (KEYS if chosen is None else chosen) - barred if chosen is not None else set(KEYS) - barred
    )
    assert set(sent) == due & may
    assert tally.kept_back == due - may
    kept_rows = sum(wanted[key][1] for key in tally.kept_back if key in wanted)
    rows = sum(count for _, count in wanted.values())
    assert tally.same_rows + tally.sent_rows + kept_rows == rows
    assert tally.zero_sends == len(set(sent) - wanted.keys())
    assert all(
        values == (wanted[key][0] if key in wanted else "0",) for key, values in sent.items()
    )
