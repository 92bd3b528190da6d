"""What a set of rules must be before it is approved: unambiguous at every time."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from integrations.pipeline.mapping_changes import period_after
from integrations.pipeline.rules import (
    DIMENSIONS,
    KINDS,
    LAST_PERIOD,
    ROW_DIMENSIONS,
    WHOLE,
    Rule,
    RuleKey,
)

LONGEST = {"code": 80, "code_to": 80, "domain": 20, "member": 200}
WEIGHT_DECIMALS = 12
FIRST_PERIOD = 190001
Numbered = tuple[int, Rule]


class Trouble(NamedTuple):
    """What is wrong: at which rule of the set, its entry in the catalogue, and the facts.

    `column` is the part of the rule that is to be changed.
    """

    at: int
    code: str
    facts: dict[str, str | int]
    column: str


def find_trouble(rules: Sequence[Rule]) -> Trouble | None:
    """Return the first thing that is wrong with a set of rules, or None."""
    for at, rule in enumerate(rules):
        trouble = _trouble_alone(at, rule)
        if trouble is not None:
            return trouble
    numbered = sorted(enumerate(rules), key=lambda pair: (pair[1].key, pair[0]))
    for key, same in groupby(numbered, key=lambda pair: pair[1].key):
        trouble = _trouble_together(key, list(same))
        if trouble is not None:
            return trouble
    return None


def describe(key: RuleKey) -> str:
    """Name what a rule holds, for people."""
    code = {
        "exact": key.code or "(blank)",
        "prefix": f"{key.code}…",
        "range": f"{key.code} to {key.code_to}",
        "default": "(default)",
    }.get(key.kind, key.code)
    return f"{key.dimension} {code}{f' of domain {key.domain}' if key.domain else ''}"


def _trouble_alone(at: int, rule: Rule) -> Trouble | None:
    if rule.dimension not in DIMENSIONS:
        facts: dict[str, str | int] = {"dimension": rule.dimension, "member_code": rule.code}
        return Trouble(at, "mapping_dimension_unknown", facts, "dimension")
    column, problem = next(_problems(rule), ("", ""))
    if not problem:
        return None
    facts = {"rule": describe(rule.key), "problem": problem}
    return Trouble(at, "mapping_rule_invalid", facts, column)


def _problems(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a rule alone, each with the part that is to be changed."""
    if rule.kind not in KINDS:
        yield "kind", f"there is no kind {rule.kind}; write {', '.join(KINDS)}"
    for name, longest in LONGEST.items():
        if len(getattr(rule, name)) > longest:
            yield name, f"{name} is longer than {longest} characters"
    yield from _code_problems(rule)
    if not 0 < rule.weight <= WHOLE or rule.weight != round(rule.weight, WEIGHT_DECIMALS):
        yield (
            "weight",
            f"the weight {rule.weight} is not above 0 and at most 1, with {WEIGHT_DECIMALS} "
            "decimals at most; write 60% as 0.6",
        )
    if rule.weight != WHOLE and rule.dimension not in ROW_DIMENSIONS:
        yield "weight", f"{rule.dimension} can't be split, only {', '.join(ROW_DIMENSIONS)}"
    if rule.weight != WHOLE and not rule.member:
        yield "member", "each part of a split needs a member"
    yield from _date_problems(rule)


def _code_problems(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.kind in ("prefix", "range") and not rule.code:
        yield "code", f"a {rule.kind} needs a code"
    if rule.kind == "default" and rule.code:
        yield "code", "a default holds every code that no other rule holds; leave its code blank"
    if rule.kind == "range" and not rule.code_to:
        yield "code_to", "a range needs its last code in code_to"
    if rule.kind != "range" and rule.code_to:
        yield (
            "code_to",
            "only a range has a last code; leave code_to blank, or write the kind range",
        )
    if rule.kind == "range" and rule.code_to and rule.code > rule.code_to:
        yield (
            "code_to",
            "the range ends before it begins; of numbers, write one range for each length",
        )


def _date_problems(rule: Rule) -> Iterator[tuple[str, str]]:
    for name, period in (("valid_from", rule.valid_from), ("valid_to", rule.valid_to)):
        if period and (not FIRST_PERIOD <= period <= LAST_PERIOD or not period % 100):
            yield name, f"{period} is no period; write year and period, such as 202607"
    if rule.valid_from and rule.valid_to and rule.valid_from > rule.valid_to:
        yield "valid_to", f"it ends in {rule.valid_to}, before it begins in {rule.valid_from}"


def _trouble_together(key: RuleKey, same: Sequence[Numbered]) -> Trouble | None:
    """Look at each stretch of time in which the same rules of one key are in force."""
    starts = {rule.valid_from or 0 for _, rule in same}
    starts |= {period_after(rule.valid_to) for _, rule in same if rule.valid_to is not None}
    for start in sorted(starts):
        trouble = _trouble_at(key, start, [pair for pair in same if pair[1].is_in_force(start)])
        if trouble is not None:
            return trouble
    return None


def _trouble_at(key: RuleKey, start: int, same: Sequence[Numbered]) -> Trouble | None:
    rules = [rule for _, rule in same]
    if not rules or (len(rules) == 1 and rules[0].weight == WHOLE):
        return None
    at = same[-1][0]
    when = f" from {start}" if start else ""
    members = [rule.member for rule in rules]
    first, second = _pair(members)
    if all(rule.weight == WHOLE for rule in rules) or len(set(members)) < len(members):
        facts: dict[str, str | int] = {
            "rule": describe(key), "when": when, "first": first, "second": second,
        }  # fmt: skip
        return Trouble(at, "mapping_conflict", facts, "member")
    total = sum((rule.weight for rule in rules), Decimal(0))
    if total != WHOLE:
        facts = {"rule": describe(key), "when": when, "sum": f"{total.normalize():f}"}
        return Trouble(at, "mapping_weights_wrong", facts, "weight")
    return None


def _pair(members: Sequence[str]) -> tuple[str, str]:
    """Return the two members that are told: the same one twice where it stands twice."""
    again = next((name for name in members if members.count(name) > 1), None)
    return (again, again) if again is not None else (members[0], members[-1])
