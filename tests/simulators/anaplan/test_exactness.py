"""Whatever is written into a file arrives in the cells to the last digit."""

import csv
import io
from collections import defaultdict
from decimal import Context, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.anaplan.exporting import ExportJob
from simulators.anaplan.importing import ImportJob
from simulators.anaplan.loading import load
from simulators.anaplan.plans import build_plan, format_of
from simulators.anaplan.rows import RowTaker
from tests.simulators.anaplan.client import ACTUALS, MODEL_FILE

EXACT = Context(prec=200)
AMOUNTS = st.decimals(
    min_value=-(10**26), max_value=10**26, places=2, allow_nan=False, allow_infinity=False
).map(lambda number: format(number, "f"))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["E_1", "E_2"]),
        st.sampled_from(["A_4000", "Rent"]),
        st.sampled_from(["Sales, north", "Plant", " plant"]),
        st.sampled_from(["Jan 26", "Feb 26"]),
        st.sampled_from(["", "plain", 'say "hi"', "two\nlines", "a,b"]),
        AMOUNTS,
        AMOUNTS,
        AMOUNTS,
    ),
    max_size=30,
)
HEADER = ("Entity", "Account", "Cost Center", "Period", "Comment", "Debit", "Credit", "Net")


@given(
    rows=ROWS, cut=st.integers(min_value=1, max_value=97), line_end=st.sampled_from(["\n", "\r\n"])
)
@settings(max_examples=60, deadline=None)
def test_cells_hold_the_exact_sums_and_the_export_gives_them_back(rows, cut, line_end):
    model = load(MODEL_FILE).models()[0]
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end).writerows([HEADER, *rows])
    raw = out.getvalue().encode()
    part = model.imports[ACTUALS]
    taker = RowTaker(build_plan(model, part))
    job = ImportJob(format_of(part), taker)
    job.read([raw[start : start + cut] for start in range(0, len(raw), cut)])
    taker.write()
    assert (job.refusal, taker.exceptions, taker.rows) == (None, [], len(rows))

    sums = defaultdict(lambda: [Decimal(0)] * 3)
    for entity, account, center, period, _, *amounts in rows:
        account, center = (
            account.replace("Rent", "A_6000"),
            {"plant": "Plant"}.get(center.strip(), center),
        )
        key = (entity, account, center, period)
        sums[key] = [EXACT.add(a, Decimal(b)) for a, b in zip(sums[key], amounts, strict=True)]
    text = b"".join(ExportJob(model, model.exports["116000000001"]).chunks(13)).decode()
    given_back = {
        tuple(row[:4]): [Decimal(value) for value in row[4:]]
        for row in list(csv.reader(io.StringIO(text)))[1:]
    }
    assert given_back == {key: row for key, row in sums.items() if any(row)}
