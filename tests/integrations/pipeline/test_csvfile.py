"""The file: right lines, right numbers, cut at row ends."""

import csv
import gzip
import hashlib
import io
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline import csvfile
from integrations.pipeline.changes import Change, compare
from integrations.pipeline.csvfile import Segment, SegmentWriter, gzip_chunks, read_lines
from tests.integrations.pipeline.samples import HEADERS, amounts, layout, naive_sum, quick

FORM = layout(HEADERS)
HEADER = "Entity,Account,Cost Center,Time,Currency,Debit,Credit,Net"


def cell(number, net="1.50"):
    """A cell of its own."""
    return f"E_1,A_{number:05d},CC_1,Nov 26,USD", (net, "0", net), 1


def written(cells, form=FORM, **options):
    """The segments of a file in which all cells are new."""
    return list(SegmentWriter(form, **options).segments(compare(iter(cells), iter(()))))


def test_the_header_is_line_one():
    writer = SegmentWriter(FORM)
    (segment,) = writer.segments(compare(iter([cell(1), cell(2, "-2")]), iter(())))
    assert segment.raw.decode() == (
        f"{HEADER}\nE_1,A_00001,CC_1,Nov 26,USD,1.50,0,1.50\nE_1,A_00002,CC_1,Nov 26,USD,-2,0,-2\n"
    )
    assert (segment.first_line, segment.lines) == (1, 3)
    assert segment.totals == writer.totals() == ("-0.50", "0", "-0.50")
    assert writer.lines == 3


def test_a_later_part_of_the_file_has_no_header():
    (segment,) = written([cell(1)], first_line=42)
    assert segment.raw.decode() == "E_1,A_00001,CC_1,Nov 26,USD,1.50,0,1.50\n"
    assert (segment.first_line, segment.lines) == (42, 1)


def test_only_what_must_be_sent_is_written():
    changes = [
        Change("E_1,a,c,t,USD", ("1", "0", "1"), 1, "same", ("1", "0", "1")),
        Change("E_1,b,c,t,USD", ("0", "0", "0"), 0, "vanished", ("1", "0", "1")),
    ]
    (segment,) = SegmentWriter(FORM).segments(changes)
    assert segment.raw.decode() == f"{HEADER}\nE_1,b,c,t,USD,0,0,0\n"
    assert list(SegmentWriter(FORM).segments(changes[:1])) == []


def test_segments_keep_to_the_limit_and_count_on():
    segments = written([cell(n) for n in range(1_000)], limit=5_000)
    assert b"".join(s.raw for s in segments).count(b"\n") == 1_001
    assert max(len(s.raw) for s in segments) <= 5_000
    assert [s.first_line for s in segments] == [
        1 + sum(s.lines for s in segments[:index]) for index in range(len(segments))
    ]
    assert naive_sum(s.totals[2] for s in segments) == 1_500


def test_a_line_longer_than_the_limit_stands_alone():
    segments = written([cell(1), cell(2)], limit=10)
    assert [s.lines for s in segments] == [1, 1, 1]


@pytest.mark.parametrize(
    ("encoding", "codec"), [("UTF-16LE", "utf-16-le"), ("ISO-8859-1", "latin-1")]
)
def test_the_file_is_in_the_encoding_of_the_import(encoding, codec):
    form = layout(HEADERS, encoding=encoding)
    key = form.key(
        {"entity": "É", "gl_account": "a", "cost_center": "c", "period": "t", "currency": "USD"}
    )
    (segment,) = written([(key, ("1", "0", "1"), 1)], form)
    assert segment.raw == f"{HEADER}\nÉ,a,c,t,USD,1,0,1\n".encode(codec)
    assert [line.key for line in read_lines(segment.raw, 1, form)] == [key]


def test_chunks_join_segments_up_to_the_limit():
    segments = written([cell(n) for n in range(1_000)], limit=3_000)
    chunks = list(gzip_chunks(segments, limit=10_000))
    raws = [gzip.decompress(chunk.gzipped) for chunk in chunks]
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert all(len(raw) <= 10_000 for raw in raws)
    assert len(chunks) == 5
    assert [chunk.raw_size for chunk in chunks] == list(map(len, raws))
    assert [chunk.sha256 for chunk in chunks] == [hashlib.sha256(raw).hexdigest() for raw in raws]
    assert (chunks[0].first_line, chunks[-1].last_line) == (1, 1_001)
    for before, after in pairwise(chunks):
        assert after.first_line == before.last_line + 1
    assert list(gzip_chunks(segments, limit=10_000)) == chunks
    assert list(gzip_chunks([])) == []


def test_chunks_need_no_isal(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "isal", None)
    assert type(csvfile._compressor()) is type(zlib.compressobj())
    (chunk,) = gzip_chunks(written([cell(1)]))
    assert gzip.decompress(chunk.gzipped).decode().startswith(HEADER)


MEMBER = st.text(
    st.characters(exclude_characters="\x00\x1c\x1d\x1e\x1f", exclude_categories=("Cs",)),
    max_size=8,
)
CELLS = st.lists(st.tuples(st.tuples(*[MEMBER] * 5), st.tuples(*[amounts()] * 3)), max_size=25)


@quick
@given(CELLS, st.integers(1, 400), st.sampled_from(",;\t"), st.sampled_from(".,"))
def test_any_reader_of_csv_finds_the_same_lines(rows, limit, separator, decimal_separator):
    form = layout(HEADERS, separator=separator, decimal_separator=decimal_separator)
    changes = [
        Change(form.key(dict(zip(form.dimensions, members, strict=True))), nets, 1, "new", None)
        for members, nets in rows
    ]
    segments = list(SegmentWriter(form, limit).segments(changes))
    chunks = list(gzip_chunks(segments, limit=1_000))
    raw = b"".join(gzip.decompress(chunk.gzipped) for chunk in chunks)
    assert raw == b"".join(segment.raw for segment in segments)
    lines = list(
        csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=separator, strict=True)
    )
    assert lines[1:] == [
        [*members, *(text.replace(".", decimal_separator) for text in nets)]
        for members, nets in rows
    ]
    for chunk in chunks:
        count = len(list(csv.reader(
            io.StringIO(gzip.decompress(chunk.gzipped).decode(), newline=""),
            delimiter=separator, strict=True,
        )))  # fmt: skip
        assert count == chunk.last_line - chunk.first_line + 1
    back = [
        line for segment in segments for line in read_lines(segment.raw, segment.first_line, form)
    ]
    assert [(line.key, line.values) for line in back] == [(c.key, c.values) for c in changes]
    assert [line.line for line in back] == list(range(2, len(rows) + 2))


@quick
@given(st.lists(amounts(), max_size=30), st.integers(100, 2_000))
def test_the_totals_are_those_of_the_lines(nets, limit):
    cells = [cell(number, net) for number, net in enumerate(nets)]
    segments = written(cells, limit=limit)
    assert naive_sum(s.totals[0] for s in segments) == naive_sum(nets)


def test_lines_of_another_layout_are_refused():
    with pytest.raises(ValueError, match="columns"):
        list(read_lines(b"a,b\n", 7, FORM))


def test_a_segment_without_totals_can_be_cut():
    (chunk,) = gzip_chunks([Segment(b"x\n", 5, 1, ())])
    assert (chunk.first_line, chunk.last_line) == (5, 5)
