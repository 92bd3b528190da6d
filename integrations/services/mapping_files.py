"""Reading a mapping file: rules, and what binds the sync to the model's actions."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from accounts.errors import Refused
from integrations.services.mappings import DIMENSIONS

HEADER = ["dimension", "code", "member"]


@dataclass(slots=True)
class MappingFile:
    """The content of a mapping file (docs/simulators.md describes the format)."""

    rules: dict[tuple[str, str], str] = field(default_factory=dict)
    bindings: dict[str, str] = field(default_factory=dict)
    export_bindings: dict[str, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)


def read_mapping_file(path: Path) -> MappingFile:
    """Read a CSV with the columns dimension, code, member; refuse it with the line in question."""
    found = MappingFile()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        if next(rows, None) != HEADER:
            raise Refused(
                "mapping_file_invalid", line=1, problem="the header is not dimension,code,member"
            )
        for line, row in enumerate(rows, start=2):
            if row:
                _take(found, row, line)
    return found


def _take(found: MappingFile, row: list[str], line: int) -> None:
    if len(row) != len(HEADER):
        raise Refused("mapping_file_invalid", line=line, problem=f"{len(row)} columns, not 3")
    dimension, code, member = row
    if dimension == "column":
        found.bindings[code] = member
    elif dimension == "export_column":
        found.export_bindings[code] = member
    elif dimension == "action":
        found.actions[code] = member
    elif dimension not in DIMENSIONS:
        raise Refused("mapping_file_invalid", line=line, problem=f"no dimension {dimension!r}")
    elif found.rules.setdefault((dimension, code), member) != member:
        raise Refused("mapping_file_invalid", line=line, problem=f"{dimension} {code} stands twice")
