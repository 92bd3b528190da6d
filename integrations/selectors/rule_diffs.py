"""What differs between two sets of rules, key by key."""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.pipeline.mapping_changes import (
    Parts,
    group_parts,
    parts_in_words,
    same_parts,
)
from integrations.pipeline.rule_checks import describe
from integrations.pipeline.rules import Rule, RuleKey


@dataclass(frozen=True, slots=True)
class KeyDiff:
    """A key whose parts differ; without parts before it is new, without any after it is gone."""

    key: RuleKey
    before: Parts
    after: Parts

    @property
    def name(self) -> str:
        """What the key holds, for people."""
        return describe(self.key).partition(" ")[2]

    @property
    def kind(self) -> str:
        """Whether it is new, changed or removed."""
        if not self.before:
            return "new"
        return "changed" if self.after else "removed"

    @property
    def was(self) -> str:
        """Who took it before."""
        return parts_in_words(self.before)

    @property
    def becomes(self) -> str:
        """Who takes it after."""
        return parts_in_words(self.after)


def diff_rules(before: Iterable[Rule], after: Iterable[Rule]) -> list[KeyDiff]:
    """Return the keys that differ, in the visible order; new ones where they stand."""
    was, will = group_parts(before), group_parts(after)
    keys = [key for key in was if key not in will] + list(will)
    return [
        KeyDiff(key, was.get(key, ()), will.get(key, ()))
        for key in keys
        if not same_parts(was.get(key, ()), will.get(key, ()))
    ]
