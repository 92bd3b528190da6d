"""One click on the mapping desk: map a code, and let go what it has held."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from integrations.models import ListMember, MappingDraft, MappingVersion, Run
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rules import WHOLE, Rule, RuleKey
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.drafts import read_standing
from integrations.selectors.mapping_suggestions import members_of
from integrations.selectors.unmapped import UnmappedCode, syncs_that_hold
from integrations.services.mapping_drafts import Wish, approve_draft, change_draft, drop_changes
from integrations.services.mappings import set_rule
from integrations.services.replay import replay_held
from integrations.services.syncs import start_run

Place = tuple[str, str]


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

    Where a second person is asked it goes into the draft, and nothing is let go. Raises Refused:
    right_missing, mapping_member_unknown, mapping_changed_meanwhile, and what rules raise.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.MAP)
        if not even_if_unknown:
            check_members(locked, [(dimension, member)])
        if locked.second_person_maps:
            wish = Wish(KeyChange(_key(dimension, code), (Part(member),)), seen=())
            draft = change_draft(organization=locked, wishes=[wish], requested_by=actor.email)
            return Mapped(draft=draft)
        _refuse_mapped(read_standing(locked).rules, dimension, code, member)
        version = set_rule(
            organization=locked, dimension=dimension, code=code, member=member,
            requested_by=actor.email,
        )  # fmt: skip
        standing = read_standing(locked)
        if (change := standing.changes.get(_key(dimension, code))) is not None:
            drop_changes(organization=locked, change_ids=[change.pk], requested_by=actor.email)
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
        Wish(KeyChange(_key(code.dimension, code.code), (Part(suggestion.member),)), seen=())
        for code, suggestion in found
    ]
    if wishes:
        change_draft(organization=organization, wishes=wishes, requested_by=requested_by)
    return len(wishes)


def approve_and_release(
    *, organization: Organization, draft_id: int, actor: User, note: str = "", lets_go: bool = True
) -> Mapped:
    """Approve a draft, and let go what the codes have held that it maps.

    Raises what `approve_draft` raises.
    """
    version = approve_draft(organization=organization, draft_id=draft_id, actor=actor, note=note)
    released = Released()
    if lets_go:
        released = release(organization=organization, codes=None, actor=actor)
    return Mapped(version=version, released=released)


def release(
    *, organization: Organization, codes: Collection[Place] | None, actor: User
) -> Released:
    """Replay the open records that codes have held, all that are mapped today where None is given.

    A sync that is busy is told; its records stay open. Raises Refused: right_missing.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.REPLAY)
        syncs = syncs_that_hold(locked, codes)
    done = Released()
    for sync_id, name, held in syncs:
        try:
            run = replay_held(
                organization=organization, sync_id=sync_id, requested_by=actor.email, codes=held
            )
            done.runs.append(run)
        except Refused as refused:
            done.refused.append((name, refused))
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


def _refuse_mapped(rules: Iterable[Rule], dimension: str, code: str, member: str) -> None:
    """Refuse to map a code anew that somebody has mapped since it was shown."""
    key = _key(dimension, code)
    for rule in rules:
        if rule.key == key and rule.member and (rule.member, rule.weight) != (member, WHOLE):
            raise Refused(
                "mapping_changed_meanwhile",
                rule=f"{dimension} {code}",
                now=rule.member,
                yours=member,
            )
