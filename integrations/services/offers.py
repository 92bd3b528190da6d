"""The models that an Anaplan connection offers: listed, chosen, looked at."""

from collections.abc import Callable, Collection
from typing import TypeVar

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.anaplan.places import ids_in
from integrations.anaplan.types import Model
from integrations.models import Connection, Sync, System
from integrations.pipeline.drift import Use
from integrations.services import clients
from integrations.services.asking import refusing
from integrations.services.catalogues import ACTIONS
from integrations.services.connections import lock_connection
from integrations.services.drift import Place, watch_model
from integrations.transport.errors import IntegrationError

T = TypeVar("T")


def list_models(
    *, organization: Organization, connection_id: int, until: float | None = None
) -> int:
    """Ask Anaplan which workspaces and models the user sees, keep them, return how many.

    Nothing is asked past `until`, a moment of `time.monotonic()`. A chosen model that is not
    among them stays chosen, and is missing since then.
    Raises Refused: connection_unknown, connection_wrong_system and what the client names.
    """
    connection = _anaplan_to_ask(organization, connection_id)
    models = _ask(lambda: _read_models(connection, until))
    with tenant(organization.pk):
        row = lock_connection(organization, connection_id)
        row.offered = {"at": timezone.now().isoformat(), "models": models}
        if row.place.get("model_id"):
            row.place = _seen_again(row.place, models)
        row.save(update_fields=["offered", "place"])
    return len(models)


def choose_model(*, organization: Organization, connection_id: int, given: str) -> Connection:
    """Choose the one model that an id or a pasted address means; its id is kept as Anaplan's.

    Raises Refused: connection_unknown, models_not_listed, model_id_unreadable,
    model_id_of_workspace, model_unseen, model_unclear, model_archived_here.
    """
    with tenant(organization.pk):
        row = lock_connection(organization, connection_id)
        models = row.offered.get("models")
        if models is None:
            raise Refused("models_not_listed", name=row.name)
        model_id = _meant(given, models)
        model = models[model_id]
        if model["state"] == "ARCHIVED":
            raise Refused("model_archived_here", name=model["name"])
        meant = Model(
            id=model_id,
            name=model["name"],
            state=model["state"],
            workspace_id=model["workspace_id"],
            workspace_name=model["workspace_name"],
        )
        keep_place(row, meant)
        return row


def keep_place(connection: Connection, model: Model) -> None:
    """Note which model was chosen."""
    connection.place = {
        "workspace_id": model.workspace_id,
        "workspace_name": model.workspace_name,
        "model_id": model.id,
        "model_name": model.name,
    }
    with tenant(connection.organization_id):
        connection.save(update_fields=["place"])
        record_event(
            Action.MODEL_CHOSEN, subject=("connection", connection.name), data=connection.place
        )


def look_at_models(
    *,
    organization: Organization,
    connection_id: int,
    names: Collection[str] = (),
    until: float | None = None,
) -> int:
    """Read the chosen model, and all that syncs load into, and return how many things drifted.

    The columns of actions with these `names` are read before those of others; nothing is asked
    past `until`, a moment of `time.monotonic()`.
    Raises Refused: connection_unknown, connection_wrong_system, model_not_chosen and what the
    client names.
    """
    connection = _anaplan_to_ask(organization, connection_id)
    with tenant(organization.pk):
        places = watched_places(connection)
    if not places:
        raise Refused("model_not_chosen", name=connection.name)
    wanted = [Use(kind, name) for kind in (*ACTIONS, "processes") for name in names]
    return _ask(lambda: _watch(connection, places, wanted, until))


def _anaplan_to_ask(organization: Organization, connection_id: int) -> Connection:
    """Return a connection to Anaplan, to be called from outside any scope.

    Raises Refused: connection_unknown, connection_wrong_system.
    """
    with tenant(organization.pk):
        rows = Connection.objects.select_related("organization")
        row = rows.filter(organization=organization, pk=connection_id).first()
    if row is None:
        raise Refused("connection_unknown", number=connection_id)
    if row.system != System.ANAPLAN:
        raise Refused("connection_wrong_system", name=row.name, system=System.ANAPLAN.label)
    return row


def _ask(ask: Callable[[], T]) -> T:
    """Tell the person who waits what kept the other system from answering."""
    with refusing():
        return ask()


def _read_models(connection: Connection, until: float | None) -> dict[str, dict[str, str]]:
    client = clients.build_anaplan(connection, until=until)
    clients.identity_of(connection, client)
    workspaces = {workspace.id: workspace.name for workspace in client.workspaces()}
    return {
        model.id: {
            "name": model.name,
            "state": model.state,
            "workspace_id": model.workspace_id,
            "workspace_name": workspaces.get(model.workspace_id) or model.workspace_name,
        }
        for model in client.models()
    }


def _seen_again(place: dict[str, str], models: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the chosen place with today's names, or with the day since which it is missing."""
    kept = {name: value for name, value in place.items() if name != "missing_since"}
    model = models.get(place["model_id"])
    if model is None:
        since = place.get("missing_since") or timezone.now().isoformat(timespec="seconds")
        return {**kept, "missing_since": since}
    return {**kept, "model_name": model["name"], "workspace_name": model["workspace_name"]}


def _meant(given: str, models: dict[str, dict[str, str]]) -> str:
    ids = [found.casefold() for found in ids_in(given)]
    if not ids:
        raise Refused("model_id_unreadable")
    fitting = [model_id for model_id in models if model_id.casefold() in ids]
    workspaces = {
        model["workspace_name"]: model_id
        for model_id, model in models.items()
        if model["workspace_id"].casefold() in ids
    }
    if not fitting and workspaces:
        raise Refused("model_id_of_workspace", workspace=next(iter(workspaces)))
    if not fitting:
        raise Refused("model_unseen", given=ids_in(given)[0], count=len(models))
    if len(fitting) > 1:
        raise Refused("model_unclear", count=len(fitting))
    return fitting[0]


def watched_places(connection: Connection) -> list[Place]:
    """Return the chosen model and those that syncs load into, inside an open scope."""
    place = connection.place
    chosen = [(place["workspace_id"], place["model_id"])] if place.get("model_id") else []
    rows = Sync.objects.filter(organization=connection.organization_id, target=connection)
    used = list(rows.exclude(model_id="").values_list("workspace_id", "model_id"))
    return list(dict.fromkeys([*chosen, *used]))


def _watch(
    connection: Connection, places: list[Place], wanted: Collection[Use], until: float | None
) -> int:
    """Look at each model; one that cannot be looked at does not hold up the others."""
    client = clients.build_anaplan(connection, until=until)
    clients.identity_of(connection, client)
    drifted, failures = 0, []
    for place in places:
        try:
            drifted += len(watch_model(connection, place, client.in_model(*place), wanted))
        except IntegrationError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return drifted
