"""Reads documents from one QAD instance, page by page, as its profile says."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from integrations.qad.failures import Asked, is_signed_out, name_failure
from integrations.qad.form_session import values_of
from integrations.qad.paging import Fetched, PageStream
from integrations.qad.profile import Document, Profile, check_filter_value
from integrations.qad.rows import RowReader
from integrations.qad.tokens import build_tokens
from integrations.qad.types import Filter, Page, Ping, Workspace
from integrations.qad.writing import Complaint, read_complaints, write_rows
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from integrations.transport.tokens import TokenSource, TokenStore

__all__ = ["Page", "QadClient"]

LANGUAGE = "en"
PROBE_PATH = "api/qracore/securityControl"
# Cheapest first: what a ping asks for.
PING_DOCUMENTS = ("entity", "gl_period", "cost_center", "gl_account")

# What the call of a sign-in may be answered with: whether QAD offers it is another question.
_NO_MATTER = frozenset({"qad_forbidden", "qad_path_not_found", "qad_not_readable"})

Params = list[tuple[str, str]]


class QadClient:
    """One QAD instance, as one user. Every failure is an `IntegrationError`.

    `credentials` are those of `qad.tokens.build_tokens`; `store` shares the token with other
    workers, or `tokens` gives it. Pages are fetched ahead as far as the profile lets calls be
    under way at once; what all clients do together is for the session's manners.
    """

    def __init__(
        self,
        *,
        session: EgressSession,
        profile: Profile,
        tenant_url: str,
        credentials: Mapping[str, str],
        store: TokenStore | None = None,
        tokens: TokenSource | None = None,
        on_refused: Callable[[IntegrationError], None] = lambda _refusal: None,
    ) -> None:
        self.profile = profile
        self._session = session
        self._base = tenant_url.rstrip("/")
        self._user = credentials.get("user", "")
        self._tokens = tokens or build_tokens(
            session=session,
            profile=profile,
            tenant_url=tenant_url,
            credentials=credentials,
            store=store,
            on_refused=on_refused,
        )
        self._readers: dict[tuple[str, tuple[str, ...] | None], RowReader] = {}

    @property
    def base(self) -> str:
        """The tenant URL without a slash at its end."""
        return self._base

    def sign_in(self) -> None:
        """Sign in and make one call that any user may make; raises what is wrong with either.

        What that call finds is no matter: not every instance offers it.
        """
        answer = self.call(PROBE_PATH, [], None)
        asked = self._asked(PROBE_PATH, "", None)
        failure = name_failure(answer, asked, is_base_right=self._proves_base)
        if failure is not None and failure.code not in _NO_MATTER:
            raise failure

    def ping(self, workspace: Workspace | None = None) -> Ping:
        """Sign in and ask for one row of the cheapest document; raises what is wrong."""
        name = next((n for n in PING_DOCUMENTS if self._is_enabled(n)), None)
        return self.probe(name or next(iter(self.profile.documents), ""), workspace)

    def probe(self, name: str, workspace: Workspace | None) -> Ping:
        """Ask for one row of a document; raises what is wrong with it."""
        document = self.profile.document(name)
        params = self._params(name, document, (), 1)
        answer = self._ask(name, document, workspace, params)
        rows = self.reader(name).rows(answer.body, self.profile.paging.first_page)
        return Ping(document=name, rows=len(rows), seconds=answer.elapsed)

    def workspaces(self) -> list[Workspace]:
        """The active legal entities, each with its domain and base currency."""
        rows = self.read_all("entity", workspace=None)
        return [
            Workspace(
                row.domain,
                row.entity,
                description=getattr(row, "description", ""),
                base_currency=getattr(row, "base_currency", ""),
            )
            for row in rows
            if getattr(row, "is_active", None) is not False
        ]

    def reader(self, document: str, fields: Sequence[str] | None = None) -> RowReader:
        """The reader of a document's pages, built once."""
        key = (document, None if fields is None else tuple(fields))
        if key not in self._readers:
            self._readers[key] = RowReader(self.profile, document, fields)
        return self._readers[key]

    def iter_pages(
        self,
        document: str,
        *,
        workspace: Workspace | None,
        filters: Sequence[Filter] = (),
        first_page: int = 1,
        fields: Sequence[str] | None = None,
        unfiltered: Collection[str] = (),
    ) -> Iterator[Page]:
        """The pages of a document in order, fetched ahead; `page.items` are its typed rows.

        Conditions of the profile on `unfiltered` fields are not set.

        The first page is given even when it is empty. Pages count from 1 whatever the
        instance counts from. Every row is checked against the conditions of kind "eq" and
        against the entity: `qad_filter_ignored` when QAD did not heed them.
        """
        spec = _unfilter(self.profile.document(document), unfiltered)
        reader = self.reader(document, fields)
        shift = self.profile.paging.first_page - 1
        wanted = _wanted(spec, reader, workspace, filters)
        self._params(document, spec, filters, 1)

        def fetch(number: int) -> Fetched:
            params = self._params(document, spec, filters, self.profile.paging.size, number)
            answer = self._ask(document, spec, workspace, params)
            reading = reader.read(answer.body, number - shift)
            _check_heeded(document, reading.rows, wanted)
            size = min(reading.page_size or self.profile.paging.size, self.profile.paging.size)
            page = Page(
                number=number - shift,
                body=answer.body,
                rows=len(reading.rows),
                total=reading.total,
                elapsed=answer.elapsed,
                items=reading.rows,
            )
            return Fetched(page, max(1, size))

        return iter(
            PageStream(
                fetch,
                self.profile.paging,
                document=document,
                first=first_page + shift,
                ahead=self.profile.limits.concurrency,
            )
        )

    def read_all(
        self, document: str, *, workspace: Workspace | None, filters: Sequence[Filter] = ()
    ) -> list[Any]:
        """All typed rows of a small reference document, each key once."""
        found: dict[str, Any] = {}
        reader = self.reader(document)
        for page in self.iter_pages(document, workspace=workspace, filters=filters):
            found.update(zip(reader.keys(page.items), page.items, strict=True))
        return list(found.values())

    def submit(
        self, name: str, workspace: Workspace, rows: Sequence[Mapping[str, Any]]
    ) -> list[Complaint]:
        """Post rows, by canonical names, to a document that puts them in the place of their keys.

        Posting the same rows again changes nothing, so a call that got lost is repeated. Returns
        what QAD says against rows; a batch with such a row may have fallen as a whole.
        """
        document = self.profile.document(name)
        body = write_rows(name, document, rows)
        answer = self.call(document.url_path, [], workspace, "POST", body)
        is_bare = 200 <= answer.status < 300 and not answer.body.strip()
        failure = None if is_bare else self.failure_of(answer, name, workspace)
        if failure is not None:
            raise failure
        return read_complaints(answer)

    def call(
        self,
        path: str,
        params: Params,
        workspace: Workspace | None,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """One call below the tenant URL, whatever its status; after a lost sign-in once more."""
        headers = {"Accept-Language": LANGUAGE}
        if workspace:
            headers |= self.profile.workspace_header(workspace)
        if body is not None:
            headers["Content-Type"] = "application/json"
        token = self._tokens.get()
        answer = self._send(method, path, params, headers, token, body)
        if is_signed_out(answer):
            token = self._tokens.refresh(token)
            answer = self._send(method, path, params, headers, token, body)
        return answer

    def one_row(self, name: str, workspace: Workspace | None, *, is_bare: bool = False) -> Answer:
        """The raw answer to a list call for one row; a bare one has no filters and no order."""
        document = self.profile.document(name)
        if is_bare:
            document = msgspec.structs.replace(document, static_filters=(), sort=())
        params = self._params(name, document, (), 1)
        return self.call(document.url_path, params, _heard(document, workspace))

    def failure_of(
        self, answer: Answer, name: str, workspace: Workspace | None
    ) -> IntegrationError | None:
        """What an answer to a list call says is wrong; None when it may hold rows."""
        document = self.profile.document(name)
        asked = self._asked(document.url_path, name, workspace)
        is_base_right = answer.status != 404 or self._finds_base()
        return name_failure(answer, asked, is_base_right=is_base_right)

    def _asked(self, path: str, document: str, workspace: Workspace | None) -> Asked:
        return Asked(
            base=self._base,
            path=path,
            document=document,
            workspace=self.profile.workspace_id(workspace) if workspace else "",
            user=self._user,
            mode=self.profile.auth.mode,
        )

    def take(self, name: str, answer: Answer, workspace: Workspace | None) -> list[Any]:
        """The typed rows of an answer to `one_row`, checked as those of a run are."""
        reader = self.reader(name)
        rows = reader.rows(answer.body, self.profile.paging.first_page)
        _check_heeded(name, rows, _wanted(reader.spec, reader, workspace, ()))
        return rows

    def _ask(
        self, name: str, document: Document, workspace: Workspace | None, params: Params
    ) -> Answer:
        """A list call's answer that may hold rows."""
        answer = self.call(document.url_path, params, _heard(document, workspace))
        failure = self.failure_of(answer, name, workspace)
        if failure is not None:
            raise failure
        return answer

    def _send(
        self,
        method: str,
        path: str,
        params: Params,
        headers: Mapping[str, str],
        token: str,
        body: bytes | None,
    ) -> Answer:
        return self._session.request(
            method,
            f"{self._base}/{path}",
            params=params,
            data=body,
            headers={**headers, **self._session_cookie(token)},
            auth_header=self._authorization(token),
            read_timeout=float(self.profile.limits.read_s),
            repeatable=True,
            tries=self.profile.limits.tries,
        )

    def _authorization(self, token: str) -> str | None:
        mode = self.profile.auth.mode
        if mode == "session_form":
            return None
        return f"{'Basic' if mode == 'basic' else 'Bearer'} {token}"

    def _session_cookie(self, token: str) -> Mapping[str, str]:
        """The header of a session that a sign-in form has opened; none in other ways."""
        if self.profile.auth.mode != "session_form":
            return {}
        self._session.hide(*values_of(token))
        return {"Cookie": token}

    @property
    def _proves_base(self) -> bool:
        """Whether an answered sign-in has proved that the tenant URL leads to a QAD."""
        return self.profile.auth.mode in {"oauth2_password", "session_form"}

    def _finds_base(self) -> bool:
        """Whether the tenant URL leads to a QAD at all."""
        if self._proves_base:
            return True
        return self.call(PROBE_PATH, [], None).status != 404

    def _params(
        self,
        name: str,
        document: Document,
        filters: Iterable[Filter],
        size: int,
        number: int | None = None,
    ) -> Params:
        paging, rule = self.profile.paging, self.profile.filter
        page = paging.first_page if number is None else number
        params: Params = [(paging.page_param, str(page)), (paging.size_param, str(size))]
        if paging.action_param:
            is_first = page == paging.first_page
            action = paging.action_first if is_first else paging.action_next
            params.append((paging.action_param, action))
        if document.style == "browse":
            params.append(("browseId", document.browse_id or ""))
        elif document.style == "entity":
            params.append(("viewUri", document.entity_uri or ""))
        conditions = [*(Filter(*entry) for entry in document.static_filters), *filters]
        params += [(rule.param, self._condition(name, document, item)) for item in conditions]
        if self.profile.sort.param:
            params += [(self.profile.sort.param, self._order(document, n)) for n in document.sort]
        return params

    def _condition(self, name: str, document: Document, item: Filter) -> str:
        place = f"documents.{name}"
        wire, op = document.wire(item.field), self.profile.filter.ops.get(item.op)
        if wire is None:
            reason = f"“{item.field}” is not in it, so rows cannot be chosen by it"
            raise IntegrationError("profile_invalid", path=f"{place}.map", reason=reason)
        if op is None:
            raise IntegrationError(
                "profile_invalid", path="filter.ops", reason=f"it has no “{item.op}”"
            )
        check_filter_value(place, item.value)
        tail = self.profile.filter.grammar.removeprefix("field,op,value")
        return f"{wire},{op},{item.value}{tail}"

    def _order(self, document: Document, field: str) -> str:
        wire = document.map[field]
        return self.profile.sort.format.replace("{field}", wire).replace("{dir}", "asc")

    def _is_enabled(self, name: str) -> bool:
        document = self.profile.documents.get(name)
        return document is not None and document.enabled


def _unfilter(spec: Document, fields: Collection[str]) -> Document:
    kept = tuple(entry for entry in spec.static_filters if entry[0] not in fields)
    return msgspec.structs.replace(spec, static_filters=kept) if fields else spec


def _wanted(
    spec: Document, reader: RowReader, workspace: Workspace | None, filters: Iterable[Filter]
) -> list[tuple[str, str]]:
    """What every row has to hold: (canonical field, text)."""
    fixed = [Filter(*entry) for entry in spec.static_filters]
    wanted = {item.field: item.value for item in [*fixed, *filters] if item.op == "eq"}
    if workspace is not None and spec.scope == "entity":
        wanted.setdefault("entity", workspace.entity)
    return [(field, value) for field, value in wanted.items() if field in reader.fields]


def _heard(document: Document, workspace: Workspace | None) -> Workspace | None:
    """The workspace that a document is asked in; one of the whole instance has none."""
    return None if document.scope == "instance" else workspace


def _check_heeded(document: str, rows: Sequence[Any], wanted: Iterable[tuple[str, str]]) -> None:
    for field, value in wanted:
        for found in set(map(attrgetter(field), rows)):
            if str(found).casefold() != value.casefold():
                raise IntegrationError(
                    "qad_filter_ignored",
                    document=document,
                    field=field,
                    wanted=value,
                    found=str(found)[:60],
                )
