"""The steps of a ping of QAD."""

from functools import cached_property

from audit.catalogue import Kind
from audit.tenancy import reading
from integrations.models import Connection
from integrations.qad.client import PING_DOCUMENTS, QadClient
from integrations.qad.types import Workspace
from integrations.selectors.connections import SIGN_INS, way_in
from integrations.selectors.document_checks import idle_documents
from integrations.services.clients import build_qad
from integrations.services.pausing import resume_connection
from integrations.services.pinging.checked import look_at_checks
from integrations.services.pinging.network import Network
from integrations.services.pinging.signing import token_life
from integrations.services.pinging.steps import Found, Step, counted
from integrations.services.qad_workspaces import default_workspace
from integrations.services.tokens import RedisTokenStore
from integrations.transport.errors import IntegrationError

_NO_RIGHT = frozenset({"qad_forbidden", "qad_unknown_workspace"})


class QadLook:
    """Looks at one QAD: sign-in, entities, a row, rights, and the profile it is read by."""

    def __init__(self, connection: Connection, until: float) -> None:
        self._connection = connection
        self._until = until
        self._workspaces: list[Workspace] = []
        tls = connection.profile.get("tls") or {}
        urls = [connection.address.get("tenant_url", "")]
        self._network = Network(urls, tls.get("ca_pem"), until)

    def steps(self) -> tuple[Step, ...]:
        """Return the steps in their order."""
        return (
            *self._network.steps(),
            Step("sign_in", self._sign_in, "tls"),
            Step("list", self._list, "sign_in"),
            Step("read", self._read, "list"),
            Step("rights", self._rights, "read"),
            Step("profile", self._profile, "sign_in"),
        )

    @cached_property
    def _client(self) -> QadClient:
        return build_qad(self._connection, until=self._until, even_if_paused=True)

    @property
    def _user(self) -> str:
        return str(self._connection.address.get("user") or "(of the token)")

    @property
    def _workspace(self) -> Workspace:
        """The chosen entity, or the first one where none was chosen yet."""
        return default_workspace(self._connection) or self._workspaces[0]

    def _sign_in(self) -> Found:
        RedisTokenStore(self._connection).forget_refusal()
        self._client.sign_in()
        resume_connection(
            organization=self._connection.organization, connection_id=self._connection.pk
        )
        way = SIGN_INS[way_in(self._connection)]
        return Found(f"Signed in as {self._user}{token_life(self._connection)}. Way in: {way}.")

    def _list(self) -> Found:
        self._workspaces = self._client.workspaces()
        if not self._workspaces:
            raise IntegrationError("qad_no_workspace")
        chosen = self._workspace
        if chosen not in self._workspaces:
            name = self._client.profile.workspace_id(chosen)
            raise IntegrationError("qad_unknown_workspace", workspace=name, user=self._user)
        domains = {workspace.domain for workspace in self._workspaces}
        entities = counted(len(self._workspaces), "entity", "entities")
        return Found(f"{entities} in {counted(len(domains), 'domain')}.")

    def _read(self) -> Found:
        name = next(n for n in (*PING_DOCUMENTS[1:], *self._documents) if n in self._documents)
        seen = self._client.probe(name, self._workspace)
        where = self._client.profile.workspace_id(self._workspace)
        rows = "one row" if seen.rows else "no row"
        doubt = None if seen.rows else _doubt({name: self._empty(name)})
        return Found(f"{name} of {where} gave {rows} after {seen.seconds:.2f} s.", doubt)

    def _rights(self) -> Found:
        """Ask for one row of each document; those that the user may not read are named at once."""
        forbidden: list[IntegrationError] = []
        doubtful: dict[str, IntegrationError] = {}
        for name in self._documents:
            try:
                if not self._client.probe(name, self._workspace).rows:
                    doubtful[name] = self._empty(name)
            except IntegrationError as error:
                if error.kind is Kind.TRANSIENT:
                    raise
                if error.code in _NO_RIGHT:
                    forbidden.append(error)
                else:
                    doubtful[name] = error
        if forbidden:
            raise self._forbidden(forbidden)
        allowed = len(self._documents) - len(doubtful)
        count = counted(len(self._documents), "document")
        return Found(f"{allowed} of {count} gave a row.", _doubt(doubtful))

    def _empty(self, name: str) -> IntegrationError:
        """QAD gives no rows for much that is wrong: an empty answer proves nothing."""
        return IntegrationError(
            "qad_unproven_empty",
            path=self._client.profile.document(name).url_path,
            document=name,
            workspace=self._client.profile.workspace_id(self._workspace),
        )

    def _forbidden(self, errors: list[IntegrationError]) -> IntegrationError:
        first = errors[0]
        if first.code != "qad_forbidden":
            return first
        paths = ", ".join(dict.fromkeys(str(error.facts["path"]) for error in errors))
        where = first.facts["workspace"]
        return IntegrationError(
            "qad_forbidden", first.detail, path=paths, user=self._user, workspace=where
        )

    def _profile(self) -> Found:
        paging, limits = self._client.profile.paging, self._client.profile.limits
        return look_at_checks(
            self._connection,
            f"Pages of {paging.size} rows, {counted(limits.concurrency, 'call')} at a time, "
            f"{limits.min_gap_ms} ms apart.",
            self._until,
        )

    @cached_property
    def _idle(self) -> frozenset[str]:
        with reading(self._connection.organization_id):
            return idle_documents(self._connection)

    @property
    def _documents(self) -> tuple[str, ...]:
        documents = self._client.profile.documents
        enabled = (name for name, document in documents.items() if document.enabled)
        return tuple(name for name in enabled if name not in self._idle)


def _doubt(errors: dict[str, IntegrationError]) -> IntegrationError | None:
    if not errors:
        return None
    first = next(iter(errors.values()))
    names = ", ".join(errors)
    return IntegrationError(
        "qad_documents_doubtful", first.detail, documents=names, reason=first.message
    )
