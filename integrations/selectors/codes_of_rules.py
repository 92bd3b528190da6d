"""Which codes the rules of a mapping version hold, asked of the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Collate, Concat, Length

from accounts.models import Organization
from integrations.models import MappingRule, MappingVersion, MemberList, RuleKind
from integrations.pipeline.ranges import holds, is_numeric
from integrations.pipeline.rules import RuleKey

PLACE = Concat("domain", Value("\n"), "code")
"""A code with its domain, as one text."""


@dataclass(frozen=True, slots=True)
class DimensionRules:
    """The rules of one dimension in a version, whenever they are in force; None has none."""

    organization: Organization
    version: MappingVersion | None
    dimension: str
    patterns: list[MappingRule] = field(default_factory=list)

    @classmethod
    def of_all(
        cls,
        organization: Organization,
        version: MappingVersion | None,
        dimensions: Iterable[str],
    ) -> "list[DimensionRules]":
        """Read the rules of dimensions that hold more than one code; there are few."""
        found = [cls(organization, version, dimension) for dimension in dimensions]
        wide = MappingRule.objects.filter(
            organization=organization,
            version=version,
            dimension__in=[rules.dimension for rules in found],
        ).exclude(kind=RuleKind.EXACT)
        patterns = {rules.dimension: rules.patterns for rules in found}
        for rule in wide.order_by("position", "pk"):
            patterns[rule.dimension].append(rule)
        return found

    def rows(self) -> QuerySet[MappingRule]:
        """Return the dimension's rules."""
        return MappingRule.objects.filter(
            organization=self.organization, version=self.version, dimension=self.dimension
        )

    def held(self) -> Q:
        """Return what is true of rows, as `with_plain_codes` gives them, that a rule holds.

        Whole sets are compared: looking for each code takes a minute for ten thousand while
        the database has no statistics of them.
        """
        exact = self.rows().filter(kind=RuleKind.EXACT)
        own = exact.exclude(domain="").annotate(place=PLACE)
        condition = Q(code__in=exact.filter(domain="").values("code"))
        condition |= Q(place__in=own.values("place"))
        for rule in self.patterns:
            condition |= held_by(rule)
        return condition

    def has_pattern(self, domain: str, code: str) -> bool:
        """Whether a rule holds a code of a domain among many others."""
        return any(rule.domain in ("", domain) and _holds(rule, code) for rule in self.patterns)

    def count_patterns(self, code: str) -> int:
        """Return how many rules hold a code among many others; parts of one count once."""
        keys = {(rule.domain, rule.kind, rule.code, rule.code_to): rule for rule in self.patterns}
        return sum(_holds(rule, code) for rule in keys.values())


@dataclass(frozen=True, slots=True)
class Matter:
    """A dimension with the rules of the newest version and its list, if one is chosen."""

    rules: DimensionRules
    members: MemberList | None

    @property
    def organization(self) -> Organization:
        """Whose it is."""
        return self.rules.organization

    @property
    def dimension(self) -> str:
        """Which dimension it is."""
        return self.rules.dimension


def _holds(rule: MappingRule, code: str) -> bool:
    if rule.kind == RuleKind.PREFIX:
        return code.startswith(rule.code)
    return rule.kind == RuleKind.DEFAULT or holds(rule.code, rule.code_to, code)


def with_plain_codes(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Give rows their code as `plain`, which compares letter by letter, and their `place`."""
    plain: QuerySet[Any] = rows.alias(
        plain=Collate("code", "C"), digits=Length("code"), place=PLACE
    )
    return plain


def held_by(rule: MappingRule | RuleKey) -> Q:
    """Return what is true of rows that a prefix, a range or a default holds."""
    condition = Q(domain=rule.domain) if rule.domain else Q()
    if rule.kind == RuleKind.PREFIX:
        return condition & Q(code__startswith=rule.code)
    if rule.kind == RuleKind.RANGE:
        condition &= Q(plain__gte=rule.code, plain__lte=rule.code_to)
        if is_numeric(rule.code, rule.code_to):
            condition &= Q(digits=len(rule.code), code__regex=r"^[0-9]+$")
    return condition if condition else Q(pk__isnull=False)
