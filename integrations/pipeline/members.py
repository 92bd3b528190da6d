"""Names and codes of list items, turned into the member texts that the import's file uses."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from integrations.transport.errors import IntegrationError


class Member(Protocol):
    """A list item as Anaplan names it."""

    @property
    def name(self) -> str:
        """The item's name."""

    @property
    def code(self) -> str:
        """The item's code, empty when it has none."""


class MemberDirectory:
    """Turns any name or code of a list item into the member text that the file uses.

    `items` are the list items per dimension; texts of a dimension that is not in it stand for
    themselves. `used` are the member texts of the mapping per dimension: an item that the
    mapping does not use is written by its code, or by its name when it has none.
    """

    def __init__(
        self,
        items: Mapping[str, Iterable[Member]],
        used: Mapping[str, Collection[str]],
    ) -> None:
        """Index the items; IntegrationError member_written_two_ways when one is used twice."""
        self._texts: dict[str, dict[str, str]] = {}
        self._ambiguous: set[tuple[str, str]] = set()
        for dimension, members in items.items():
            texts = self._texts.setdefault(dimension, {})
            known = frozenset(used.get(dimension, ()))
            for member in members:
                text = _file_text(dimension, member, known)
                for alias in {member.name, member.code} - {""}:
                    if texts.setdefault(alias, text) != text:
                        self._ambiguous.add((dimension, alias))

    def resolve(self, dimension: str, text: str) -> str | None:
        """Return the file's text for an alias, None when unknown; member_ambiguous."""
        texts = self._texts.get(dimension)
        if texts is None:
            return text
        if (dimension, text) in self._ambiguous:
            raise IntegrationError("member_ambiguous", dimension=dimension, text=text)
        return texts.get(text)


def _file_text(dimension: str, member: Member, used: frozenset[str]) -> str:
    if member.code in used and member.name in used and member.code != member.name:
        raise IntegrationError(
            "member_written_two_ways", dimension=dimension, first=member.code, second=member.name
        )
    if member.name in used:
        return member.name
    return member.code or member.name
