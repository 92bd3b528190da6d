"""Pages fetched ahead: in order, bounded, and ended by the rule alone."""

import threading
import time

import pytest

from integrations.qad.paging import Fetched, PageStream
from integrations.qad.profile import Paging
from integrations.qad.types import Page
from integrations.transport.errors import IntegrationError


class Source:
    """Pages of numbered rows; notes which were asked for and how many at once."""

    def __init__(self, rows, *, size=10, total=None, seconds=0.0, broken=None):
        self.rows, self.size, self.total = rows, size, total
        self.seconds, self.broken = seconds, broken
        self.asked, self.at_once, self.most = [], 0, 0
        self.lock = threading.Lock()

    def __call__(self, number: int) -> Fetched:
        with self.lock:
            self.asked.append(number)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(self.seconds)
        with self.lock:
            self.at_once -= 1
        if number == self.broken:
            raise IntegrationError("qad_error", status=500, path="x")
        start = (number - 1) * self.size
        items = list(range(self.rows))[start : start + self.size]
        return Fetched(Page(number, b"", len(items), self.total, 0.0, items), self.size)


def stream(source, *, ahead=4, first=1, **rules) -> PageStream:
    paging = Paging(size=source.size, **rules)
    return PageStream(source, paging, document="gl_balance", first=first, ahead=ahead)


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 40, 95, 100])
@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize("stop", ["short_page", "empty_page", "total_count"])
def test_all_rows_come_once_and_in_order(rows, says_total, stop):
    source = Source(rows, total=rows if says_total else None)
    pages = list(stream(source, stop=stop))
    assert [row for page in pages for row in page.items] == list(range(rows))
    assert [page.number for page in pages] == list(range(1, max(1, -(-rows // 10)) + 1))


def test_calls_stay_within_what_is_allowed_at_once():
    source = Source(300, seconds=0.01)
    assert sum(page.rows for page in stream(source, ahead=5)) == 300
    assert source.most == 5


def test_a_slow_reader_is_not_run_over():
    source = Source(1000)
    pages = iter(stream(source, ahead=3))
    for _ in range(5):
        next(pages)
        time.sleep(0.02)
    assert max(source.asked) <= 5 + 2 * 3


def test_a_total_bounds_the_look_ahead():
    source = Source(35, total=35, seconds=0.01)
    list(stream(source, ahead=8))
    assert sorted(source.asked) == [1, 2, 3, 4]


def test_a_small_list_costs_one_call():
    source = Source(3)
    list(stream(source, ahead=16))
    assert source.asked == [1]


def test_without_a_total_no_more_calls_go_past_the_end_than_are_held():
    source = Source(95, seconds=0.005)
    list(stream(source, ahead=4))
    assert len(source.asked) <= 10 + 2 * 4


def test_a_total_that_promises_more_is_not_believed_for_ever():
    source = Source(15, total=99)
    assert sum(page.rows for page in stream(source)) == 15
    assert max(source.asked) <= 10


def test_a_total_that_promises_less_does_not_cut():
    source = Source(55, total=10)
    assert sum(page.rows for page in stream(source)) == 55


def test_a_failure_comes_in_its_place_and_ends_all():
    source = Source(100, broken=4)
    numbers = []
    with pytest.raises(IntegrationError, match="qad_error"):
        numbers.extend(page.number for page in stream(source))
    before = len(source.asked)
    time.sleep(0.05)
    assert len(source.asked) == before


def test_a_list_without_end_is_stopped():
    source = Source(10_000)
    with pytest.raises(IntegrationError, match="qad_too_many_pages"):
        list(stream(source, max_pages=7))


def test_the_same_rows_twice_mean_that_paging_is_ignored():
    source = Source(10_000)
    source_call = source.__call__

    def repeat(number):
        found = source_call(min(number, 3)).page
        return Fetched(Page(number, b"", found.rows, None, 0.0, found.items), 10)

    pages = PageStream(repeat, Paging(size=10), document="gl_balance", first=1, ahead=2)
    with pytest.raises(IntegrationError) as caught:
        list(pages)
    assert caught.value.code == "qad_paging_ignored"
    assert caught.value.facts["page"] == 4
