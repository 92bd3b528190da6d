"""The steps of a ping of Anaplan."""

from functools import cached_property

from audit.tenancy import tenant
from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ExportAction, ImportAction, Model, ModelStatus
from integrations.models import Connection, Sync
from integrations.selectors.connections import SIGN_INS, way_in
from integrations.services.clients import build_anaplan, new_session
from integrations.services.manners import anaplan_manners
from integrations.services.pausing import resume_connection
from integrations.services.pinging.network import Network
from integrations.services.pinging.signing import keep_identity, token_life
from integrations.services.pinging.steps import Found, Step, counted
from integrations.services.tokens import RedisTokenStore
from integrations.transport.errors import IntegrationError
from integrations.transport.probing import clock_ahead

CLOCK_SECONDS = 60
_NOT_CHOSEN = Found("No model is chosen yet.", is_skipped=True)
_CLOSED_TO_US = {
    "ARCHIVED": "anaplan_model_archived",
    "LOCKED": "anaplan_model_locked",
    "MAINTENANCE": "anaplan_model_offline",
    "PRODUCTION_MAINTENANCE": "anaplan_model_offline",
}


class AnaplanLook:
    """Looks at one Anaplan: sign-in, models, the chosen one, its actions, rights and the clock."""

    def __init__(self, connection: Connection, until: float) -> None:
        self._connection = connection
        self._until = until
        self._models: list[Model] = []
        self._model: Model | None = None
        self._imports: list[ImportAction] = []
        self._exports: list[ExportAction] = []
        self._sign_in_host = connection.address.get(
            "oauth_host" if way_in(connection).startswith("oauth") else "token_host", ""
        )
        hosts = [self._sign_in_host, connection.address.get("api_host", "")]
        self._network = Network(hosts, None, until)

    def steps(self) -> tuple[Step, ...]:
        """Return the steps in their order."""
        return (
            *self._network.steps(),
            Step("sign_in", self._sign_in, "tls"),
            Step("list", self._list, "sign_in"),
            Step("model", self._look_at_model, "list"),
            Step("actions", self._actions, "model"),
            Step("rights", self._rights, "actions"),
            Step("clock", self._clock, "tls"),
        )

    @cached_property
    def _client(self) -> AnaplanClient:
        return build_anaplan(self._connection, until=self._until, even_if_paused=True)

    @property
    def _user(self) -> str:
        return str(self._connection.address.get("user") or "The user")

    def _sign_in(self) -> Found:
        RedisTokenStore(self._connection).forget_refusal()
        user = self._client.me()
        resume_connection(
            organization=self._connection.organization, connection_id=self._connection.pk
        )
        keep_identity(self._connection, user.customer_id)
        way = SIGN_INS[way_in(self._connection)]
        return Found(
            f"Signed in as {user.email or user.id} of customer {user.customer_id or '(not named)'}"
            f"{token_life(self._connection)}. Way in: {way}."
        )

    def _list(self) -> Found:
        workspaces = self._client.workspaces()
        self._models = self._client.models()
        if not workspaces or not self._models:
            raise IntegrationError("anaplan_no_models", user=self._user)
        return Found(
            f"{counted(len(workspaces), 'workspace')}, {counted(len(self._models), 'model')}."
        )

    def _look_at_model(self) -> Found:
        workspace_id, model_id, name = self._chosen()
        if not model_id:
            return _NOT_CHOSEN
        model = next((model for model in self._models if model.id == model_id), None)
        if model is None:
            raise IntegrationError("anaplan_model_unseen", user=self._user, model=name or model_id)
        if model.state in _CLOSED_TO_US:
            raise IntegrationError(_CLOSED_TO_US[model.state])
        self._model = model
        self._inside = self._client.in_model(workspace_id, model_id)
        state = model.state.replace("_", " ").lower() or "not told"
        status = self._inside.model_status()
        return Found(f"{model.name} is there; its state is {state}.", _rest(model, status))

    def _actions(self) -> Found:
        if self._model is None:
            return _NOT_CHOSEN
        self._imports, self._exports = self._inside.imports(), self._inside.exports()
        processes = self._inside.processes()
        imports, exports = (
            counted(len(found), word)
            for found, word in ((self._imports, "import"), (self._exports, "export"))
        )
        return Found(f"{imports}, {exports}, {counted(len(processes), 'process', 'processes')}.")

    def _rights(self) -> Found:
        if self._model is None:
            return _NOT_CHOSEN
        user, model = self._user, self._model.name
        if not self._imports:
            raise IntegrationError("anaplan_no_imports", user=user, model=model)
        files = len(self._inside.files())
        of_files = sum(bool(action.file_id) for action in self._imports)
        warning = None
        if not self._exports:
            warning = IntegrationError("anaplan_no_exports", user=user, model=model)
        return Found(
            f"{counted(files, 'file')} may be listed. Imports that read a file: {of_files}.",
            warning,
        )

    def _ahead(self) -> float | None:
        with new_session(manners=anaplan_manners(self._connection), until=self._until) as session:
            return clock_ahead(session, f"{self._sign_in_host}/")

    def _clock(self) -> Found:
        try:
            ahead = self._ahead()
        except IntegrationError as error:
            if error.code != "anaplan_rate_limited":
                raise
            return Found("Not asked: no more calls may go now.", is_skipped=True)
        if ahead is None:
            return Found("The server does not tell its time.", is_skipped=True)
        seconds = round(abs(ahead))
        direction = "ahead of" if ahead > 0 else "behind"
        if seconds <= CLOCK_SECONDS:
            return Found(f"The clocks agree within {max(1, seconds)} s.")
        warning = IntegrationError(
            "clock_differs", seconds=seconds, direction=direction, host=self._sign_in_host
        )
        return Found(f"Our clock is {seconds} s {direction} theirs.", warning)

    def _chosen(self) -> tuple[str, str, str]:
        """The chosen model's workspace, id and name; else the one that a sync loads."""
        place = self._connection.place
        if place.get("model_id"):
            return place.get("workspace_id", ""), place["model_id"], place.get("model_name", "")
        with tenant(self._connection.organization_id):
            sync = (
                Sync.objects.filter(
                    organization=self._connection.organization, target=self._connection
                )
                .exclude(model_id="")
                .order_by("pk")
                .first()
            )
        return (sync.workspace_id, sync.model_id, "") if sync else ("", "", "")


def _rest(model: Model, status: ModelStatus) -> IntegrationError | None:
    """What to know of a model that is not open and at rest."""
    if status.step.upper() == "CLOSED":
        return IntegrationError("anaplan_model_closed", model=model.name)
    if status.is_busy:
        what = status.tooltip or status.step
        return IntegrationError("anaplan_model_works", model=model.name, what=what)
    return None
