"""Changes that were made of something else than what a key has now."""

from collections.abc import Sequence

from accounts.errors import Refused
from integrations.pipeline.mapping_changes import KeyChange, Parts, parts_in_words, same_parts
from integrations.pipeline.rule_checks import describe
from integrations.selectors.drafts import Standing

Seen = tuple[KeyChange, Parts | None]
"""A change, and what its maker saw the key have; None where that is not said."""


def find_lost(standing: Standing, changes: Sequence[Seen]) -> Refused | None:
    """Return what is refused for changes that would overwrite something unseen, or None.

    It speaks of the first one; its fields name them all by their places.
    """
    lost = [
        (f"changes.{at}.seen", _refusal(change, standing))
        for at, (change, seen) in enumerate(changes)
        if not _is_seen(change, seen, standing)
    ]
    if not lost:
        return None
    first = lost[0][1]
    first.fields = [(place, refused.message) for place, refused in lost]
    return first


def _is_seen(change: KeyChange, seen: Parts | None, standing: Standing) -> bool:
    now = standing.parts(change.key)
    return seen is None or same_parts(seen, now) or same_parts(change.parts, now)


def _refusal(change: KeyChange, standing: Standing) -> Refused:
    return Refused(
        "mapping_changed_meanwhile",
        rule=describe(change.key),
        now=parts_in_words(standing.parts(change.key)),
        yours=parts_in_words(change.parts),
    )
