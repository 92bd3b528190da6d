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
from django.db import connection
from psycopg import Cursor

from audit.tenancy import reading
from integrations.models import Evidence, EvidenceBlock, EvidenceKind, Position, Run, RunUnit
from integrations.pipeline.blocks import Block, CellBlock, pack, read_cells, unpack
from integrations.pipeline.csvfile import Segment
from integrations.pipeline.frames import Frame

BLOCKS_A_FETCH = 4
BLOCKS_AHEAD = 1

_KEEP_BLOCKS = """
    INSERT INTO integrations_evidenceblock (organization_id, sha256, data, raw_size, created_at)
    SELECT %s, given.sha256, given.data, given.raw_size, statement_timestamp()
    FROM unnest(%s::text[], %b::bytea[], %s::bigint[]) AS given (sha256, data, raw_size)
    ON CONFLICT DO NOTHING
"""
# A statement of its own: it also sees a block that another transaction has just kept.
_KEEP_PLACES = """
    INSERT INTO integrations_evidence (organization_id, run_id, kind, part, block_id, number, rows,
        first_line, first_key, last_key)
    SELECT %s, %s, %s, %s, block.id, number, rows, first_line, first_key, last_key
    FROM unnest(%s::text[], %s::int[], %s::int[], %s::bigint[], %s::text[], %s::text[])
        AS given (sha256, number, rows, first_line, first_key, last_key)
    JOIN integrations_evidenceblock AS block
        ON block.organization_id = %s AND block.sha256 = given.sha256
    ON CONFLICT DO NOTHING
"""


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
    """Store blocks and their places in the open transaction; what is there already stays.

    Blocks travel in binary: as text they would take twice the room, and time to read.
    """
    if not kept:
        return
    owner = (place.organization_id, place.run_id, str(place.kind), place.part)
    digests = [item.block.sha256 for item in kept]
    data = [item.block.data for item in kept]
    with (
        connection.cursor() as django_cursor,
        connection.wrap_database_errors,
        Cursor(django_cursor.connection) as cursor,
    ):
        cursor.execute(
            _KEEP_BLOCKS,
            (place.organization_id, digests, data, [item.block.raw_size for item in kept]),
        )
        numbers, rows, lines, firsts, lasts = zip(
            *((k.number, k.rows, k.first_line, k.first_key, k.last_key) for k in kept), strict=True
        )
        columns = map(list, (numbers, rows, lines, firsts, lasts))
        cursor.execute(_KEEP_PLACES, (*owner, digests, *columns, place.organization_id))


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


def share(source: Place, kind: EvidenceKind, *, run_id: int | None = None) -> str:
    """Let the blocks of a place stand for another kind, or for another run, as well.

    In the open transaction; what stood there before is replaced. Returns a digest over them.
    """
    run_id = run_id or source.run_id
    forget(Place(source.organization_id, run_id, kind, source.part))
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
        row.pk, row.kind, row.run_id = None, kind, run_id
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


def iter_held_before(run: Run, group: str) -> Iterator[Frame]:
    """Yield the cells that a group holds before a run's file; none where that is emptied first."""
    if run.sync.sends_all:
        return iter(())
    return iter_position(run.organization_id, run.sync_id, group)


def kept_cells(number: int, packed: CellBlock) -> Kept:
    """Describe a packed block of cells for keeping."""
    return Kept(number, packed.block, packed.count, packed.first_key, packed.last_key)


def spool_folder() -> Path:
    """Return the folder for sorted runs, made if it is not there."""
    folder = Path(settings.SPOOL_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
