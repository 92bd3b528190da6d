"""Reads of the mapping: the current version, its rules, and the codes without a member."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Organization
from integrations.models import MappingRule, MappingVersion
from integrations.pipeline.rules import Rule

RULES_A_PAGE = 100
RULE_FIELDS = (
    "dimension", "code", "member", "kind", "code_to", "domain", "weight", "valid_from", "valid_to",
)  # fmt: skip
DIMENSIONS = (
    ("entity", "Entity"),
    ("gl_account", "GL account"),
    ("cost_center", "Cost center"),
    ("supplier", "Supplier"),
    ("period", "Period"),
    ("currency", "Currency"),
    ("sub_account", "Sub-account"),
    ("project", "Project"),
)


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What the list shows: one dimension or all, and rules with a text in code or member."""

    dimension: str = ""
    text: str = ""

    @property
    def is_set(self) -> bool:
        """Whether the filter leaves anything out."""
        return bool(self.dimension or self.text)


@dataclass(frozen=True, slots=True)
class RulePage:
    """A stretch of rules, how many there are in all, and where the next stretch begins."""

    rules: list[MappingRule]
    total: int
    after: tuple[str, str, int] | None


def current_version(organization: Organization) -> MappingVersion | None:
    """Return the newest approved version; None before the first."""
    return MappingVersion.objects.filter(organization=organization).order_by("-number").first()


def read_rules(version: MappingVersion) -> list[Rule]:
    """Return a version's rules in their visible order."""
    rows = MappingRule.objects.filter(
        organization_id=version.organization_id, version=version
    ).order_by("position", "pk")
    return [Rule(*row) for row in rows.values_list(*RULE_FIELDS).iterator()]


def list_rules(
    version: MappingVersion, chosen: RuleFilter, *, after: tuple[str, str, int] | None = None
) -> RulePage:
    """Return one page of a version's rules, by dimension, code and visible order."""
    rules = MappingRule.objects.filter(organization_id=version.organization_id, version=version)
    if chosen.dimension:
        rules = rules.filter(dimension=chosen.dimension)
    if chosen.text:
        rules = rules.filter(Q(code__icontains=chosen.text) | Q(member__icontains=chosen.text))
    total = rules.count()
    if after:
        dimension, code, position = after
        rules = rules.filter(
            Q(dimension__gt=dimension)
            | Q(dimension=dimension, code__gt=code)
            | Q(dimension=dimension, code=code, position__gt=position)
        )
    found = list(rules.order_by("dimension", "code", "position")[: RULES_A_PAGE + 1])
    shown = found[:RULES_A_PAGE]
    return RulePage(shown, total, _place(shown[-1]) if len(found) > len(shown) else None)


def _place(rule: MappingRule) -> tuple[str, str, int]:
    return rule.dimension, rule.code, rule.position
