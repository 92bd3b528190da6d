"""One click on the mapping desk: map a code, and let go what it has held."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from integrations.models import ListMember, MappingDraft, MappingVersion, Run
from integrations.pipeline.mapping_changes import (
    KeyChange,
    Part,
    Parts,
    parts_in_words,
    same_parts,
)
from integrations.pipeline.rule_checks import describe
from integrations.pipeline.rules import RuleKey
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.drafts import Standing, read_standing
from integrations.selectors.held_records import Place, syncs_that_hold
from integrations.selectors.mapping_suggestions import members_of
from integrations.selectors.mappings import current_version, read_rules
from integrations.selectors.unmapped import UnmappedCode, is_blank, read_code
from integrations.services.asking import refusing
from integrations.services.mapping_drafts import Wish, approve_draft, change_draft
from integrations.services.mappings import set_rule
from integrations.services.replay import replay_held
from integrations.services.syncs import start_run


@dataclass(slots=True)
class Released:
    """The replays that were begun, and the syncs that were not, with why."""

    runs: list[Run] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)


@dataclass(slots=True)
class Mapped:
    """What a click has done: a new version, or a draft for somebody else; what was let go."""

    version: MappingVersion | None = None
    draft: MappingDraft | None = None
    released: Released = field(default_factory=Released)

    @property
    def number(self) -> int:
        """The number of the new version, 0 where there is none."""
        return self.version.number if self.version else 0


def map_code(
    *,
    organization: Organization,
    dimension: str,
    code: str,
    member: str,
    actor: User,
    even_if_unknown: bool = False,
) -> Mapped:
    """Map one code to one member at all times and let its records go.

    The version is made before anything is let go, in a transaction of its own. Where a second
    person is asked the change goes into the draft, and nothing is let go. Raises Refused:
    right_missing, mapping_member_unknown, mapping_not_plain, mapping_changed_meanwhile, and what
    rules raise.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.MAP)
        if not even_if_unknown:
            check_members(locked, [(dimension, member)])
        own = _check_plain(locked, read_standing(locked), dimension, code, member)
        if locked.second_person_maps:
            wish = Wish(KeyChange(_key(dimension, code), (Part(member),)), seen=own)
            draft = change_draft(organization=locked, wishes=[wish], requested_by=actor.email)
            return Mapped(draft=draft)
        version = set_rule(
            organization=locked, dimension=dimension, code=code, member=member,
            requested_by=actor.email,
        )  # fmt: skip
    released = release(organization=organization, codes=[(dimension, code)], actor=actor)
    return Mapped(version=version, released=released)


def take_suggestions(
    *,
    organization: Organization,
    found: Iterable[tuple[UnmappedCode, Suggestion]],
    requested_by: str,
) -> int:
    """Put suggestions in the draft, all or none; return how many.

    Raises Refused: mapping_changed_meanwhile where somebody has mapped a code since.
    """
    wishes = [
        Wish(KeyChange(_key(code.dimension, code.code), (Part(suggestion.member),)), seen=code.own)
        for code, suggestion in found
    ]
    if wishes:
        change_draft(organization=organization, wishes=wishes, requested_by=requested_by)
    return len(wishes)


def approve_and_release(
    *,
    organization: Organization,
    draft_id: int,
    seen: str,
    actor: User,
    note: str = "",
    lets_go: bool = True,
) -> Mapped:
    """Approve a draft as it was seen, and let go what the codes have held that it maps.

    The version is made before anything is let go. Raises what `approve_draft` raises.
    """
    version = approve_draft(
        organization=organization, draft_id=draft_id, seen=seen, actor=actor, note=note
    )
    released = Released()
    if lets_go:
        released = release(organization=organization, codes=None, actor=actor)
    return Mapped(version=version, released=released)


def release(
    *, organization: Organization, codes: Collection[Place] | None, actor: User
) -> Released:
    """Replay the open records whose code has a member by now, of some codes or of all.

    Each sync in a transaction of its own: one that is busy, or whose file cannot hold a member,
    is told and keeps its records open. Raises Refused: right_missing.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.REPLAY)
        version = current_version(locked)
        finder = CodeFinder(read_rules(version) if version else ())
        syncs = syncs_that_hold(locked, finder, codes)
    done = Released()
    for found in syncs:
        try:
            with refusing():
                run = replay_held(
                    organization=organization, sync_id=found.sync_id, requested_by=actor.email,
                    units=found.units,
                )  # fmt: skip
            done.runs.append(run)
        except Refused as refused:
            done.refused.append((found.sync, refused))
    return done


def restate(
    *, organization: Organization, periods_by_sync: Mapping[int, list[int]], requested_by: str
) -> Released:
    """Load closed periods anew under today's mapping, one run a sync; a busy sync is told."""
    done = Released()
    for sync_id, periods in periods_by_sync.items():
        try:
            run = start_run(
                organization=organization, sync_id=sync_id, periods=periods,
                requested_by=requested_by, may_join=False,
            )  # fmt: skip
            done.runs.append(run)
        except Refused as refused:
            done.refused.append(("A sync", refused))
    return done


def check_members(organization: Organization, wanted: Iterable[Place]) -> None:
    """Refuse members that the list of their dimension does not have, as it was last read.

    Raises Refused: mapping_member_unknown.
    """
    for dimension, member in wanted:
        found = members_of(organization, dimension)
        if found is None or found.read_at is None:
            continue
        rows = ListMember.objects.filter(
            organization=organization, member_list=found, missing_since=None
        )
        if not rows.filter(text=member).exists():
            raise Refused("mapping_member_unknown", member=member, list=found.list_name)


def _key(dimension: str, code: str) -> RuleKey:
    return RuleKey(dimension, "", "exact", code, "")


def _check_plain(
    organization: Organization, standing: Standing, dimension: str, code: str, member: str
) -> Parts:
    """Return what the exact rule of a code has, where one click moves nothing that has a member.

    Raises Refused: mapping_changed_meanwhile where somebody has mapped it since it was shown, in
    the draft too; mapping_not_plain where a rule takes it in another domain or period.
    """
    key, wanted = _key(dimension, code), (Part(member),)
    now = standing.parts(key)
    if not is_blank(now) and not same_parts(now, wanted):
        raise Refused(
            "mapping_changed_meanwhile",
            rule=describe(key),
            now=parts_in_words(now),
            yours=parts_in_words(wanted),
        )
    found = read_code(organization, standing, dimension, code)
    if found is not None and not found.is_plain:
        raise Refused("mapping_not_plain", rule=describe(key))
    return now
