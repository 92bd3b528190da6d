"""A mapping file to fill in: the codes of QAD that no rule maps yet."""

from collections.abc import Iterator, Sequence

from accounts.models import Organization
from integrations.models import ExceptionState, QadCode, RecordException
from integrations.pipeline.rules import MappingTable, RulesInForce
from integrations.pipeline.sheet_columns import COLUMNS
from integrations.selectors.drafts import read_standing

TEMPLATE_COLUMNS = ("dimension", "code", "name", *COLUMNS[2:], "note")
MOST_CODES = 20_000
"""Codes of one dimension that a template lists."""
EXAMPLES = ("100", "200")


class _NoFile:
    """Members that are written to no file."""

    dimensions: tuple[str, ...] = ()

    def quote(self, text: str) -> str:
        """Return the text itself."""
        return text


def template_rows(organization: Organization, dimensions: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row for each code that no rule maps today; two examples where none is known."""
    today = organization.today()
    table = MappingTable(read_standing(organization).rules_with_draft(), _NoFile(), {})
    rows = []
    for dimension in dimensions:
        codes = _known_codes(organization, dimension)
        found: dict[str, str] = {}
        in_force: dict[str, RulesInForce] = {}
        for code, name, domain in codes:
            if domain not in in_force:
                in_force[domain] = table.in_force(domain, today.year * 100 + today.month)
            if not in_force[domain].shares(dimension, code):
                found[code] = found.get(code) or name
        rows += [_row(dimension, code, name) for code, name in list(found.items())[:MOST_CODES]]
        if not found:
            note = "an example: write a code of yours and its member, or delete the line"
            rows += [_row(dimension, code, "", note) for code in EXAMPLES]
    return rows


def _known_codes(organization: Organization, dimension: str) -> Iterator[tuple[str, str, str]]:
    """Yield the codes of QAD's lists, and those that held records have, with name and domain."""
    listed = QadCode.objects.filter(
        organization=organization, dimension=dimension, missing_since__isnull=True
    )
    yield from listed.order_by("code", "domain").values_list("code", "name", "domain")
    held = RecordException.objects.filter(
        organization=organization,
        state=ExceptionState.OPEN,
        dimension=dimension,
        code__startswith="unmapped_",
    )
    for code in held.order_by("member_code").values_list("member_code", flat=True).distinct():
        yield code, "", ""


def _row(dimension: str, code: str, name: str, note: str = "") -> tuple[str, ...]:
    return (dimension, code, name, *[""] * len(COLUMNS[2:]), note)
