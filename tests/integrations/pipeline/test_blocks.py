"""Evidence blocks: the same bytes, the same cells, and damage is noticed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.blocks import pack, pack_cells, read_cells, unpack
from integrations.pipeline.frames import cells_of, decode_frame, encode_frame, frame_of, frames_of
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import quick, sorted_cells


def unpacked(blocks):
    """The cells of blocks."""
    return list(cells_of(read_cells(unpack(b.block.data) for b in blocks)))


def test_a_block_is_named_by_its_bytes():
    raw = b'{"data":[1,2]}' * 50
    block = pack(raw)
    assert block.sha256 == hashlib.sha256(raw).hexdigest()
    assert block.raw_size == 700
    assert len(block.data) < 100
    assert unpack(block.data) == raw
    assert unpack(block.data, block.sha256) == raw
    assert pack(raw) == block
    assert unpack(pack(b"").data) == b""


def test_other_bytes_under_a_digest_are_damage():
    with pytest.raises(IntegrationError) as caught:
        unpack(pack(b"other").data, pack(b"these").sha256)
    assert caught.value.code == "block_damaged"


def test_bytes_that_are_no_block_are_damage():
    with pytest.raises(IntegrationError) as caught:
        unpack(b"junk")
    assert caught.value.code == "block_damaged"


def test_cells_are_cut_into_blocks_with_their_key_range():
    cells = [(f"k{n:05d}", (f"{n}.5", "0"), 1 + n % 2) for n in range(20_000)]
    blocks = list(pack_cells(frames_of(cells)))
    assert [(b.first_key, b.last_key, b.count) for b in blocks] == [
        ("k00000", "k08191", 8_192),
        ("k08192", "k16383", 8_192),
        ("k16384", "k19999", 3_616),
    ]
    assert unpacked(blocks) == cells
    assert [cell for b in blocks for cell in cells_of(b.frames)] == cells


def test_blocks_depend_on_the_cells_alone_and_not_on_how_they_come():
    cells = [(f"k{n:05d}", (f"{n}",), 1) for n in range(9_000)]
    assert list(pack_cells(frames_of(cells, 700))) == list(pack_cells(frames_of(cells, 8_999)))


def test_no_cells_make_no_block():
    assert list(pack_cells(iter(()))) == []
    assert list(read_cells(())) == []


@pytest.mark.parametrize("keys", [("b", "a"), ("a", "a")])
def test_cells_that_do_not_ascend_are_refused(keys):
    with pytest.raises(ValueError, match="ascend"):
        list(pack_cells(frames_of((key, ("1",), 1) for key in keys)))


def test_cells_that_do_not_ascend_from_frame_to_frame_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        list(
            pack_cells(
                frames_of([(f"k{n:04d}", ("1",), 1) for n in range(4_096)] + [("a", ("1",), 1)])
            )
        )


@quick
@given(sorted_cells(max_size=60, keys='ab,"\né€'), st.integers(1, 20))
def test_cells_come_back_as_they_were(cells, size):
    blocks = list(pack_cells(frames_of(cells, size)))
    assert unpacked(blocks) == cells
    assert sum(b.count for b in blocks) == len(cells)
    if cells:
        assert decode_frame(encode_frame(frame_of(cells))) == frame_of(cells)
