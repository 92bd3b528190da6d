"""Delimited text: whatever its size, quotes, line ends and cuts."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline import delimited
from integrations.pipeline.delimited import read_columns, read_rows
from integrations.pipeline.formats import FileFormat
from tests.integrations.pipeline.samples import quick

COMMA = FileFormat("utf-8", ",", '"')


def columns(raw, form=COMMA, **options):
    """All columns of a file, its batches joined."""
    batches = list(read_columns([raw], form, **options))
    return [[text for batch in batches for text in batch[i]] for i in range(len(batches[0]))]


def test_plain_lines_and_windows_lines_are_the_same():
    assert columns(b"a,b\n1,2\n") == [["a", "1"], ["b", "2"]]
    assert columns(b"a,b\r\n1,2\r\n") == [["a", "1"], ["b", "2"]]
    assert columns(b"a,b\r\n1,2") == [["a", "1"], ["b", "2"]]


def test_other_separators_of_lines_are_text():
    assert columns("a\u2028b,c\x85\nd,e\x0b\n".encode()) == [["a\u2028b", "d"], ["c\x85", "e\x0b"]]
    assert columns('"a\u2028b",c\x85\n'.encode()) == [["a\u2028b"], ["c\x85"]]


def test_blank_lines_are_left_out_of_columns():
    assert columns(b"a,b\n\n1,2\n\n") == [["a", "1"], ["b", "2"]]
    assert columns(b'"a",b\n\n1,2\n') == [["a", "1"], ["b", "2"]]
    assert columns(b"a\n\nb\n") == [["a", "", "b"]]


@pytest.mark.parametrize("raw", [b"a,b\n1,2,3\n4\n", b"a,b\n1\n2,3,4\n", b'"a",b\n1,2,3\n4\n'])
def test_lines_that_only_together_have_the_right_width_are_refused(raw):
    with pytest.raises(ValueError, match=r"row 2 has \d columns instead of 2"):
        columns(raw)
    assert len([row for rows in read_rows([raw], COMMA) for row in rows]) == 3


def test_a_width_may_be_told():
    with pytest.raises(ValueError, match="row 1 has 2 columns instead of 3"):
        columns(b"a,b\n", width=3)


def test_quotes_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="after line"):
        columns(b'a,"b\n1,2\n')


def test_nothing_has_no_columns():
    assert list(read_columns([], COMMA)) == []
    assert list(read_rows([b""], COMMA)) == []


TEXT = st.text(st.characters(exclude_characters="\r\ufeff", exclude_categories=("Cs",)), max_size=9)


@quick
@given(
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20),
    st.integers(1, 60),
    st.integers(1, 9),
    st.booleans(),
)
def test_blocks_of_any_size_give_the_same_rows(rows, size, piece, is_plain):
    if is_plain:
        rows = [tuple(text.replace('"', "").replace("\n", "").replace(",", "") for text in row)
                for row in rows]  # fmt: skip
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    raw = text.getvalue().encode()
    pieces = [raw[start : start + piece] for start in range(0, len(raw), piece)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_BLOCK_CHARACTERS", size)
        patch.setattr(delimited, "_BATCH_ROWS", 3)
        found = [tuple(row) for batch in read_rows(pieces, COMMA) for row in batch]
        batches = list(read_columns(pieces, COMMA))
    assert found == rows
    assert [row for batch in batches for row in zip(*batch, strict=True)] == rows


def test_a_long_row_keeps_back_no_more_than_itself():
    taken = []

    def pieces():
        for number in range(50):
            taken.append(number)
            yield b"a" * 70_000 + b",b\n" if number == 0 else b"c,d\n" * 16_384

    rows = read_rows(pieces(), COMMA)
    assert next(rows) == [["a" * 70_000, "b"]]
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"a" * 1_000_001, "a row is longer than 1,000,000 characters"),
        (b"a," * 20_000 + b"a\n", "a row has 20,001 columns, more than 20,000"),
        (b'"' + b'\n","' * 300_000, "a row is longer than 1,000,000 characters"),
    ],
)
def test_a_row_that_is_no_row_is_refused(raw, reason):
    with pytest.raises(ValueError, match=reason):
        list(read_columns([raw], COMMA))


def test_the_longest_row_is_taken():
    raw = b"a" * 999_998 + b",b"
    assert columns(raw) == [["a" * 999_998], ["b"]]
