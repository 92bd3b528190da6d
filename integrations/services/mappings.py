"""Mapping versions: made whole, approved, and never edited afterwards."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Max

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import MappingRule, MappingVersion
from integrations.pipeline.rule_checks import describe, find_trouble
from integrations.pipeline.rules import WHOLE, Rule, RuleKey
from integrations.services.bulk import copy_rows

_FIELDS = (
    "dimension", "code", "member", "kind", "code_to", "domain", "weight", "valid_from", "valid_to",
)  # fmt: skip
Members = Sequence[tuple[str, Decimal]]


def latest_version(organization: Organization) -> MappingVersion | None:
    """Return the newest approved version, inside an open scope."""
    return MappingVersion.objects.filter(organization=organization).order_by("-number").first()


def read_rules(version: MappingVersion) -> list[Rule]:
    """Return a version's rules in their visible order."""
    rows = MappingRule.objects.filter(
        organization_id=version.organization_id, version=version
    ).order_by("position", "pk")
    return [Rule(*row) for row in rows.values_list(*_FIELDS).iterator()]


def approve_rules(
    *, organization: Organization, rules: Iterable[Rule], requested_by: str, note: str = ""
) -> MappingVersion:
    """Make a whole set of rules the next approved version; the same rule twice is one.

    Raises Refused for a set that is not clear at every time: mapping_dimension_unknown,
    mapping_rule_invalid, mapping_conflict, mapping_weights_wrong.
    """
    wanted = list(dict.fromkeys(rules))
    trouble = find_trouble(wanted)
    if trouble is not None:
        raise Refused(trouble.code, **trouble.facts)
    with tenant(organization.pk):
        newest = MappingVersion.objects.filter(organization=organization).aggregate(
            number=Max("number")
        )["number"]
        version = MappingVersion.objects.create(
            organization=organization,
            number=(newest or 0) + 1,
            note=note[:200],
            approved_by=requested_by,
        )
        copy_rows(
            MappingRule,
            ("organization_id", "version_id", "position", *_FIELDS),
            ((organization.pk, version.pk, at, *rule) for at, rule in enumerate(wanted, 1)),
        )
        record_event(
            Action.MAPPING_APPROVED,
            subject=("mapping", version.number),
            data={"rules": len(wanted), "note": note},
        )
        return version


def set_rule(
    *, organization: Organization, dimension: str, code: str, member: str, requested_by: str
) -> MappingVersion:
    """Map one code to one member at all times, in a new version.

    A code that is mapped by date or by weight is refused as `mapping_rule_dated`: one member
    for all times would restate earlier periods.
    """
    key = RuleKey(dimension, "", "exact", code, "")
    with tenant(organization.pk):
        for rule in _current_rules(organization):
            is_plain = rule.valid_from is None and rule.valid_to is None and rule.weight == WHOLE
            if rule.key == key and not is_plain:
                raise Refused("mapping_rule_dated", dimension=dimension, member_code=code)
        return set_members(
            organization=organization,
            key=key,
            members=[(member, WHOLE)],
            requested_by=requested_by,
        )


def set_members(
    *,
    organization: Organization,
    key: RuleKey,
    members: Members,
    valid_from: int | None = None,
    valid_to: int | None = None,
    requested_by: str,
) -> MappingVersion:
    """Let members take what a key holds, from one period to another, in a new version.

    Other periods stay as they were: rules of the key that reach into these are cut there. The
    key keeps its place in the visible order.
    """
    with tenant(organization.pk):
        before = _current_rules(organization)
        place = next((at for at, rule in enumerate(before) if rule.key == key), len(before))
        rules = _cut_out(before, key, valid_from, valid_to)
        rules[place:place] = [
            Rule(
                key.dimension, key.code, member, key.kind, key.code_to, key.domain,
                weight, valid_from, valid_to,
            )
            for member, weight in members
        ]  # fmt: skip
        note = f"{describe(key)} mapped to {_members_in_words(members)}"
        return approve_rules(
            organization=organization,
            rules=rules,
            requested_by=requested_by,
            note=f"{note}{_dates_in_words(valid_from, valid_to)}",
        )


def remove_rule(
    *,
    organization: Organization,
    dimension: str,
    code: str,
    kind: str = "exact",
    code_to: str = "",
    domain: str = "",
    requested_by: str,
) -> MappingVersion:
    """Take away all rules of one key, of all dates, in a new version."""
    key = RuleKey(dimension, domain, kind, code, code_to)
    with tenant(organization.pk):
        rules = _current_rules(organization)
        kept = [rule for rule in rules if rule.key != key]
        if len(kept) == len(rules):
            raise Refused("mapping_rule_missing", dimension=dimension, member_code=code)
        return approve_rules(
            organization=organization,
            rules=kept,
            requested_by=requested_by,
            note=f"{describe(key)} no longer mapped",
        )


def _current_rules(organization: Organization) -> list[Rule]:
    version = latest_version(organization)
    return read_rules(version) if version else []


def _cut_out(
    rules: Iterable[Rule], key: RuleKey, valid_from: int | None, valid_to: int | None
) -> list[Rule]:
    """Return the rules without what those of a key say for a stretch of periods."""
    kept: list[Rule] = []
    for rule in rules:
        if rule.key != key:
            kept.append(rule)
            continue
        if valid_from is not None and (rule.valid_from or 0) < valid_from:
            last = _before(valid_from)
            kept.append(rule._replace(valid_to=min(rule.valid_to or last, last)))
        if valid_to is not None and (rule.valid_to is None or rule.valid_to > valid_to):
            first = _after(valid_to)
            kept.append(rule._replace(valid_from=max(rule.valid_from or first, first)))
    return kept


def _before(period: int) -> int:
    """Return the last period before one; years may have more than twelve."""
    return period - 1 if period % 100 > 1 else period - 100 - period % 100 + 99


def _after(period: int) -> int:
    """Return the first period after one; years may have more than twelve."""
    return period + 1 if period % 100 < 99 else period + 100 - 98


def _members_in_words(members: Members) -> str:
    if len(members) == 1:
        return members[0][0]
    return ", ".join(f"{member} ({weight.normalize():f})" for member, weight in members)


def _dates_in_words(valid_from: int | None, valid_to: int | None) -> str:
    start = f" from {valid_from}" if valid_from else ""
    return start + (f" to {valid_to}" if valid_to else "")
