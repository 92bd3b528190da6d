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
from integrations.pipeline.csvfile import SegmentWriter, gzip_chunks, read_lines
from integrations.pipeline.frames import EMPTY, cells_of, frames_of
from tests.integrations.pipeline.samples import HEADERS, amounts, layout, naive_sum, quick

FORM = layout(HEADERS)
HEADER = "Entity,Account,Cost Center,Time,Currency,Debit,Credit,Net"


def cell(number, net="1.50"):
    """A cell of its own."""
    return f"E_1,A_{number:05d},CC_1,Nov 26,USD", (net, "0", net), 1


def written(cells, form=FORM, **options):
    """The segments of a file."""
    return list(SegmentWriter(form, **options).segments(frames_of(cells)))


def read(segments, form=FORM):
    """The lines of segments with their numbers."""
    return [
        (first_line + place, key, values)
        for segment in segments
        for first_line, frame in read_lines(segment.raw, segment.first_line, form)
        for place, (key, values, _) in enumerate(frame.cells())
    ]


def test_the_header_is_line_one():
    writer = SegmentWriter(FORM)
    (segment,) = writer.segments(frames_of([cell(1), cell(2, "-2")]))
    assert segment.raw.decode() == (
        f"{HEADER}\nE_1,A_00001,CC_1,Nov 26,USD,1.50,0,1.50\nE_1,A_00002,CC_1,Nov 26,USD,-2,0,-2\n"
    )
    assert (segment.first_line, segment.lines) == (1, 3)
    assert writer.lines == 3


def test_a_later_part_of_the_file_has_no_header():
    (segment,) = written([cell(1)], first_line=42)
    assert segment.raw.decode() == "E_1,A_00001,CC_1,Nov 26,USD,1.50,0,1.50\n"
    assert (segment.first_line, segment.lines) == (42, 1)


def test_without_cells_there_is_no_segment_and_no_header():
    assert list(SegmentWriter(FORM).segments([EMPTY])) == []
    (segment,) = SegmentWriter(FORM).segments([EMPTY, *frames_of([cell(1)]), EMPTY])
    assert segment.raw.decode() == f"{HEADER}\nE_1,A_00001,CC_1,Nov 26,USD,1.50,0,1.50\n"


def test_segments_keep_to_the_limit_and_count_on():
    segments = written([cell(n) for n in range(1_000)], limit=5_000)
    assert b"".join(s.raw for s in segments).count(b"\n") == 1_001
    assert max(len(s.raw) for s in segments) <= 5_000
    assert [s.first_line for s in segments] == [
        1 + sum(s.lines for s in segments[:index]) for index in range(len(segments))
    ]
    assert [line for line, *_ in read(segments)] == list(range(2, 1_002))
    assert naive_sum(values[2] for *_, values in read(segments)) == 1_500


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
    assert [found for _, found, _ in read([segment], form)] == [key]


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
    cells = [
        (form.key(dict(zip(form.dimensions, members, strict=True))), nets, 1)
        for members, nets in rows
    ]
    segments = list(SegmentWriter(form, limit).segments(frames_of(cells)))
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
    assert read(segments, form) == [
        (line, key, values) for line, (key, values, _) in enumerate(cells, start=2)
    ]
    assert list(cells_of(frames_of(cells))) == cells


def test_lines_of_another_layout_are_refused():
    with pytest.raises(ValueError, match="columns"):
        list(read_lines(b"a,b\n", 7, FORM))
