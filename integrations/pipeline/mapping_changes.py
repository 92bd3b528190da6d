"""Changes to a set of rules, key by key: what a key is to have instead of what it has."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from integrations.pipeline.rules import WHOLE, Rule, RuleKey


class Part(NamedTuple):
    """A member that takes what a key holds, or a part of it, from one period to another."""

    member: str
    weight: Decimal = WHOLE
    valid_from: int | None = None
    valid_to: int | None = None


Parts = tuple[Part, ...]


class KeyChange(NamedTuple):
    """What a key is to have; no parts say that it is to have no rule."""

    key: RuleKey
    parts: Parts = ()

    def rules(self) -> list[Rule]:
        """Return the key's rules as they are to be."""
        dimension, domain, kind, code, code_to = self.key
        return [
            Rule(dimension, code, part.member, kind, code_to, domain, *part[1:])
            for part in self.parts
        ]


def group_parts(rules: Iterable[Rule]) -> dict[RuleKey, Parts]:
    """Return the parts of each key, keys and parts in the visible order."""
    found: dict[RuleKey, list[Part]] = {}
    for rule in rules:
        part = Part(rule.member, rule.weight, rule.valid_from, rule.valid_to)
        found.setdefault(rule.key, []).append(part)
    return {key: tuple(parts) for key, parts in found.items()}


def apply_changes(rules: Sequence[Rule], changes: Iterable[KeyChange]) -> list[Rule]:
    """Return the rules with the changes; a key keeps its place, a new one comes last."""
    wanted = {change.key: change for change in changes}
    changed: list[Rule] = []
    placed: set[RuleKey] = set()
    for rule in rules:
        change = wanted.get(rule.key)
        if change is None:
            changed.append(rule)
        elif rule.key not in placed:
            placed.add(rule.key)
            changed.extend(change.rules())
    for key, change in wanted.items():
        if key not in placed:
            changed.extend(change.rules())
    return changed


def set_between(
    parts: Parts,
    members: Sequence[tuple[str, Decimal]],
    valid_from: int | None = None,
    valid_to: int | None = None,
) -> Parts:
    """Let members take a key between two periods; at other times its parts stay as they are.

    Parts that reach into the stretch are cut there. Without members nobody takes it then.
    """
    kept: list[Part] = []
    for part in parts:
        if valid_from is not None and (part.valid_from or 0) < valid_from:
            last = period_before(valid_from)
            kept.append(part._replace(valid_to=min(part.valid_to or last, last)))
        if valid_to is not None and (part.valid_to is None or part.valid_to > valid_to):
            first = period_after(valid_to)
            kept.append(part._replace(valid_from=max(part.valid_from or first, first)))
    added = (Part(member, weight, valid_from, valid_to) for member, weight in members)
    return (*added, *kept)


def parts_to_json(parts: Parts) -> list[dict[str, Any]]:
    """Return parts as JSON keeps them, weights as text."""
    return [part._asdict() | {"weight": f"{part.weight.normalize():f}"} for part in parts]


def parts_from_json(rows: Iterable[Mapping[str, Any]]) -> Parts:
    """Return parts from what JSON has kept."""
    return tuple(
        Part(row["member"], Decimal(row["weight"]), row["valid_from"], row["valid_to"])
        for row in rows
    )


def same_parts(first: Parts, second: Parts) -> bool:
    """Whether two say the same; the order of parts matters, since the last takes the rest."""
    return _by_time(first) == _by_time(second)


def parts_in_words(parts: Parts) -> str:
    """Say who takes a key, in one line."""
    said = []
    for part in parts:
        share = "" if part.weight == WHOLE else f" {part.weight * 100:.10f}".rstrip("0").rstrip(".")
        dates = f" from {part.valid_from}" if part.valid_from else ""
        dates += f" to {part.valid_to}" if part.valid_to else ""
        said.append(f"{part.member or '(not mapped)'}{share and share + ' %'}{dates}")
    return ", ".join(said) or "(not mapped)"


def _by_time(parts: Parts) -> list[Part]:
    return sorted(parts, key=lambda part: (part.valid_from or 0, part.valid_to or 0))


def period_before(period: int) -> int:
    """Return the last period before one; years may have more than twelve."""
    return period - 1 if period % 100 > 1 else period - 100 - period % 100 + 99


def period_after(period: int) -> int:
    """Return the first period after one; years may have more than twelve."""
    return period + 1 if period % 100 < 99 else period + 100 - 98
