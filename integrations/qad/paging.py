"""Fetches pages ahead, a few at a time, and hands them out in order."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from integrations.qad.profile import Paging
from integrations.qad.types import Page
from integrations.transport.errors import IntegrationError


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page with the size that QAD really uses for its pages."""

    page: Page
    size: int


class PageStream:
    """The pages of one list, in order, from page `first` on.

    At most `ahead` calls are under way and twice as many pages are held. The first page is
    fetched alone; then the look-ahead doubles, and a total only bounds it: what ends the list
    is the profile's stop rule. A short page ends it unless the total says that rows are left.
    """

    def __init__(
        self,
        fetch: Callable[[int], Fetched],
        paging: Paging,
        *,
        document: str,
        first: int,
        ahead: int,
    ) -> None:
        self._fetch = fetch
        self._paging = paging
        self._document = document
        self._first = first
        self._ahead = ahead
        self._seen = (first - paging.first_page) * paging.size
        self._bound = math.inf

    def __iter__(self) -> Iterator[Page]:
        pool = ThreadPoolExecutor(self._ahead, thread_name_prefix="qad-page")
        waiting: deque[Future[Fetched]] = deque()
        try:
            yield from self._pages(pool, waiting)
        finally:
            for future in waiting:
                future.cancel()
            pool.shutdown(wait=False, cancel_futures=True)

    def _pages(self, pool: ThreadPoolExecutor, waiting: deque[Future[Fetched]]) -> Iterator[Page]:
        number, window = self._first, 1
        previous: Page | None = None
        while True:
            while len(waiting) < window and (not waiting or number <= self._bound):
                waiting.append(pool.submit(self._fetch_one, number))
                number += 1
            fetched = waiting.popleft().result()
            page = fetched.page
            self._check(page, previous)
            self._seen += page.rows
            if page.rows or previous is None:
                yield page
            if self._is_last(fetched):
                return
            self._bound_by_total(fetched)
            previous = page
            window = min(2 * self._ahead, 2 * window)

    def _fetch_one(self, number: int) -> Fetched:
        """Fetch a page; a short one tells at once that none need be fetched beyond it."""
        fetched = self._fetch(number)
        if fetched.page.rows < fetched.size and self._paging.stop == "short_page":
            self._bound = min(self._bound, number)
        return fetched

    def _check(self, page: Page, previous: Page | None) -> None:
        if page.number - self._paging.first_page >= self._paging.max_pages:
            raise IntegrationError(
                "qad_too_many_pages", document=self._document, pages=self._paging.max_pages
            )
        if previous is not None and page.rows and page.items == previous.items:
            raise IntegrationError("qad_paging_ignored", document=self._document, page=page.number)

    def _is_last(self, fetched: Fetched) -> bool:
        page = fetched.page
        if not page.rows:
            return True
        is_total_open = page.total is not None and self._seen < page.total
        if self._paging.stop == "empty_page":
            return False
        if self._paging.stop == "total_count" and page.total is not None:
            return not is_total_open
        return page.rows < fetched.size and not is_total_open

    def _bound_by_total(self, fetched: Fetched) -> None:
        """Look ahead no further than the total reaches."""
        total = fetched.page.total
        if total is not None:
            left = math.ceil(max(0, total - self._seen) / fetched.size)
            self._bound = fetched.page.number + max(1, left)
