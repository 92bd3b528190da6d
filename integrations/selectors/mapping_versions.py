"""Reads of the mapping's versions: who approved them, and which runs used them."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.models import Organization
from integrations.models import MappingRule, MappingVersion, Run
from integrations.pipeline.rules import Rule
from integrations.selectors.mappings import read_rules

VERSIONS_LISTED = 200


def list_versions(organization: Organization) -> list[MappingVersion]:
    """Return the newest versions with their `rule_count` and `run_count`, newest first."""
    return list(counted_versions(organization).order_by("-number")[:VERSIONS_LISTED])


def get_version(organization: Organization, version_id: int) -> MappingVersion:
    """Return a version; Http404 where there is none."""
    found = counted_versions(organization).filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found


def rules_around(
    version: MappingVersion,
) -> tuple[MappingVersion | None, list[Rule], list[Rule]]:
    """Return the version before one, its rules and those of the version itself."""
    rows = MappingVersion.objects.filter(organization_id=version.organization_id)
    before = rows.filter(number__lt=version.number).order_by("-number").first()
    return before, read_rules(before) if before else [], read_rules(version)


def counted_versions(organization: Organization) -> QuerySet[MappingVersion]:
    """Return the versions, each with its `rule_count` and `run_count`, inside an open scope."""

    def count(model: type[MappingRule] | type[Run], field: str) -> Coalesce:
        rows = model.objects.filter(organization=organization, **{field: OuterRef("pk")})
        sums = rows.order_by().values(field).annotate(count=Count("pk"))
        return Coalesce(Subquery(sums.values("count")), 0)

    return MappingVersion.objects.filter(organization=organization).annotate(
        rule_count=count(MappingRule, "version"), run_count=count(Run, "mapping_version")
    )
