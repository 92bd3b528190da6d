"""Lines of agreeing cells are the same, however they are added up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.frames import cells_of, frames_of
from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.streams import GL_BALANCES
from integrations.pipeline.tieout import AgreedCells, tie_out

HEADERS = ("Entity", "Account", "Cost Center", "Month", "Currency", "Debit", "Credit", "Net")
LAYOUT = Layout.build(HEADERS, default_bindings(HEADERS), GL_BALANCES)

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=2).map(lambda d: f"{d:f}")
places = st.tuples(
    st.sampled_from(("E1", "E2")),
    st.sampled_from(("A1", "A2", "A10")),
    st.sampled_from(("C1", "C2", "C3", "C,4")),
    st.just("Nov 26"),
    st.sampled_from(("USD", "EUR")),
)


def key_of(members):
    return LAYOUT.key(dict(zip(LAYOUT.dimensions, members, strict=True)))


@given(st.dictionaries(places, st.tuples(amounts, amounts, amounts), max_size=40))
def test_adding_up_agreeing_cells_gives_the_lines_of_the_tie_out(found):
    cells = sorted((key_of(members), values, 1) for members, values in found.items())
    compared = tie_out(*(frames_of(cells, size) for size in (3, 5, 50)), LAYOUT)
    agreed = AgreedCells(LAYOUT)
    assert list(cells_of(agreed.passing(frames_of(cells)))) == cells
    added = agreed.result()
    assert added.lines == compared.lines
    assert (added.cells, added.difference_count) == (len(cells), 0)
    total = sum((Decimal(values[2]) for _, values, _ in cells), Decimal(0))
    assert sum((Decimal(line.target[2]) for line in added.lines.values()), Decimal(0)) == total
