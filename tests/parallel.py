"""Many people pressing at the same moment, on real connections to the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from accounts.errors import Refused

HANDS = 10


def all_at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """Call an act so many times from ten threads at once; a refusal counts as its code."""
    start = Barrier(HANDS)

    def work(hand: int) -> list[Any]:
        start.wait(20)
        try:
            return [_answer(act, number) for number in range(hand, times, HANDS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as pool:
        return [answer for answers in pool.map(work, range(HANDS)) for answer in answers]


def _answer(act: Callable[[int], Any], number: int) -> Any:
    try:
        return act(number)
    except Refused as refused:
        return refused.code
