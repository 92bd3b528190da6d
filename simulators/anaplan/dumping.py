"""The failure dump of an import: the rows that were refused, with the reasons."""

from collections.abc import Sequence

from simulators.anaplan.rows import RowException


def render_dump(header: Sequence[str], exceptions: Sequence[RowException]) -> bytes:
    """CSV in which everything is quoted; lines are numbered from 1 with the header counted."""
    most = max((len(found.problems) for found in exceptions), default=0)
    names = [name or f"Column {number}" for number, name in enumerate(header, 1)]
    errors = [f"_Error_{number}_" for number in range(1, most + 1)]
    lines = [_line(["_Status_", *names, "_Line_", *errors])]
    for found in sorted(exceptions, key=lambda found: found.line):
        fields = [*found.fields, *[""] * (len(header) - len(found.fields))]
        words = [words for _, words in found.problems]
        lines.append(_line([found.status, *fields[: len(header)], str(found.line), *words]))
    return "".join(lines).encode()


def _line(fields: Sequence[str]) -> str:
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"
