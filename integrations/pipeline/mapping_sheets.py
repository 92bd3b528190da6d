"""A mapping as a file of a person: its lines as rules, and everything that is wrong with it."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from audit.catalogue import CATALOGUE, fill
from integrations.pipeline.peoplefiles import without_mark
from integrations.pipeline.rule_checks import Trouble, find_trouble
from integrations.pipeline.rules import DIMENSIONS, KINDS, WHOLE, Rule, RuleKey
from integrations.pipeline.sheet_columns import find_columns, tidy
from integrations.pipeline.sheet_rows import (
    Row,
    SheetTooLarge,
    SheetUnreadable,
    decode,
    find_separator,
    read_separated,
)
from integrations.pipeline.spreadsheets import read_spreadsheet

MOST_LINES = 100_000
MOST_ERRORS = 5_000
"""Errors that are told one by one; more are counted."""
NOT_MAPPED = "(not mapped)"
"""Stands for a rule that leaves a code without a member; a blank member says nothing yet."""
BINDINGS = ("column", "export_column", "action")
"""Lines of a demo's file that are about the import and not about codes."""
_KINDS = {**{kind: kind for kind in KINDS}, "": "exact", "code": "exact", "all_others": "default"}
_WEIGHT = re.compile(r"(\d{0,3}(?:[.,]\d{0,20})?)\s*(%?)")
_PERIOD = re.compile(r"(\d{4})[-/.]?(\d{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class LineError(NamedTuple):
    """What is wrong in one line: in which column, with which value, and what to do."""

    line: int
    column: str
    value: str
    problem: str
    fix: str


@dataclass(slots=True)
class MappingSheet:
    """What a file says: its rules and blank keys by line, its errors, and how it was read."""

    rules: list[tuple[int, Rule]] = field(default_factory=list)
    blank: list[tuple[int, RuleKey]] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    error_count: int = 0
    passed: int = 0
    encoding: str = ""

    def add_error(self, error: LineError) -> None:
        """Keep an error, or count it where there are too many."""
        self.error_count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(error)

    def by_key(self) -> dict[RuleKey, list[tuple[int, Rule]]]:
        """Return the lines of each key in the order of the file; the same line twice is one."""
        found: dict[RuleKey, dict[Rule, int]] = {}
        for line, rule in self.rules:
            found.setdefault(rule.key, {}).setdefault(rule, line)
        return {key: [(line, rule) for rule, line in lines.items()] for key, lines in found.items()}


class _Wrong(Exception):
    """A cell that can't be used: its problem and what to do."""

    def __init__(self, column: str, problem: str, fix: str) -> None:
        super().__init__(column, problem, fix)
        self.column, self.problem, self.fix = column, problem, fix


def read_mapping_sheet(content: bytes, known: Collection[str] = ()) -> MappingSheet:
    """Read a CSV or XLSX file with all its errors.

    `known` are texts whose blanks at the ends or whose control characters belong to them; else
    blanks don't count. Raises SheetUnreadable and SheetTooLarge.
    """
    sheet = MappingSheet()
    rows = _read_rows(content, sheet)
    header = next(rows, None)
    if header is None:
        raise SheetUnreadable("it is empty")
    columns = find_columns(header.cells)
    for row in islice(rows, MOST_LINES):
        _take(sheet, row, columns, known)
    if next(rows, None) is not None:
        raise SheetTooLarge(f"{MOST_LINES:,} lines")
    _check_keys(sheet)
    sheet.errors.sort(key=lambda error: error.line)
    return sheet


def _check_keys(sheet: MappingSheet) -> None:
    """Take the rules of keys that are not clear out of the sheet, as errors."""
    unclear = set()
    for key, lines in sheet.by_key().items():
        trouble = find_trouble([rule for _, rule in lines])
        if trouble is not None:
            sheet.add_error(_error_of(trouble, lines))
            unclear.add(key)
    if unclear:
        sheet.rules = [(line, rule) for line, rule in sheet.rules if rule.key not in unclear]


def unusual_texts(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the texts of rules that reading would change, were they not known."""
    texts = (text for rule in rules for text in (rule.code, rule.code_to, rule.domain, rule.member))
    return frozenset(text for text in texts if text != text.strip() or _CONTROL.search(text))


def _read_rows(content: bytes, sheet: MappingSheet) -> Iterator[Row]:
    if content.startswith(b"PK"):
        sheet.encoding = "xlsx"
        return read_spreadsheet(content)
    text, sheet.encoding = decode(content)
    separator, text = find_separator(text)
    return read_separated(text, separator)


def _take(
    sheet: MappingSheet, row: Row, columns: Sequence[tuple[str, int]], known: Collection[str]
) -> None:
    cells = row.cells
    given = {name: cells[at] if at < len(cells) else "" for name, at in columns}
    if given["dimension"].strip() in BINDINGS:
        sheet.passed += 1
        return
    try:
        for name, at in columns:
            if row.odd and at in row.odd:
                raise _Wrong(name, *row.odd[at].value)
        rule = _rule(given, known)
    except _Wrong as wrong:
        value = given[wrong.column][:80]
        sheet.add_error(LineError(row.line, wrong.column, value, wrong.problem, wrong.fix))
        return
    if not rule.member:
        sheet.blank.append((row.line, rule.key))
        return
    if rule.member == NOT_MAPPED:
        rule = rule._replace(member="")
    sheet.rules.append((row.line, rule))


def _rule(given: dict[str, str], known: Collection[str]) -> Rule:
    return Rule(
        _dimension(given["dimension"]),
        _text("code", given, known),
        _text("member", given, known),
        kind=_kind(given.get("kind", "")),
        code_to=_text("code_to", given, known),
        domain=_text("domain", given, known),
        weight=_weight(given.get("weight", "")),
        valid_from=_period("valid_from", given),
        valid_to=_period("valid_to", given),
    )


@lru_cache(maxsize=1_000)
def _dimension(text: str) -> str:
    dimension = tidy(text)
    if dimension not in DIMENSIONS:
        raise _Wrong("dimension", "is no dimension", f"Write one of {', '.join(DIMENSIONS)}.")
    return dimension


@lru_cache(maxsize=1_000)
def _kind(text: str) -> str:
    kind = _KINDS.get(tidy(text))
    if kind is None:
        fix = f"Write {', '.join(KINDS)}, or leave it blank for exact."
        raise _Wrong("kind", "is no kind of rule", fix)
    return kind


def _text(name: str, given: dict[str, str], known: Collection[str]) -> str:
    text = without_mark(given.get(name, ""))
    if text in known:
        return text
    text = text.strip()
    if not text.isprintable() and _CONTROL.search(text):
        fix = "Write it again by hand, in one line."
        raise _Wrong(name, "holds a character that can't be seen", fix)
    return text


@lru_cache(maxsize=1_000)
def _weight(text: str) -> Decimal:
    text = text.strip()
    if not text:
        return WHOLE
    found = _WEIGHT.fullmatch(text)
    if found is None or not any(map(str.isdigit, text)):
        raise _Wrong("weight", "is no number", "Write 60% as 0.6, 0,6 or 60%.")
    weight = Decimal(found[1].replace(",", "."))
    return weight.scaleb(-2) if found[2] else weight


def _period(name: str, given: dict[str, str]) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    found = _PERIOD.fullmatch(text) if text.isascii() else None
    if found is None:
        raise _Wrong(name, "is no period", "Write year and period, such as 202607.")
    return int(found[1] + found[2])


def _error_of(trouble: Trouble, lines: Sequence[tuple[int, Rule]]) -> LineError:
    """Say what is wrong with the rules of one key, at the line where it can be mended."""
    line, rule = lines[trouble.at]
    entry = CATALOGUE[trouble.code]
    value = getattr(rule, trouble.column)
    said = str(trouble.facts.get("problem") or fill(entry.meaning, trouble.facts))
    if len(lines) > 1:
        said = f"{said.rstrip('.')} (lines {', '.join(str(line) for line, _ in lines[:10])})"
    return LineError(line, trouble.column, str(value), said, fill(entry.fix, trouble.facts))
