"""What was read of a mapping file, kept as bytes: a hostile file is read once."""

import json
from decimal import Decimal
from typing import Any

import zstandard

from integrations.pipeline.mapping_sheets import LineError, MappingSheet
from integrations.pipeline.rules import Rule, RuleKey


def keep_sheet(sheet: MappingSheet) -> bytes:
    """Return what was read as packed bytes."""
    kept = {
        "rules": [[line, *rule[:6], str(rule.weight), *rule[7:]] for line, rule in sheet.rules],
        "blank": [[line, *key] for line, key in sheet.blank],
        "errors": sheet.errors,
        "error_count": sheet.error_count,
        "passed": sheet.passed,
        "encoding": sheet.encoding,
    }
    return zstandard.ZstdCompressor().compress(json.dumps(kept).encode())


def kept_sheet(data: bytes) -> MappingSheet:
    """Return what was read of a file from packed bytes."""
    kept: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().decompress(data))
    return MappingSheet(
        rules=[
            (line, Rule._make([*cells[:6], Decimal(cells[6]), *cells[7:]]))
            for line, *cells in kept["rules"]
        ],
        blank=[(line, RuleKey(*key)) for line, *key in kept["blank"]],
        errors=[LineError(*error) for error in kept["errors"]],
        error_count=kept["error_count"],
        passed=kept["passed"],
        encoding=kept["encoding"],
    )
