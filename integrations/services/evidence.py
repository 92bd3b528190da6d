"""Keeping and reading evidence: compressed blocks and their place in a run."""

import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from audit.tenancy import reading
from integrations.models import Evidence, EvidenceBlock, EvidenceKind, Position, RunUnit
from integrations.pipeline.blocks import Block, CellBlock, pack, read_cells, unpack
from integrations.pipeline.csvfile import Segment
from integrations.pipeline.frames import Frame
from integrations.services.bulk import copy_rows

BLOCKS_A_FETCH = 4
BLOCKS_AHEAD = 1


class Kept(NamedTuple):
    """One block to keep and what is known of it."""

    number: int
    block: Block
    rows: int
    first_key: str = ""
    last_key: str = ""
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence belongs: organization, run, kind and part."""

    organization_id: int
    run_id: int
    kind: EvidenceKind
    part: str = ""


def keep(place: Place, kept: Sequence[Kept]) -> None:
    """Store blocks and their places in the open transaction; what is there already stays."""
    if not kept:
        return
    now = timezone.now()
    copy_rows(
        EvidenceBlock,
        ("organization_id", "sha256", "data", "raw_size", "created_at"),
        (
            (place.organization_id, item.block.sha256, item.block.data, item.block.raw_size, now)
            for item in kept
        ),
    )
    digests = [item.block.sha256 for item in kept]
    ids = dict(
        EvidenceBlock.objects.filter(
            organization_id=place.organization_id, sha256__in=digests
        ).values_list("sha256", "id")
    )
    copy_rows(
        Evidence,
        ("organization_id", "run_id", "kind", "part", "number", "block_id", "rows", "first_key",
         "last_key", "first_line"),
        (
            (place.organization_id, place.run_id, str(place.kind), place.part, item.number,
             ids[item.block.sha256], item.rows, item.first_key, item.last_key, item.first_line)
            for item in kept
        ),
    )  # fmt: skip


def forget(place: Place) -> None:
    """Drop the places of a part that is made anew; blocks stay until retention ends."""
    Evidence.objects.filter(
        organization_id=place.organization_id,
        run_id=place.run_id,
        kind=place.kind,
        part=place.part,
    ).delete()


def _iter_rows(place: Place) -> Iterator[tuple[int, int, int, str, bytes]]:
    """Yield (number, first line, rows, digest, compressed bytes) in order, a few at a time,
    each time in a transaction of its own."""
    after = -1
    while True:
        with reading(place.organization_id):
            rows = list(
                Evidence.objects.filter(
                    organization_id=place.organization_id,
                    run_id=place.run_id,
                    kind=place.kind,
                    part=place.part,
                    number__gt=after,
                )
                .order_by("number")
                .values_list("number", "first_line", "rows", "block__sha256", "block__data")[
                    :BLOCKS_A_FETCH
                ]
            )
        for number, first_line, count, digest, data in rows:
            yield number, first_line, count, digest, bytes(data)
            after = number
        if len(rows) < BLOCKS_A_FETCH:
            return


def _iter_unpacked(place: Place) -> Iterator[tuple[int, int, bytes]]:
    """Yield (first line, rows, bytes) in order; each block is checked against its digest.

    The next one is unpacked while the caller works on one.
    """
    waiting: deque[tuple[int, int, Future[bytes]]] = deque()
    for _, first_line, count, digest, data in _iter_rows(place):
        waiting.append((first_line, count, _helpers(os.getpid()).submit(unpack, data, digest)))
        if len(waiting) > BLOCKS_AHEAD:
            yield _finished(*waiting.popleft())
    while waiting:
        yield _finished(*waiting.popleft())


def _finished(first_line: int, count: int, raw: Future[bytes]) -> tuple[int, int, bytes]:
    return first_line, count, raw.result()


@lru_cache(maxsize=1)
def _helpers(_process_id: int) -> ThreadPoolExecutor:
    """Threads of this process for work that runs beside Python: compression and digests."""
    return ThreadPoolExecutor(2, thread_name_prefix="blocks")


def start_packing(raw: bytes) -> Future[Block]:
    """Pack bytes beside what else is done."""
    return _helpers(os.getpid()).submit(pack, raw)


def iter_blocks(place: Place) -> Iterator[bytes]:
    """Yield the unpacked blocks of a place in order; each is checked against its digest."""
    return (raw for _, _, raw in _iter_unpacked(place))


def iter_segments(place: Place) -> Iterator[Segment]:
    """Yield the kept segments of a file in order."""
    return (Segment(raw, first_line, lines) for first_line, lines, raw in _iter_unpacked(place))


def iter_pages(unit: RunUnit) -> Iterator[bytes]:
    """Yield the pages of a unit as QAD sent them, whichever run has read them."""
    place = Place(unit.organization_id, unit.read_by_id, EvidenceKind.PAGE, unit.part)
    return iter_blocks(place)


def iter_cells(place: Place) -> Iterator[Frame]:
    """Yield the cells of a place in the order of their keys."""
    return read_cells(iter_blocks(place))


def share(source: Place, kind: EvidenceKind) -> str:
    """Let the blocks of a place stand for another kind as well; return a digest over them.

    In the open transaction; what stood for that kind before is replaced.
    """
    forget(Place(source.organization_id, source.run_id, kind, source.part))
    rows = list(
        Evidence.objects.filter(
            organization_id=source.organization_id,
            run_id=source.run_id,
            kind=source.kind,
            part=source.part,
        )
        .select_related(None)
        .order_by("number")
    )
    total = hashlib.sha256()
    digests = dict(
        EvidenceBlock.objects.filter(pk__in=[row.block_id for row in rows]).values_list(
            "pk", "sha256"
        )
    )
    for row in rows:
        total.update(digests[row.block_id].encode())
        row.pk, row.kind = None, kind
    Evidence.objects.bulk_create(rows)
    return total.hexdigest()


def digests(place: Place) -> list[str]:
    """Return the digests of a place's blocks, in order."""
    with reading(place.organization_id):
        return list(
            Evidence.objects.filter(
                organization_id=place.organization_id,
                run_id=place.run_id,
                kind=place.kind,
                part=place.part,
            )
            .order_by("number")
            .values_list("block__sha256", flat=True)
        )


def position_place(organization_id: int, sync_id: int, group: str) -> Place | None:
    """Return where the cells lie that a group is believed to hold; None before its first load."""
    with reading(organization_id):
        run_id = (
            Position.objects.filter(organization_id=organization_id, sync_id=sync_id, group=group)
            .values_list("run_id", flat=True)
            .first()
        )
    if run_id is None:
        return None
    return Place(organization_id, run_id, EvidenceKind.POSITION, group)


def iter_position(organization_id: int, sync_id: int, group: str) -> Iterator[Frame]:
    """Yield the cells that a group is believed to hold; none before the first load."""
    place = position_place(organization_id, sync_id, group)
    return iter_cells(place) if place else iter(())


def kept_cells(number: int, packed: CellBlock) -> Kept:
    """Describe a packed block of cells for keeping."""
    return Kept(number, packed.block, packed.count, packed.first_key, packed.last_key)


def spool_folder() -> Path:
    """Return the folder for sorted runs, made if it is not there."""
    folder = Path(settings.SPOOL_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
