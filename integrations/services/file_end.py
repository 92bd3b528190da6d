"""What became of a run's file: Anaplan's outcome, and the lines that its dump names."""

from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.models import EvidenceKind, Load, Run
from integrations.pipeline.outcome import read_dump
from integrations.services.evidence import Place, iter_blocks
from integrations.services.states import Slice


class Refusal(NamedTuple):
    """A line that Anaplan's dump lists: its number and Anaplan's words."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileEnd:
    """What became of the run's file: the outcome and the lines that the dump lists."""

    outcome: str = ""
    ignored: int = 0
    refused: dict[int, Refusal] = field(default_factory=dict)
    warned: dict[int, Refusal] = field(default_factory=dict)

    @property
    def was_taken(self) -> bool:
        """Whether Anaplan says that it took the file, but for the lines it names."""
        return self.outcome in ("ok", "partial", "ignored")

    @classmethod
    def of(cls, work: Slice, run: Run) -> "FileEnd":
        """Read the end of a run's load; a run that sent nothing has none."""
        if "file_end" in work.cache:
            known: FileEnd = work.cache["file_end"]
            return known
        with work.read():
            load = Load.objects.filter(run=run).first()
        if load is None:
            return cls()
        place = Place(run.organization_id, run.pk, EvidenceKind.DUMP)
        counts = load.result.get("counts", {})
        end = cls(load.outcome, int(counts.get("ignoredCount", 0)))
        for entry in read_dump(iter_blocks(place)):
            lines = end.warned if entry.status == "W" else end.refused
            lines[entry.line] = Refusal(entry.line, "; ".join(entry.messages))
        work.cache["file_end"] = end
        return end
