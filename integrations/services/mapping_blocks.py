"""A block of rows of the mapping grid: those that are right are saved, each other says why not."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from accounts.errors import Refused
from accounts.models import Organization
from integrations.pipeline.mapping_changes import (
    KeyChange,
    Part,
    Parts,
    parts_in_words,
    set_between,
)
from integrations.pipeline.rule_checks import describe
from integrations.pipeline.rule_texts import (
    key_from_text,
    key_to_text,
    parts_from_text,
    parts_to_text,
)
from integrations.pipeline.rules import WHOLE, RuleKey
from integrations.selectors.drafts import Standing, read_standing
from integrations.selectors.known_codes import has_code_list, read_codes
from integrations.services.mapping_drafts import Wish, change_draft, check_wish
from integrations.services.mappings import editing

LINES_AT_MOST = 1_000
SAVED, CHANGED_MEANWHILE, CONFLICT, WRONG = 200, 412, 409, 422
_STATUS = {"mapping_changed_meanwhile": CHANGED_MEANWHILE, "mapping_conflict": CONFLICT}


class Ask(NamedTuple):
    """What is asked for one code: a member, or all its parts; `seen` is what it had on the page.

    The code of a pasted line has to be a known one.
    """

    key: RuleKey
    member: str = ""
    parts: Parts | None = None
    seen: Parts | None = None
    is_pasted: bool = False


class Outcome(NamedTuple):
    """What became of an ask; a refused one keeps what was wanted and what the key has."""

    ask: Ask
    status: int
    before: Parts
    after: Parts
    refused: Refused | None = None

    @property
    def theirs(self) -> str:
        """What the key has, in words."""
        return parts_in_words(self.before)

    @property
    def yours(self) -> str:
        """What was wanted, in words."""
        return parts_in_words(self.after)

    @property
    def key_text(self) -> str:
        """The key as the page carries it."""
        return key_to_text(self.ask.key)

    @property
    def theirs_text(self) -> str:
        """What the key has, as the page carries it."""
        return parts_to_text(self.before)

    @property
    def yours_text(self) -> str:
        """What was wanted, as the page carries it."""
        return parts_to_text(self.after)


def save_rows(
    *, organization: Organization, asks: Sequence[Ask], since: int | None, requested_by: str
) -> list[Outcome]:
    """Put the asks that are right into the draft, from a period on or for all; tell of each."""
    with editing(organization):
        standing = read_standing(organization)
        block = _Block(standing, since, _known(organization, standing, asks))
        outcomes = [block.judge(ask) for ask in asks]
        wishes = {
            outcome.ask.key: Wish(KeyChange(outcome.ask.key, outcome.after), outcome.before)
            for outcome in outcomes
            if outcome.status == SAVED and outcome.after != outcome.before
        }
        if wishes:
            change_draft(
                organization=organization,
                wishes=list(wishes.values()),
                requested_by=requested_by,
            )
        return outcomes


def read_lines(text: str, dimension: str, *, holds_parts: bool = False) -> list[Ask | str]:
    """Return what lines ask for: each a key, what was seen of it and what is wanted, between tabs.

    A line of two cells is a pasted one: a code of the dimension, and its member. A line that is
    neither is returned as its text.
    """
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return [_read_line(line, dimension, holds_parts) for line in lines if line.strip()]


def _read_line(line: str, dimension: str, holds_parts: bool) -> Ask | str:
    cells = line.split("\t")
    if len(cells) == 2:
        code, member = (cell.strip() for cell in cells)
        return Ask(RuleKey(dimension, "", "exact", code, ""), member, is_pasted=True)
    key = key_from_text(cells[0])
    if key is None or len(cells) != 3:
        return line[:200]
    seen = parts_from_text(cells[1]) if cells[1] else None
    if not holds_parts:
        return Ask(key, cells[2].strip(), seen=seen)
    parts = parts_from_text(cells[2])
    return line[:200] if parts is None else Ask(key, parts=parts, seen=seen)


def _known(
    organization: Organization, standing: Standing, asks: Sequence[Ask]
) -> dict[str, set[str]]:
    """Return the codes that pasted lines may name, of dimensions whose list was read."""
    known: dict[str, set[str]] = {}
    for dimension in {ask.key.dimension for ask in asks if ask.is_pasted}:
        if has_code_list(organization, dimension):
            known[dimension] = set(read_codes(organization, dimension))
            known[dimension] |= {
                key.code
                for key in (*standing.approved, *standing.changes)
                if key.dimension == dimension and key.kind == "exact"
            }
    return known


class _Block:
    """What the lines of a block are held to, one after the other."""

    def __init__(
        self, standing: Standing, since: int | None, known: Mapping[str, Collection[str]]
    ) -> None:
        self._standing = standing
        self._since = since
        self._known = known
        self._first: dict[RuleKey, Ask] = {}

    def judge(self, ask: Ask) -> Outcome:
        before = self._standing.parts(ask.key)
        after = self._wanted(ask, before)
        try:
            self._check(ask, before, after)
        except Refused as refused:
            return Outcome(ask, _STATUS.get(refused.code, WRONG), before, after, refused)
        return Outcome(ask, SAVED, before, after)

    def _check(self, ask: Ask, before: Parts, after: Parts) -> None:
        dimension, code = ask.key.dimension, ask.key.code
        if ask.is_pasted and code not in self._known.get(dimension, (code,)):
            raise Refused("mapping_code_unknown", dimension=dimension, member_code=code)
        first = self._first.setdefault(ask.key, ask)
        if (first.member, first.parts) != (ask.member, ask.parts):
            names = {"first": first.member, "second": ask.member}
            raise Refused("mapping_conflict", rule=describe(ask.key), when="", **names)
        check_wish(self._standing, Wish(KeyChange(ask.key, after), ask.seen))
        if ask.parts is None and self._since is None and not _is_plain(before):
            raise Refused("mapping_rule_dated", dimension=dimension, member_code=code)

    def _wanted(self, ask: Ask, before: Parts) -> Parts:
        if ask.parts is not None:
            return ask.parts
        members = [(ask.member, WHOLE)] if ask.member else []
        if self._since is not None:
            return set_between(before, members, self._since)
        return tuple(Part(member) for member, _ in members)


def _is_plain(parts: Parts) -> bool:
    """Whether one member takes all at all times, or nobody."""
    return not parts or parts == (Part(parts[0].member),)
