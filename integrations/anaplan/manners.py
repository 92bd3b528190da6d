"""Manners towards Anaplan: within the customer's budget, and never early after a 429."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.anaplan.failures import LIMITED_SECONDS
from integrations.transport.answers import Answer, OpenAnswer
from integrations.transport.errors import IntegrationError
from integrations.transport.manners import Heed, left
from integrations.transport.ratelimit import Budget
from integrations.transport.retry import suggest_later

SHORT_WAIT_SECONDS = 2.0
JITTER_SECONDS = 0.3


class AnaplanManners:
    """Every try of every call costs one of the budget: sign-ins, chunks and retries as well."""

    def __init__(
        self,
        budget: Budget,
        *,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._budget = budget
        self._sleep = sleep
        self._uniform = uniform

    @contextmanager
    def turn(self, until: float | None = None) -> Iterator[Heed]:
        """Take one call of the budget.

        Waits for two seconds at most, and not past `until`: more is for the run. Then it
        raises `anaplan_rate_limited`, and nothing was sent.
        """
        waited, patience = 0.0, left(SHORT_WAIT_SECONDS, until)
        while (seconds := self._budget.acquire()) > 0:
            waited += seconds
            if waited > patience:
                later = suggest_later(0, seconds, uniform=self._uniform)
                raise IntegrationError("anaplan_rate_limited", "own budget", retry_after=later)
            self._sleep(seconds + self._uniform(0.0, JITTER_SECONDS))
        yield self._heed

    def _heed(self, answer: Answer | OpenAnswer) -> None:
        """After a 429 nobody who shares the budget calls before the time that Anaplan named."""
        if answer.status == 429:
            wish = answer.retry_after
            self._budget.pause(LIMITED_SECONDS if wish is None else wish)
