"""Which codes of a dimension fall on other members under other rules."""

from collections.abc import Iterator, Sequence

from django.db.models import Q

from accounts.models import Organization
from integrations.models import CodeAmount
from integrations.pipeline.mapping_changes import group_parts
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.codes_of_rules import held_by, with_plain_codes

CODES_AT_ONCE = 2000
MOST_PATTERNS = 50
"""From so many on, asking for each is slower than reading all codes."""


def changed_keys(before: Sequence[Rule], after: Sequence[Rule]) -> dict[str, list[RuleKey]]:
    """Return by dimension the keys that have other parts, in a fixed order."""
    was, will = group_parts(before), group_parts(after)
    changed: dict[str, list[RuleKey]] = {}
    for key in sorted(was.keys() | will.keys()):
        if was.get(key) != will.get(key):
            changed.setdefault(key.dimension, []).append(key)
    return changed


def moved_codes(
    organization: Organization, keys: Sequence[RuleKey], was: CodeFinder, will: CodeFinder
) -> Iterator[list[str]]:
    """Yield the codes with amounts that changed keys of one dimension may move, many at a time.

    Those of patterns are asked for one by one, so that amounts are read only of codes that have
    another member in some period.
    """
    dimension = keys[0].dimension
    codes = {key.code for key in keys if key.kind == "exact"}
    patterns = [key for key in keys if key.kind != "exact"]
    if patterns:
        starts = sorted({*was.stretches(dimension), *will.stretches(dimension)})
        codes |= {
            code
            for domain, code in _held_codes(organization, patterns)
            if any(
                was.shares(dimension, code, domain=domain, period=start)
                != will.shares(dimension, code, domain=domain, period=start)
                for start in starts
            )
        }
    ordered = sorted(codes)
    for start in range(0, len(ordered), CODES_AT_ONCE):
        yield ordered[start : start + CODES_AT_ONCE]


def _held_codes(
    organization: Organization, patterns: Sequence[RuleKey]
) -> Iterator[tuple[str, str]]:
    held = Q()
    if len(patterns) < MOST_PATTERNS:
        for key in patterns:
            held |= held_by(key)
    rows = CodeAmount.objects.filter(organization=organization, dimension=patterns[0].dimension)
    found = with_plain_codes(rows).filter(held).values_list("domain", "code")
    yield from found.order_by().distinct().iterator()
