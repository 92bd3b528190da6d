"""A mapping as the rows of a file, always in one order and form."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from integrations.pipeline.mapping_changes import group_parts
from integrations.pipeline.mapping_sheets import NOT_MAPPED
from integrations.pipeline.peoplefiles import with_mark
from integrations.pipeline.rules import DIMENSIONS, KINDS, WHOLE, Rule, RuleKey
from integrations.pipeline.sheet_columns import COLUMNS

_PIECE = 65_536


def mapping_rows(rules: Iterable[Rule]) -> Iterator[Sequence[str]]:
    """Yield the cells of each rule, sorted.

    Ranges of a dimension keep their visible order, since of two as wide the first one wins; and
    so do the parts of a split, since the last one takes the rest.
    """
    for key, parts in sorted(group_parts(rules).items(), key=lambda pair: _place(pair[0])):
        for part in sorted(parts, key=lambda part: (part.valid_from or 0, part.valid_to or 0)):
            yield (
                key.dimension,
                key.code,
                part.member or NOT_MAPPED,
                key.kind,
                key.code_to,
                key.domain,
                "" if part.weight == WHOLE else f"{part.weight.normalize():f}",
                str(part.valid_from or ""),
                str(part.valid_to or ""),
            )


def csv_of(
    rows: Iterable[Sequence[str]], *, is_safe: bool, header: Sequence[str] = COLUMNS
) -> Iterator[bytes]:
    """Yield a CSV file of rows; a safe one has marks that keep spreadsheets from computing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if is_safe:
        out.write("\ufeff")
    writer.writerow(header)
    for row in rows:
        writer.writerow([with_mark(text, is_safe=is_safe) for text in row])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _place(key: RuleKey) -> tuple[int, str, int, str]:
    code = "" if key.kind == "range" else key.code
    return DIMENSIONS.index(key.dimension), key.domain, KINDS.index(key.kind), code
