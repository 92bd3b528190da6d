"""Reads of the mapping a page at a time, for programs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404

from accounts.models import Organization
from integrations.models import MappingChange, MappingRule, MappingVersion
from integrations.pipeline.mapping_changes import Parts
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.drafts import Standing, key_of, read_standing
from integrations.selectors.mapping_suggestions import suggestions_for
from integrations.selectors.mapping_versions import counted_versions
from integrations.selectors.mappings import current_version
from integrations.selectors.unmapped import UnmappedCode, read_desk

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One page of versions, newest first; `older` is where the next begins, None at the end."""

    versions: list[MappingVersion]
    older: int | None


@dataclass(frozen=True, slots=True)
class RulePage:
    """One page of a version's rules; `after` is where the next begins, None at the end."""

    version: MappingVersion | None
    rules: list[MappingRule]
    after: int | None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A change of the draft beside what the newest version has."""

    change: MappingChange
    now: Parts
    in_conflict: bool


@dataclass(frozen=True, slots=True)
class DraftedPage:
    """One page of the draft's changes; `after` is where the next begins, None at the end."""

    changes: list[Drafted]
    after: int | None


def page_versions(organization: Organization, *, before: int | None, size: int) -> VersionPage:
    """Return versions with their `rule_count` and `run_count`, newest first."""
    rows = counted_versions(organization)
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows.order_by("-number")[: size + 1])
    shown = found[:size]
    return VersionPage(shown, shown[-1].number if len(found) > len(shown) else None)


def get_numbered(organization: Organization, number: int) -> MappingVersion:
    """Return the version with a number; Http404 where there is none."""
    found = counted_versions(organization).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def page_rules(
    organization: Organization,
    *,
    number: int | None,
    dimension: str,
    code: str | None,
    after: int | None,
    size: int,
) -> RulePage:
    """Return rules of a version, the newest unless told otherwise, in their visible order.

    Http404 where there is no version with that number. A version's rows are written in the
    visible order, so their ids stand in it too.
    """
    version = (
        current_version(organization) if number is None else get_numbered(organization, number)
    )
    rows = MappingRule.objects.filter(organization=organization, version=version)
    if dimension:
        rows = rows.filter(dimension=dimension)
    if code is not None:
        rows = rows.filter(code=code)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: size + 1])
    shown = found[:size]
    return RulePage(version, shown, shown[-1].pk if len(found) > len(shown) else None)


def page_changes(organization: Organization, *, after: int | None, size: int) -> DraftedPage:
    """Return changes of the open draft, oldest first; Http404 where none is open."""
    standing = read_standing(organization)
    if standing.draft is None:
        raise Http404
    stale = {change.pk for change in standing.stale_changes()}
    found = [row for row in standing.changes.values() if after is None or row.pk > after]
    shown = [
        Drafted(change, standing.approved.get(key_of(change), ()), change.pk in stale)
        for change in found[:size]
    ]
    return DraftedPage(shown, found[size - 1].pk if len(found) > size else None)


def page_unmapped(
    organization: Organization, *, dimension: str, after: Place | None, size: int
) -> tuple[list[UnmappedCode], Place | None]:
    """Return codes without a member by dimension and code, and where the next page begins."""
    return _page(_unmapped(organization, read_standing(organization), dimension), after, size)


def page_suggestions(
    organization: Organization, *, dimension: str, least: int, after: Place | None, size: int
) -> tuple[list[tuple[UnmappedCode, Suggestion]], Place | None]:
    """Return codes of a dimension with the member that is suggested, and where the next begins.

    All codes of the dimension speak, whichever page is asked for, so that pages agree.
    """
    standing = read_standing(organization)
    codes = _unmapped(organization, standing, dimension)
    names = {code.code for code in codes}
    found = suggestions_for(organization, dimension, names, standing.rules)
    sure = [code for code in codes if code.code in found and found[code.code].score >= least]
    shown, following = _page(sure, after, size)
    return [(code, found[code.code]) for code in shown], following


def _unmapped(organization: Organization, standing: Standing, dimension: str) -> list[UnmappedCode]:
    codes = read_desk(organization, standing).unmapped
    return [code for code in codes if not dimension or code.dimension == dimension]


def _page(
    codes: Iterable[UnmappedCode], after: Place | None, size: int
) -> tuple[list[UnmappedCode], Place | None]:
    places = {(code.dimension, code.code): code for code in codes}
    later = sorted(place for place in places if after is None or place > after)
    shown = later[:size]
    return [places[place] for place in shown], shown[-1] if len(later) > size else None
