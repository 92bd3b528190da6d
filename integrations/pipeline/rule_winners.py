"""Which rule wins for a code, by its key, whatever its members are."""

from collections.abc import Callable, Iterable

from integrations.pipeline.rules import (
    LAST_PERIOD,
    WHOLE,
    AsIs,
    MappingTable,
    Rule,
    RuleKey,
    RulesInForce,
)

FindKey = Callable[[str, str], RuleKey | None]


def find_winners(rules: Iterable[Rule], dimension: str, period: int = LAST_PERIOD) -> FindKey:
    """Return what finds the key that holds a domain's code of a dimension in a period.

    The table that maps rows is asked for it, with the number of each key in its members' place.
    """
    rules = [rule for rule in rules if rule.dimension == dimension]
    keys = list(dict.fromkeys(rule.key for rule in rules))
    numbers = {key: str(at) for at, key in enumerate(keys)}
    numbered = [rule._replace(member=numbers[rule.key], weight=WHOLE) for rule in rules]
    table = MappingTable(numbered, AsIs(), {})
    in_force: dict[str, RulesInForce] = {}

    def find(domain: str, code: str) -> RuleKey | None:
        if domain not in in_force:
            in_force[domain] = table.in_force(domain, period)
        shares = in_force[domain].shares(dimension, code)
        return keys[int(shares[0].member)] if shares else None

    return find
