"""Who takes a code today: the rules of a version or a draft, asked code by code."""

from collections.abc import Iterable
from functools import cache

from integrations.pipeline.rules import LAST_PERIOD, AsIs, MappingTable, Rule, Shares
from integrations.selectors.stakes import PeriodAmount


class CodeFinder:
    """Finds the members that take codes under a set of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        table = MappingTable(rules, AsIs(), {})
        self.stretches = table.stretches
        self._in_force = cache(table.in_force)

    def shares(
        self, dimension: str, code: str, *, domain: str = "", period: int = LAST_PERIOD
    ) -> Shares:
        """Return who takes a code in a domain and period; nobody when it is not mapped."""
        return self._in_force(domain, period).shares(dimension, code)

    def shares_of(self, dimension: str, found: PeriodAmount) -> Shares:
        """Return who takes what a code comes to in a period."""
        return self.shares(dimension, found.code, domain=found.domain, period=found.year_period)
