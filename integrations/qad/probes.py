"""Checks documents of a profile against their instance: what one row of each proves."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from integrations.qad import loose
from integrations.qad.client import QadClient
from integrations.qad.loose import Complaint
from integrations.qad.opinions import Opinions
from integrations.qad.profile import Document
from integrations.qad.types import Workspace
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.redaction import mask, redact

Level = Literal["ok", "warn", "bad"]
EVIDENCE_CHARACTERS = 300
CHECK_SECONDS = 120.0
# Documents whose rows stand in accounting layers; only the official one holds posted actuals.
LAYERED = frozenset({"gl_balance", "gl_posting"})
WHOLE_CONNECTION = frozenset(
    {"qad_unauthorized", "qad_not_logged_in", "qad_wrong_base", "qad_sign_in_busy"}
    | {"address_invalid", "address_refused", "authority_unreadable", "secret_unreadable"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What asking for one document has shown.

    `code` is of the catalogue of errors and "" where all is in order; `facts` fill its
    sentences. `evidence` is what was seen, without secrets.
    """

    document: str
    level: Level
    code: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    evidence: Mapping[str, str | int] = field(default_factory=dict)


class Prober:
    """Asks an instance for one row of each document, in one workspace of each domain."""

    def __init__(
        self,
        client: QadClient,
        place: Workspace | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._place = place
        self._opinions = Opinions(client)
        self._workspaces: list[Workspace | None] | None = None
        self._clock = clock
        self._seen: Answer | None = None

    def findings(self, names: Sequence[str]) -> Iterator[Finding]:
        """What each document has shown, in order.

        Where nothing but 404 came back, the tenant URL is wrong and not the paths; where the
        connection itself fails, the other documents are not asked for.
        """
        absent: list[Finding] = []
        ends_at = self._clock() + CHECK_SECONDS
        cause: Finding | None = None
        has_met_other = False
        for name in names:
            found = _shared(cause, name) if cause else self._check(name, ends_at)
            if cause is None and is_of_connection(found.code):
                cause = found
            if found.code == "qad_path_not_found" and not has_met_other:
                absent.append(found)
                continue
            has_met_other = True
            yield from absent
            absent.clear()
            yield found
        base = self._client.base
        for found in absent:
            yield found if len(absent) < 2 else _as_wrong_base(found, base)

    def _check(self, name: str, ends_at: float) -> Finding:
        self._seen = None
        try:
            if self._clock() > ends_at:
                host = self._client.base.split("//", 1)[-1].split("/", 1)[0]
                raise IntegrationError("answer_timeout", host=host, seconds=round(CHECK_SECONDS))
            return self._find(name)
        except IntegrationError as error:
            evidence = _evidence(self._seen, error.detail)
            return Finding(name, "bad", error.code, error.facts, evidence)

    def _find(self, name: str) -> Finding:
        spec = self._client.profile.document(name)
        found: Finding | None = None
        empty: list[tuple[Answer, Workspace | None]] = []
        for workspace in self._places(spec):
            answer = self._seen = self._client.one_row(name, workspace)
            if not self._rows(name, spec, answer, workspace):
                empty.append((answer, workspace))
            elif found is None:
                found = _in_order(name, spec, answer, workspace)
        return found or self._without_rows(name, spec, *empty[0])

    def _places(self, spec: Document) -> list[Workspace | None]:
        if spec.scope == "instance":
            return [None]
        if self._workspaces is None:
            self._workspaces = self._one_of_each_domain()
        return self._workspaces

    def _one_of_each_domain(self) -> list[Workspace | None]:
        """The chosen workspace and one of each other domain; without a list, the chosen one."""
        try:
            offered = self._client.workspaces()
        except IntegrationError:
            offered = []
        chosen = [self._place] if self._place else []
        by_domain: dict[str, Workspace] = {}
        for workspace in [*chosen, *offered]:
            by_domain.setdefault(workspace.domain, workspace)
        return [*by_domain.values()] or [None]

    def _rows(
        self, name: str, spec: Document, answer: Answer, workspace: Workspace | None
    ) -> list[Any]:
        failure = self._client.failure_of(answer, name, workspace)
        if failure is None:
            return self._client.take(name, answer, workspace)
        if answer.status == 500:
            verbs = self._opinions.verbs(spec, workspace)
            if verbs and "GET" not in verbs:
                raise IntegrationError("qad_not_readable", failure.detail, path=spec.url_path)
        raise failure

    def _without_rows(
        self, name: str, spec: Document, answer: Answer, workspace: Workspace | None
    ) -> Finding:
        """No rows: QAD says so for much that is wrong, too, so that something must confirm it."""
        path = spec.browse_id or spec.url_path
        facts: dict[str, str | int] = {"document": name, "path": path}
        facts["workspace"] = _named(workspace) or "(default)"
        finding = Finding(name, "warn", "qad_empty", facts, _evidence(answer, "", workspace))
        if (spec.static_filters or spec.sort) and self._has_rows_unfiltered(name, workspace):
            return finding
        told = self._opinions.field_names(spec, workspace)
        if told:
            _check_told(name, spec, told)
            return finding
        is_distinct = self._opinions.is_distinct(spec, workspace)
        if is_distinct and "GET" in self._opinions.verbs(spec, workspace):
            return finding
        raise IntegrationError("qad_unproven_empty", answer.sample, document=name, path=path)

    def _has_rows_unfiltered(self, name: str, workspace: Workspace | None) -> bool:
        """Whether the path has rows, whatever its filters say; raises when a field is missing."""
        answer = self._client.one_row(name, workspace, is_bare=True)
        if self._client.failure_of(answer, name, workspace) is not None:
            return False
        return bool(self._client.reader(name).rows(answer.body, 1))


def is_of_connection(code: str) -> bool:
    """Whether what one document met is what all others would meet as well."""
    return code in WHOLE_CONNECTION or code.startswith(("unreachable_", "tls_"))


def _shared(cause: Finding, name: str) -> Finding:
    return Finding(name, cause.level, cause.code, cause.facts, cause.evidence)


def _as_wrong_base(found: Finding, base: str) -> Finding:
    return Finding(found.document, "bad", "qad_wrong_base", {"base": base}, found.evidence)


def _in_order(name: str, spec: Document, answer: Answer, workspace: Workspace | None) -> Finding:
    """There are rows, and all that a run needs is in them; what else is to be said."""
    row = (loose.rows_at(loose.decode(answer.body), spec.list_at) or [{}])[0]
    unsent = [n for n, wire in spec.map.items() if loose.is_absent(loose.pick(row, wire))]
    evidence = _evidence(answer, "", workspace)
    if not _is_official_only(name, spec):
        return Finding(name, "warn", "profile_layer_open", {"document": name}, evidence)
    if unsent:
        facts = {"document": name, "fields": _wires(spec, unsent), "found": _sent(row)}
        return Finding(name, "warn", "qad_field_unsent", facts, evidence)
    return Finding(name, "ok", "", {"document": name, "fields": len(spec.map)}, evidence)


def _is_official_only(name: str, spec: Document) -> bool:
    """Whether no other layer can get in: by a filter that is checked, or by an admin's word."""
    if name not in LAYERED or spec.official_only_confirmed:
        return True
    return any(entry[0] == "layer_type" and entry[1] == "eq" for entry in spec.static_filters)


def _check_told(name: str, spec: Document, told: Sequence[str]) -> None:
    """Raise `qad_field_missing` for a needed field that the list of fields has not.

    Metadata writes a capital where rows have none, so that case says nothing.
    """
    known = {text.casefold() for text in told}
    for canonical in spec.map:
        wire = spec.map[canonical]
        if canonical in spec.needed and wire.casefold() not in known:
            stand_in = [dict.fromkeys(told, "")]
            raise Complaint(name, spec, (canonical,), 1).row_fault(stand_in)


def _evidence(
    answer: Answer | None, detail: str, workspace: Workspace | None = None
) -> dict[str, str | int]:
    if answer is None:
        return {"start": redact(detail, keep=EVIDENCE_CHARACTERS)} if detail else {}
    text = answer.body[: 4 * EVIDENCE_CHARACTERS].decode("utf-8", errors="replace")
    return {
        "status": answer.status,
        "content_type": answer.content_type,
        "start": redact(mask(text, answer.hidden), keep=EVIDENCE_CHARACTERS),
        "workspace": _named(workspace),
    }


def _named(workspace: Workspace | None) -> str:
    return f"{workspace.domain}_{workspace.entity}" if workspace else ""


def _wires(spec: Document, names: Sequence[str]) -> str:
    return ", ".join(f"{name} (“{spec.map[name]}”)" for name in names)[:200]


def _sent(row: Any) -> str:
    return ", ".join(list(row)[:20])[:200] if isinstance(row, Mapping) else ""
