"""What members are called: their labels, and their names without the codes before them."""

import re
from collections.abc import Sequence

from integrations.pipeline.suggestions.kinds import Member
from integrations.pipeline.suggestions.words import Words, words_of

_NUMBERED = re.compile(r"[A-Za-z]{0,4}[-_ ]?(\d{2,})[\s\-_:.]+(?=[^\W\d])")


def labels_of(member: Member) -> list[str]:
    """Return what a code may stand in, each once."""
    return [label for label in dict.fromkeys((member.text, member.code, member.name)) if label]


def name_members(members: Sequence[Member]) -> list[Words]:
    """Return the words of each member's name; own numbers are no words of it."""
    names = [
        member.name or (member.text if member.text != member.code else "") for member in members
    ]
    numbers = [found[1] for name in names if (found := _NUMBERED.match(name))]
    if 2 * len(set(numbers)) > len(names):
        names = [_NUMBERED.sub("", name, count=1) for name in names]
    return [
        words_of(without_code(name, member.code))
        for name, member in zip(names, members, strict=True)
    ]


def without_code(name: str, code: str) -> str:
    """Leave a code out that stands before the name that it has."""
    rest = name.strip().removeprefix(code.strip()).lstrip(" -_:.") if code.strip() else name
    return rest or name
