"""One call to Anaplan: token, retry, and a name for every refusal."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from integrations.anaplan.answers import Json, mapping, objects, whole
from integrations.anaplan.failures import busy, name_failure
from integrations.transport.answers import Answer, OpenAnswer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import NOTHING_SENT, EgressSession
from integrations.transport.tokens import TokenSource

CALL_SECONDS = 50.0
PAGE_SIZE = 5000
MOST_PAGES = 1000
DOWNLOAD_TRIES = 4
DOWNLOAD_PAUSE_SECONDS = 0.3
# What ends a call before anything was sent; the budget speaks before the network does.
NOT_SENT = NOTHING_SENT | {"anaplan_rate_limited"}

T = TypeVar("T", Answer, OpenAnswer | Answer)


class AnaplanCalls:
    """Carries out calls below one API host for one signed-in user."""

    def __init__(
        self,
        *,
        session: EgressSession,
        base: str,
        tokens: TokenSource,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session
        self._base = base.rstrip("/") + "/2/0"
        self._tokens = tokens
        self._sleep = sleep

    def call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """A good answer, or the error that names the bad one. `what` says what was asked.

        A model that is loading or working lets calls hang: no answer in 50 s is
        `anaplan_model_busy`.
        """

        def once(token: str) -> Answer:
            return self._session.request(
                method,
                self._base + path,
                json=json,
                data=data,
                headers=headers,
                params=params,
                auth_header=f"AnaplanAuthToken {token}",
                read_timeout=CALL_SECONDS,
                repeatable=repeatable,
            )

        try:
            answer = self._with_token(once)
        except IntegrationError as error:
            if error.code == "answer_timeout":
                raise busy(what) from error
            raise
        return self._good(answer, what)

    def get(self, path: str, what: str, params: Mapping[str, str] | None = None) -> Json:
        """The JSON object of a GET."""
        return read_object(self.call("GET", path, what, params=params), what)

    def start(self, path: str, what: str, json: Any) -> Answer:
        """A POST that must never be repeated.

        Raises `anaplan_start_unclear` whenever the call may have been obeyed: sent, and no
        answer, or an answer of 5xx. A refusal of 4xx is certain: nothing was started.
        """

        def once(token: str) -> Answer:
            try:
                return self._session.request(
                    "POST",
                    self._base + path,
                    json=json,
                    auth_header=f"AnaplanAuthToken {token}",
                    read_timeout=CALL_SECONDS,
                    repeatable=False,
                )
            except IntegrationError as error:
                if error.code in NOT_SENT:
                    raise
                raise IntegrationError("anaplan_start_unclear", str(error)) from error

        answer = self._with_token(once)
        if answer.status >= 500 or answer.status == 408:
            raise IntegrationError("anaplan_start_unclear", answer.sample)
        return self._good(answer, what)

    def pages(self, path: str, key: str, what: str, **params: str) -> list[Json]:
        """All objects of a paged collection. Anaplan leaves the key out when there is none.

        Ends when offset and page size reach the total, whatever links the answer holds.
        """
        found: list[Json] = []
        offset = 0
        for _ in range(MOST_PAGES):
            query = {**params, "limit": str(PAGE_SIZE), "offset": str(offset)}
            data = self.get(path, what, query)
            rows = objects(data.get(key))
            found.extend(rows)
            paging = mapping(mapping(data.get("meta")).get("paging"))
            size = whole(paging.get("currentPageSize")) or len(rows)
            offset += size
            if not rows or offset >= whole(paging.get("totalSize")):
                break
        return found

    def download(self, path: str, what: str) -> Iterator[bytes]:
        """The bytes of a finished file in pieces; a broken download goes on where it broke."""
        done, tries = 0, 0
        while True:
            skip = done
            try:
                for piece in self._download_once(path, what):
                    fresh = piece[skip:] if skip else piece
                    skip = max(0, skip - len(piece))
                    done += len(fresh)
                    if fresh:
                        yield fresh
            except IntegrationError as error:
                tries += 1
                if error.code != "connection_lost" or tries >= DOWNLOAD_TRIES:
                    raise
                self._sleep(DOWNLOAD_PAUSE_SECONDS * tries)
            else:
                return

    def _download_once(self, path: str, what: str) -> Iterator[bytes]:
        headers = {"Accept": "application/octet-stream, text/plain, */*"}

        def once(token: str) -> OpenAnswer | Answer:
            return self._session.open(
                "GET",
                self._base + path,
                headers=headers,
                auth_header=f"AnaplanAuthToken {token}",
                read_timeout=CALL_SECONDS,
            )

        try:
            opened = self._with_token(once)
        except IntegrationError as error:
            if error.code == "answer_timeout":
                raise busy(what) from error
            raise
        if isinstance(opened, Answer):
            self._good(opened, what)
            return
        with opened:
            if opened.status >= 300:
                raise name_failure(_without_body(opened), what)
            yield from opened.pieces()

    def _with_token(self, once: Callable[[str], T]) -> T:
        """Call with the kept token; after a 401 once more with another one."""
        token = self._tokens.get()
        answer = once(token)
        if answer.status == 401:
            answer = once(self._tokens.refresh(token))
        return answer

    def _good(self, answer: Answer, what: str) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        raise name_failure(answer, what)


def read_object(answer: Answer, what: str) -> Json:
    """The answer's JSON object. Raises `anaplan_bad_answer` when it is something else."""
    data = answer.json()
    if not isinstance(data, Mapping):
        raise IntegrationError("anaplan_bad_answer", answer.sample, what=what, missing="object")
    return data


def _without_body(opened: OpenAnswer) -> Answer:
    return Answer(opened.status, opened.headers, b"", opened.url, 0.0)
