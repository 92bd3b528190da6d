"""Reading a mapping file: rules, and what binds the sync to the model's actions."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from accounts.errors import Refused
from integrations.pipeline.mapping_sheets import NOT_MAPPED
from integrations.pipeline.rule_checks import find_trouble
from integrations.pipeline.rules import DIMENSIONS, WHOLE, Rule

HEADER = ["dimension", "code", "member"]
MORE = ("kind", "code_to", "domain", "weight", "valid_from", "valid_to")


@dataclass(slots=True)
class MappingFile:
    """The content of a mapping file (docs/simulators.md describes the format)."""

    rules: list[Rule] = field(default_factory=list)
    bindings: dict[str, str] = field(default_factory=dict)
    export_bindings: dict[str, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)


def read_mapping_file(path: Path) -> MappingFile:
    """Read a CSV with the columns dimension, code, member and some of `MORE` behind them.

    Raises Refused mapping_file_invalid with the line in question.
    """
    found = MappingFile()
    lines: dict[Rule, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        columns = _read_header(next(rows, []))
        for row in rows:
            if row:
                _take(found, lines, row, columns, rows.line_num)
    found.rules = list(lines)
    trouble = find_trouble(found.rules)
    if trouble is not None:
        refused = Refused(trouble.code, **trouble.facts)
        problem = f"{refused.message.rstrip('.')}. {refused.fix.rstrip('.')}"
        raise _wrong(lines[found.rules[trouble.at]], problem)
    return found


def _wrong(line: int, problem: str) -> Refused:
    return Refused("mapping_file_invalid", line=line, problem=problem)


def _read_header(header: Sequence[str]) -> Sequence[str]:
    if list(header[:3]) != HEADER:
        raise _wrong(1, "the header does not begin with dimension,code,member")
    for name in header[3:]:
        if name not in MORE:
            raise _wrong(1, f"there is no column {name!r}; behind member stand {', '.join(MORE)}")
        if header.count(name) > 1:
            raise _wrong(1, f"the column {name} stands twice; keep one")
    return header


def _take(
    found: MappingFile,
    lines: dict[Rule, int],
    row: Sequence[str],
    columns: Sequence[str],
    line: int,
) -> None:
    if len(row) != len(columns):
        raise _wrong(line, f"{len(row)} columns, not {len(columns)}")
    dimension, code, member = row[:3]
    if dimension == "column":
        found.bindings[code] = member
    elif dimension == "export_column":
        found.export_bindings[code] = member
    elif dimension == "action":
        found.actions[code] = member
    elif dimension not in DIMENSIONS:
        raise _wrong(line, f"no dimension {dimension!r}; write {', '.join(DIMENSIONS)}")
    else:
        rule = _rule(row[:3], dict(zip(columns[3:], row[3:], strict=True)), line)
        lines.setdefault(rule, line)


def _rule(begin: Sequence[str], more: Mapping[str, str], line: int) -> Rule:
    dimension, code, member = begin
    member = "" if member == NOT_MAPPED else member
    return Rule(
        dimension,
        code,
        member,
        kind=more.get("kind") or "exact",
        code_to=more.get("code_to", ""),
        domain=more.get("domain", ""),
        weight=_weight(more.get("weight", ""), line),
        valid_from=_period("valid_from", more, line),
        valid_to=_period("valid_to", more, line),
    )


def _weight(text: str, line: int) -> Decimal:
    try:
        weight = Decimal(text or WHOLE)
    except InvalidOperation:
        weight = Decimal("NaN")
    if not weight.is_finite():
        raise _wrong(line, f"the weight {text!r} is no number; write 60% as 0.6")
    return weight


def _period(name: str, more: Mapping[str, str], line: int) -> int | None:
    text = more.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal()):
        raise _wrong(line, f"{name} {text!r} is no period; write year and period, such as 202607")
    return int(text) if text else None
