"""The parts of a run while it is mapped: target, groups, cells, segments and held rows."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Max

from audit.actions import Action
from audit.trail import record_event
from integrations.models import EvidenceKind, RecordException, Run, RunGroup, RunUnit, Verdict
from integrations.pipeline.blocks import pack, pack_cells
from integrations.pipeline.csvfile import SegmentWriter
from integrations.pipeline.frames import Frame
from integrations.pipeline.layout import Layout
from integrations.pipeline.mapping import Held
from integrations.services.evidence import Kept, Place, forget, keep, kept_cells
from integrations.services.rows import insert_exceptions
from integrations.services.states import Slice
from integrations.services.targets import Target


def group_units(group: RunGroup) -> list[RunUnit]:
    """Return the units whose rows fall on a group's cells, inside an open scope."""
    return list(RunUnit.objects.filter(run_id=group.run_id, group=group.name).order_by("pk"))


@dataclass(slots=True)
class GroupFiles:
    """Keeps a group's cells and its lines of the file, a block at a time."""

    work: Slice
    group: RunGroup
    first_line: int
    lines: int = 0
    segment_digests: list[str] = field(default_factory=list)
    cell_digests: list[str] = field(default_factory=list)

    def place(self, kind: EvidenceKind) -> Place:
        """Return where this group's evidence of a kind belongs."""
        return Place(self.group.organization_id, self.group.run_id, kind, self.group.name)

    def keep_cells(self, cells: Iterable[Frame]) -> Iterator[Frame]:
        """Keep the wanted cells and pass them on."""
        for number, packed in enumerate(pack_cells(cells), start=1):
            self.cell_digests.append(packed.block.sha256)
            with self.work.commit():
                keep(self.place(EvidenceKind.CELLS), [kept_cells(number, packed)])
            yield from packed.frames

    def keep_segments(self, due: Iterable[Frame], layout: Layout) -> None:
        """Keep the lines that are to be sent."""
        writer = SegmentWriter(layout, first_line=self.first_line)
        for number, segment in enumerate(writer.segments(due), start=1):
            block = pack(segment.raw)
            self.segment_digests.append(block.sha256)
            kept = Kept(number, block, segment.lines, first_line=segment.first_line)
            with self.work.commit():
                keep(self.place(EvidenceKind.SEGMENT), [kept])
        self.lines = writer.lines

    def digest(self) -> str:
        """Return a digest over all kept keys and amounts."""
        return hashlib.sha256("".join(self.cell_digests).encode()).hexdigest()


def begin_group(work: Slice, group: RunGroup) -> GroupFiles:
    """Clear what a killed worker may have left of the group and find its first line.

    The header is line 1 and belongs to the first group that has lines.
    """
    with work.commit() as run:
        files = GroupFiles(work, group, first_line=_next_line(run))
        for kind in (EvidenceKind.CELLS, EvidenceKind.SEGMENT):
            forget(files.place(kind))
        parts = [unit.part for unit in group_units(group)]
        RecordException.objects.filter(run=run, part__in=parts).delete()
    return files


def _next_line(run: Run) -> int:
    last = run.groups.filter(is_mapped=True, lines__gt=0).aggregate(
        last=Max(F("first_line") + F("lines"))
    )["last"]
    return int(last) if last is not None else 1


def count_lines(groups: Iterable[RunGroup]) -> int:
    """Return how many lines the groups have in the file, the header left out."""
    return max(0, sum(group.lines for group in groups) - 1)


def keep_held(work: Slice, unit: RunUnit, held: Sequence[Held], target: Target) -> None:
    """Keep held rows as exceptions, with one event for all of them."""
    measures = target.layout.measures
    with work.commit() as run:
        insert_exceptions(
            run,
            unit.part,
            (
                {
                    "source_key": row.row_key,
                    "verdict": Verdict.HELD,
                    "code": row.reason_code,
                    "dimension": row.dimension,
                    "member_code": row.code,
                    "values": dict(zip(measures, row.values, strict=True)),
                    "message": _missing_words(row.missing),
                    "codes": dict(zip(target.data_set.dimensions, row.codes, strict=True)),
                }
                for row in held
            ),
        )
        record_event(
            Action.RECORD_HELD,
            subject=("unit", unit.part),
            data={
                "records": len(held),
                "codes": sorted({f"{h.dimension} {h.code}" for h in held})[:50],
            },
        )


def _missing_words(missing: Iterable[tuple[str, str]]) -> str:
    return ", ".join(
        f"{dimension.replace('_', ' ')} {code or '(blank)'}" for dimension, code in missing
    )
