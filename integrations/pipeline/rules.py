"""The rules of a mapping version: which member text stands for which QAD code."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from integrations.pipeline.layout import Layout
from integrations.transport.errors import IntegrationError


class Rule(NamedTuple):
    """The member text that stands for one QAD code of one dimension; blank = not mapped."""

    dimension: str
    code: str
    member: str


class MappingTable:
    """The rules of one mapping version, checked and quoted for one layout."""

    def __init__(
        self, members: dict[str, dict[str, str]], quoted: dict[str, dict[str, str]]
    ) -> None:
        self._members = members
        self._quoted = quoted

    @classmethod
    def build(cls, rules: Iterable[Rule], layout: Layout) -> "MappingTable":
        """Check the rules; mapping_conflict, member_not_writable, member_not_encodable."""
        members: dict[str, dict[str, str]] = {}
        for dimension, code, member in rules:
            if not member:
                continue
            known = members.setdefault(dimension, {}).setdefault(code, member)
            if known != member:
                raise IntegrationError(
                    "mapping_conflict",
                    dimension=dimension,
                    source=code,
                    first=known,
                    second=member,
                )
        quoted = {
            dimension: {code: layout.quote(member) for code, member in codes.items()}
            for dimension, codes in members.items()
            if dimension in layout.dimensions
        }
        return cls(members, quoted)

    def member(self, dimension: str, code: str) -> str | None:
        """Return the member text for a code, None when it is not mapped."""
        return self._members.get(dimension, {}).get(code)

    def members(self, dimension: str) -> frozenset[str]:
        """Return every member text that the rules of a dimension use."""
        return frozenset(self._members.get(dimension, {}).values())

    def quoted(self, dimension: str) -> Mapping[str, str]:
        """Return the field of the file per code of a dimension of the layout."""
        return self._quoted.get(dimension, {})
