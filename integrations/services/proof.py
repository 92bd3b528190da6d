"""The proof of one group: three streams of cells, every difference named, verdicts on its rows."""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import chain, zip_longest

from django.utils import timezone

from integrations.models import (
    CellDifference,
    EvidenceKind,
    Position,
    RecordException,
    Run,
    RunGroup,
    Verdict,
)
from integrations.pipeline import tieout
from integrations.pipeline.amounts import EXACT
from integrations.pipeline.blocks import pack_cells
from integrations.pipeline.csvfile import SegmentWriter, read_lines
from integrations.pipeline.frames import Frame
from integrations.pipeline.overlay import overlay
from integrations.services.evidence import (
    Place,
    digests,
    iter_cells,
    iter_held_before,
    iter_segments,
    keep,
    kept_cells,
    position_place,
    share,
)
from integrations.services.file_end import FileEnd, Refusal
from integrations.services.lines import amounts, held_amounts, keep_lines
from integrations.services.parts import group_units
from integrations.services.rows import cells_of_listed, keep_exceptions, rows_behind
from integrations.services.states import Slice
from integrations.services.targets import Target

DIFFERENCES_KEPT = 1_000
ZERO = Decimal(0)
NOT_CHOSEN = "held: not chosen for this replay"
HELD_WORDS = {
    "closed_change_held": "held: the change of a closed period waits for approval",
    "not_retried": "held: Anaplan refused it before, and the sync does not try again by itself",
}


@dataclass(slots=True)
class _Findings:
    """The differing cells of a group: those that records explain, and the others."""

    rejected: dict[str, Refusal] = field(default_factory=dict)
    warned: dict[str, Refusal] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    reason: str = ""
    ignored: set[str] = field(default_factory=set)
    explained: dict[tieout.Place, dict[str, Decimal]] = field(default_factory=dict)
    kept: list[tuple[tieout.CellDifference, str, str]] = field(default_factory=list)
    unexplained: int = 0
    count: int = 0


def prove_group(
    work: Slice, run: Run, group: RunGroup, target: Target, end: FileEnd, *, is_read: bool
) -> None:
    """Compare a group's cells, keep lines, differences and exceptions, and set its position."""
    prover = _Prover(work, run, group, target, end, is_read=is_read)
    prover.compare()
    counts = prover.keep_exceptions()
    prover.commit(counts)


class _Prover:
    """One group on its way from three streams to its lines."""

    def __init__(
        self, work: Slice, run: Run, group: RunGroup, target: Target, end: FileEnd, *, is_read: bool
    ) -> None:
        self.work, self.run, self.group, self.target = work, run, group, target
        self.end, self.is_read = end, is_read
        self.layout = target.layout
        self.findings = _Findings()
        self.result = tieout.TieOut()
        self.ignored_left = end.ignored - self._ignored_in_other_groups()

    def _ignored_in_other_groups(self) -> int:
        """Return how many cells of the run's groups are known to be ignored: Anaplan counts
        them once for the whole file."""
        with self.work.read() as run:
            proved = run.groups.filter(is_tied_out=True).values_list("counts", flat=True)
            return sum(counts.get("ignored_cells", 0) for counts in proved)

    def _place(self, kind: EvidenceKind) -> Place:
        return Place(self.run.organization_id, self.run.pk, kind, self.group.name)

    def _position(self) -> Iterator[Frame]:
        """What the group's cells held before; of a list, the members that QAD still has."""
        held = iter_held_before(self.run, self.group.name)
        members = self.target.members
        if members is None:
            return held
        return (
            frame.pick([at for at, key in enumerate(frame.keys) if key in members.owners])
            for frame in held
        )

    def _sent_now(self, *, refused: bool = True) -> Iterator[Frame]:
        """The lines of this run's file as they were sent, with or without the refused ones."""
        for segment in iter_segments(self._place(EvidenceKind.SEGMENT)):
            for first_line, frame in read_lines(segment.raw, segment.first_line, self.layout):
                taken = self._note_words(first_line, frame.keys)
                yield frame if refused or len(taken) == len(frame.keys) else frame.pick(taken)

    @cached_property
    def sent_keys(self) -> frozenset[str]:
        """The cells of the group that this run's file sent; asked for only where Anaplan says
        that it ignored some."""
        return frozenset(chain.from_iterable(frame.keys for frame in self._sent_now()))

    def _note_words(self, first_line: int, keys: Sequence[str]) -> Sequence[int]:
        """Note what Anaplan's dump says of these lines; return the places of those it took."""
        end, findings = self.end, self.findings
        if not end.refused and not end.warned:
            return range(len(keys))
        taken: list[int] = []
        for place, line in enumerate(range(first_line, first_line + len(keys))):
            if line in end.refused:
                findings.rejected[keys[place]] = end.refused[line]
                continue
            taken.append(place)
            if line in end.warned:
                findings.warned[keys[place]] = end.warned[line]
        return taken

    def _believed(self) -> Iterator[Frame]:
        """What Anaplan holds by its own words: the file it took, but for what it refused."""
        if self.end.was_taken:
            return overlay(self._position(), self._sent_now(refused=False))
        return self._position()

    def compare(self) -> None:
        """Merge QAD, last sent and Anaplan; without a read-back the file stands for Anaplan."""
        with self.work.read():
            units = group_units(self.group)
        listed = cells_of_listed(self.work, self.run, units, self.target)
        self.findings.listed = listed - self.sent_keys if listed else listed
        with self.work.read():
            held = RecordException.objects.filter(
                run=self.run, part__in=[unit.part for unit in units], code__in=HELD_WORDS
            )
            code = held.values_list("code", flat=True).first()
            self.findings.reason = HELD_WORDS[code] if code else NOT_CHOSEN
        agreed = self._prove_by_digest() if self.is_read else None
        if agreed is not None:
            self.result = agreed
            return
        target = (
            iter_cells(self._place(EvidenceKind.READ_BACK)) if self.is_read else self._believed()
        )
        self.result = tieout.tie_out(
            iter_cells(self._place(EvidenceKind.CELLS)),
            overlay(self._position(), self._sent_now()),
            target,
            self.layout,
            keep=0,
            on_difference=self._take,
        )

    def _prove_by_digest(self) -> tieout.TieOut | None:
        """Return the lines if QAD, last sent and Anaplan agree to the letter in every cell.

        Cells are kept in blocks named by their SHA-256, so equal names are equal cells. The
        file agrees where its bytes are what the wanted cells give, or where nothing was sent
        and the position is the wanted cells.
        """
        if self.end.refused or self.end.warned:
            return None
        wanted = digests(self._place(EvidenceKind.CELLS))
        if wanted != digests(self._place(EvidenceKind.READ_BACK)):
            return None
        if not self.group.lines and self._position_digests() != wanted:
            return None
        agreed = tieout.AgreedCells(self.layout)
        cells = agreed.passing(iter_cells(self._place(EvidenceKind.CELLS)))
        if not self.group.lines:
            deque(cells, maxlen=0)
        elif not self._file_is_made_of(cells):
            return None
        return agreed.result()

    def _position_digests(self) -> list[str]:
        place = position_place(self.run.organization_id, self.run.sync_id, self.group.name)
        return digests(place) if place else []

    def _file_is_made_of(self, cells: Iterator[Frame]) -> bool:
        """Write cells as lines once more and compare them with the kept segments."""
        made = SegmentWriter(self.layout, first_line=self.group.first_line).segments(cells)
        kept = iter_segments(self._place(EvidenceKind.SEGMENT))
        return all(
            again is not None and sent is not None and again.raw == sent.raw
            for again, sent in zip_longest(made, kept)
        )

    def _take(self, difference: tieout.CellDifference) -> None:
        findings = self.findings
        findings.count += 1
        key = difference.key
        reason, code = self._explanation(key, difference), ""
        if reason:
            self._add_explained(difference)
        else:
            findings.unexplained += 1
            code = "cell_overwritten" if self._is_overwritten(difference) else ""
        if len(findings.kept) < DIFFERENCES_KEPT:
            findings.kept.append((difference, reason, code))

    def _is_overwritten(self, difference: tieout.CellDifference) -> bool:
        """Whether Anaplan held what QAD says when it was last read back, and holds another now."""
        return (
            self.is_read
            and self.was_read_back
            and difference.sent == difference.source
            and difference.key not in self.sent_keys
        )

    @cached_property
    def was_read_back(self) -> bool:
        """Whether the position before this run is what Anaplan itself has answered."""
        with self.work.read():
            return Position.objects.filter(
                organization_id=self.run.organization_id,
                sync_id=self.run.sync_id,
                group=self.group.name,
                read_back_at__isnull=False,
            ).exists()

    def _explanation(self, key: str, difference: tieout.CellDifference) -> str:
        if key in self.findings.rejected:
            return f"refused by Anaplan: {self.findings.rejected[key].message}"
        if key in self.findings.warned:
            refusal = self.findings.rejected[key] = self.findings.warned[key]
            return f"taken by Anaplan with a problem: {refusal.message}"
        if key in self.findings.listed:
            return self.findings.reason
        may_be_ignored = len(self.findings.ignored) < self.ignored_left
        if may_be_ignored and difference.sent == difference.source and key in self.sent_keys:
            self.findings.ignored.add(key)
            return "ignored by Anaplan"
        return ""

    def _add_explained(self, difference: tieout.CellDifference) -> None:
        place = tieout.place_of(difference.key, self.layout)
        sums = self.findings.explained.setdefault(place, {})
        source = amounts(difference.source, len(self.layout.measures))
        target = amounts(difference.target, len(self.layout.measures))
        for measure, left, right in zip(self.layout.measures, source, target, strict=True):
            sums[measure] = EXACT.add(sums.get(measure, ZERO), EXACT.subtract(left, right))

    def keep_exceptions(self) -> dict[str, int]:
        """List the source rows behind refused and ignored cells; return how many there are."""
        counts = {"rejected": 0, "ignored": 0}
        self._forget_exceptions()
        groups = (
            ("rejected", Verdict.REJECTED, "anaplan_row_rejected", self.findings.rejected),
            (
                "ignored",
                Verdict.IGNORED,
                "anaplan_row_ignored",
                dict.fromkeys(self.findings.ignored),
            ),
        )
        with self.work.read():
            units = group_units(self.group)
        for name, verdict, code, cells in groups:
            if not cells:
                continue
            messages: dict[str, tuple[int | None, str]] = {
                key: (refusal.line, refusal.message) for key, refusal in cells.items() if refusal
            }
            for unit in units:
                counts[name] += keep_exceptions(
                    self.work,
                    unit,
                    rows_behind(unit, self.target, cells),
                    verdict=verdict,
                    code=code,
                    measures=self.layout.measures,
                    messages=messages,
                )
        return counts

    def _forget_exceptions(self) -> None:
        """Clear what a killed worker may have listed: the rows are listed and counted anew."""
        with self.work.commit() as run:
            RecordException.objects.filter(
                run=run,
                part__in=[unit.part for unit in group_units(self.group)],
                verdict__in=(Verdict.REJECTED, Verdict.IGNORED),
            ).delete()

    def commit(self, counts: dict[str, int]) -> None:
        """Write lines, differences and the new position together with the group's mark."""
        with self.work.commit() as run:
            held = held_amounts(run, self.group, self.target)
            keep_lines(run, self.group, self.target.layout, self.result,
                       self.findings.explained, held, is_read=self.is_read)  # fmt: skip
            CellDifference.objects.bulk_create(self._differences(run), batch_size=2_000)
            self.group.counts = {
                **self.group.counts,
                **counts,
                "ignored_cells": len(self.findings.ignored),
                "differences": self.findings.count,
                "unexplained": self.findings.unexplained,
            }
            self.group.is_tied_out = True
            self.group.save(update_fields=["counts", "is_tied_out"])
            self._set_position(run)

    def _set_position(self, run: Run) -> None:
        """Believe from now on what was read back, or what Anaplan's words make of the file."""
        if self.findings.count == 0:
            digest = share(self._place(EvidenceKind.CELLS), EvidenceKind.POSITION)
        elif self.is_read:
            digest = share(self._place(EvidenceKind.READ_BACK), EvidenceKind.POSITION)
        else:
            digest = self._keep_believed()
        Position.objects.update_or_create(
            organization=run.organization,
            sync_id=run.sync_id,
            group=self.group.name,
            defaults={
                "run": run,
                "digest": digest,
                "cells": self.result.cells,
                **self._read_back_at(),
            },
        )

    def _read_back_at(self) -> dict[str, datetime | None]:
        """Say when Anaplan has answered this; what an earlier run has read keeps its time."""
        if not self.is_read:
            return {"read_back_at": None}
        is_borrowed = "by_run" in self.run.plan["read_back"]
        return {} if is_borrowed else {"read_back_at": timezone.now()}

    def _keep_believed(self) -> str:
        digest = hashlib.sha256()
        place = self._place(EvidenceKind.POSITION)
        for number, packed in enumerate(pack_cells(list(self._believed())), start=1):
            digest.update(packed.block.sha256.encode())
            keep(place, [kept_cells(number, packed)])
        return digest.hexdigest()

    def _differences(self, run: Run) -> list[CellDifference]:
        rows = []
        for difference, reason, code in self.findings.kept:
            triple = [
                amounts(values, len(self.layout.measures))
                for values in (difference.source, difference.sent, difference.target)
            ]
            for measure, source, sent, target in zip(self.layout.measures, *triple, strict=True):
                if source == sent == target:
                    continue
                rows.append(
                    CellDifference(
                        organization=run.organization,
                        run=run,
                        cell_key=difference.key,
                        measure=measure,
                        source=source,
                        sent=sent,
                        target=target if self.is_read else None,
                        is_explained=bool(reason),
                        explanation=reason,
                        code=code,
                    )
                )
        return rows
