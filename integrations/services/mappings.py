"""Mapping versions: made whole, approved, and never edited afterwards."""

from collections.abc import Iterable, Mapping

from django.db.models import Max

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import MappingRule, MappingVersion
from integrations.services.bulk import copy_rows

DIMENSIONS = (
    "entity", "gl_account", "cost_center", "supplier", "period", "currency", "sub_account",
    "project",
)  # fmt: skip
Rules = Mapping[tuple[str, str], str]


def latest_version(organization: Organization) -> MappingVersion | None:
    """Return the newest approved version, inside an open scope."""
    return MappingVersion.objects.filter(organization=organization).order_by("-number").first()


def read_rules(version: MappingVersion) -> dict[tuple[str, str], str]:
    """Return a version's rules as {(dimension, code): member}."""
    rows = MappingRule.objects.filter(
        organization_id=version.organization_id, version=version
    ).values_list("dimension", "code", "member")
    return {(dimension, code): member for dimension, code, member in rows.iterator()}


def approve_rules(
    *, organization: Organization, rules: Rules, requested_by: str, note: str = ""
) -> MappingVersion:
    """Make a whole set of rules the next approved version."""
    _check(rules)
    with tenant(organization.pk):
        newest = MappingVersion.objects.filter(organization=organization).aggregate(
            number=Max("number")
        )["number"]
        version = MappingVersion.objects.create(
            organization=organization,
            number=(newest or 0) + 1,
            note=note,
            approved_by=requested_by,
        )
        copy_rows(
            MappingRule,
            ("organization_id", "version_id", "dimension", "code", "member"),
            (
                (organization.pk, version.pk, dimension, code, member)
                for (dimension, code), member in rules.items()
            ),
        )
        record_event(
            Action.MAPPING_APPROVED,
            subject=("mapping", version.number),
            data={"rules": len(rules), "note": note},
        )
        return version


def set_rule(
    *, organization: Organization, dimension: str, code: str, member: str, requested_by: str
) -> MappingVersion:
    """Map one code to one member, in a new version."""
    with tenant(organization.pk):
        rules = _current_rules(organization)
        rules[dimension, code] = member
        return approve_rules(
            organization=organization,
            rules=rules,
            requested_by=requested_by,
            note=f"{dimension} {code} mapped to {member}",
        )


def remove_rule(
    *, organization: Organization, dimension: str, code: str, requested_by: str
) -> MappingVersion:
    """Leave one code without a member, in a new version: its rows are held from now on."""
    with tenant(organization.pk):
        rules = _current_rules(organization)
        if rules.pop((dimension, code), None) is None:
            raise Refused("mapping_rule_missing", dimension=dimension, member_code=code)
        return approve_rules(
            organization=organization,
            rules=rules,
            requested_by=requested_by,
            note=f"{dimension} {code} no longer mapped",
        )


def _current_rules(organization: Organization) -> dict[tuple[str, str], str]:
    version = latest_version(organization)
    return read_rules(version) if version else {}


def _check(rules: Iterable[tuple[str, str]]) -> None:
    for dimension, code in rules:
        if dimension not in DIMENSIONS:
            raise Refused("mapping_dimension_unknown", dimension=dimension, member_code=code)
