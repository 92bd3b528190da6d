"""Mapping versions: made whole, approved, and never edited afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from django.db.models import Max

from accounts.errors import Refused
from accounts.models import Organization
from accounts.services.deeds import lock_organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import MappingRule, MappingVersion
from integrations.pipeline.mapping_changes import (
    KeyChange,
    apply_changes,
    group_parts,
    set_between,
)
from integrations.pipeline.rule_checks import describe, find_trouble
from integrations.pipeline.rules import WHOLE, Rule, RuleKey
from integrations.selectors.mappings import RULE_FIELDS, current_version, read_rules
from integrations.services.bulk import copy_rows

Members = Sequence[tuple[str, Decimal]]


@contextmanager
def editing(organization: Organization) -> Iterator[Organization]:
    """Open an organization for a change of its mapping; others wait until it is made."""
    with tenant(organization.pk):
        yield lock_organization(organization.pk)


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
    with editing(organization):
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
            ("organization_id", "version_id", "position", *RULE_FIELDS),
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
    with editing(organization):
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
    with editing(organization):
        before = _current_rules(organization)
        parts = set_between(group_parts(before).get(key, ()), members, valid_from, valid_to)
        note = f"{describe(key)} mapped to {_members_in_words(members)}"
        return approve_rules(
            organization=organization,
            rules=apply_changes(before, [KeyChange(key, parts)]),
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
    with editing(organization):
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
    version = current_version(organization)
    return read_rules(version) if version else []


def _members_in_words(members: Members) -> str:
    if len(members) == 1:
        return members[0][0]
    return ", ".join(f"{member} ({weight.normalize():f})" for member, weight in members)


def _dates_in_words(valid_from: int | None, valid_to: int | None) -> str:
    start = f" from {valid_from}" if valid_from else ""
    return start + (f" to {valid_to}" if valid_to else "")
