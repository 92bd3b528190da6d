"""The names of members, without the codes that stand before them."""

import re
from collections.abc import Sequence

from integrations.pipeline.suggestions.kinds import Member
from integrations.pipeline.suggestions.names import Words
from integrations.pipeline.suggestions.words import loose_parts, words_of

_NUMBERED = re.compile(r"[A-Za-z]{0,4}[-_ ]?(\d{2,})[\s\-_:.]+(?=[^\W\d])")


def name_members(members: Sequence[Member]) -> list[Words]:
    """Return the words of each member's name; own numbers are no words of it."""
    names = [
        member.name or (member.text if member.text != member.code else "") for member in members
    ]
    numbers = [found[1] for name in names if (found := _NUMBERED.match(name))]
    if 2 * len(set(numbers)) > len(names):
        names = [_NUMBERED.sub("", name, count=1) for name in names]
    return [
        _without_code(words_of(name), member) for name, member in zip(names, members, strict=True)
    ]


def _without_code(words: Words, member: Member) -> Words:
    """Leave out the numbers of the member's own code, unless nothing else is left."""
    own = {part for part in loose_parts(member.code) if part.isdigit() and len(part) > 2}
    rest = tuple(word for word in words if word not in own)
    return rest or words
