"""The verdict on an import: nothing is ok by assumption."""

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.anaplan.types import Detail, Task, TaskResult
from integrations.pipeline.outcome import DumpLine, read_dump, verdict
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import quick


def result(successful=True, dump=False, nested=(), text="", **counts):
    """A task's result with one detail."""
    values = {name: str(count) for name, count in counts.items()}
    details = (Detail("hierarchyRowsProcessed", text, 0, values),) if values or text else ()
    return TaskResult(successful, dump, details, tuple(nested))


def judged(outcome, state="COMPLETE", sent_lines=10):
    """The verdict on a task with this result."""
    return verdict(Task("T", state, 1.0, "Complete.", 0, outcome), sent_lines)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (result(), "ok"),
        (result(totalRowCount=10, successRowCount=10, ignoredCount=0), "ok"),
        (result(dump=True), "partial"),
        (result(failedCount=2), "partial"),
        (result(warningsRowCount=1), "partial"),
        (result(failedCount=2, ignoredCount=3), "partial"),
        (result(ignoredCount=5, totalRowCount=10), "ignored"),
        (result(totalRowCount=9), "unknown"),
        (result(False, text="Failed."), "failed"),
        (result(False, dump=True), "failed"),
        (result(None), "unknown"),
        (None, "unknown"),
        (result(nested=[result(), result(False)]), "failed"),
        (result(nested=[result(), result(dump=True)]), "partial"),
        (result(nested=[result(failedCount=1)]), "partial"),
        (result(nested=[result(), result(None)]), "unknown"),
        (result(nested=[result(ignoredCount=1)]), "ignored"),
        (result(False, nested=[result(), result()]), "ignored"),
        (result(False, nested=[result(), result(None)]), "failed"),
        (result(False, text="No access.", nested=[result()]), "failed"),
    ],
)
def test_the_verdict_on_a_complete_task(outcome, state):
    assert judged(outcome).state == state


def test_a_cancelled_task_is_cancelled_whatever_it_says():
    assert judged(result(), state="CANCELLED").state == "cancelled"


@pytest.mark.parametrize("state", ["NOT_STARTED", "IN_PROGRESS", "CANCELLING", "SOMETHING"])
def test_a_task_that_has_not_ended_has_no_verdict(state):
    assert judged(result(), state=state).state == "unknown"


def test_a_task_that_reads_no_file_is_not_counted():
    assert judged(result(totalRowCount=9), sent_lines=0).state == "ok"


def test_counts_and_words_are_anaplans_own():
    outcome = judged(result(False, text="Model is locked. ", failedCount=3))
    assert outcome.reason == "Model is locked."
    assert outcome.counts == {"failedCount": 3}
    outcome = judged(result(nested=[result(ignoredCount=1), result(ignoredCount=4)]))
    assert outcome.counts == {"ignoredCount": 5}
    assert outcome.reason == "Anaplan ignored 5 rows."
    assert judged(result(totalRowCount=9)).reason == "10 rows were sent, but Anaplan counted 9."
    assert judged(result(failedCount=2)).reason == (
        "Anaplan refused 2 rows and took 0 with a problem."
    )


DUMP = (
    '"_Status_","Cost Center","Amount","_Line_","_Error_1_"\n'
    '"E","CC ""9""\nnew","10.00","151","Invalid Cost Center: CC, 9","second"\n'
    '"W","CC-1000","5.00","152"\n'
    '"E","CC-7","5.00","153",""\n'
)


def test_a_dump_gives_line_status_and_words():
    lines = list(read_dump([DUMP.encode()]))
    assert lines == [
        DumpLine(151, "E", ("Invalid Cost Center: CC, 9", "second")),
        DumpLine(152, "W", ()),
        DumpLine(153, "E", ()),
    ]
    assert list(read_dump([])) == []
    assert list(read_dump([DUMP.partition("\n")[0].encode()])) == []


@pytest.mark.parametrize(
    "text",
    [
        '"Status","Line"\n',
        '"_Status_","_Line_"\n"E","x"\n',
        '"_Status_","_Line_"\n"E"\n',
        '"_Status_","_Line_"\n"E","1',
        "<html></html>",
    ],
)
def test_a_dump_in_another_form_is_never_read_as_empty(text):
    with pytest.raises(IntegrationError) as caught:
        list(read_dump([text.encode()]))
    assert caught.value.code == "anaplan_dump_unreadable"


WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=9)


@quick
@given(
    st.lists(st.tuples(st.integers(2, 10**7), st.sampled_from("EW"), WORDS, st.lists(WORDS))),
    st.data(),
)
def test_any_dump_cut_anywhere_comes_back(rows, data):
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["_Status_", "Account", "_Line_", "_Error_1_"])
    writer.writerows([status, code, line, *words] for line, status, code, words in rows)
    raw = text.getvalue().encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    ends = [0, *cuts, len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(ends)]
    assert list(read_dump(pieces)) == [
        DumpLine(line, status, tuple(filter(None, words))) for line, status, _, words in rows
    ]
