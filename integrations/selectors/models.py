"""Models as pages offer and show them: what may be chosen, what was found, what has drifted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import Organization
from audit.catalogue import CATALOGUE, fill
from integrations.models import Connection, DriftAlarm, ModelCatalogue, Sync
from integrations.pipeline.drift import LOST
from integrations.pipeline.streams import DATA_SETS

STATES = {
    "": ("none", "Open"),
    "ACTIVE": ("good", "Open"),
    "UNLOCKED": ("good", "Open"),
    "PRODUCTION": ("good", "Deployed"),
    "LOCKED": ("warn", "Locked"),
    "MAINTENANCE": ("warn", "Offline"),
    "PRODUCTION_MAINTENANCE": ("warn", "Offline"),
    "ARCHIVED": ("bad", "Archived"),
}
KINDS = {
    "imports": ("import", "imports"),
    "exports": ("export", "exports"),
    "processes": ("process", "processes"),
    "lists": ("list", "lists"),
    "modules": ("module", "modules"),
}
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model that the connection's user sees."""

    id: str
    name: str
    workspace_id: str
    workspace_name: str
    tone: str
    state: str
    is_chosen: bool

    @property
    def is_archived(self) -> bool:
        """Whether it can be neither read nor loaded."""
        return self.tone == "bad"


@dataclass(frozen=True, slots=True)
class Offers:
    """Some of the models that are offered, `total` of which fit; `found_at` None: not read yet."""

    found_at: datetime | None = None
    models: Sequence[ModelOffer] = ()
    total: int = 0
    workspaces: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An open alarm in words, and the syncs that it stops."""

    id: int
    code: str
    title: str
    meaning: str
    fix: str
    raised_at: datetime
    can_accept: bool
    syncs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ModelView:
    """The model of a connection: what was chosen, when it was looked at, and what has drifted."""

    place: Mapping[str, str]
    missing_since: datetime | None = None
    found_at: datetime | None = None
    counts: Sequence[tuple[str, int]] = ()
    alarms: Sequence[Alarm] = field(default=())
    elsewhere: Sequence[str] = ()


def read_catalogue(connection: Connection, model_id: str) -> ModelCatalogue | None:
    """Return what was found in a model."""
    rows = ModelCatalogue.objects.filter(organization=connection.organization)
    return rows.filter(connection=connection, model_id=model_id).first()


def list_offers(connection: Connection, *, text: str = "", workspace_id: str = "") -> Offers:
    """Return the models whose name, workspace or id hold a text, by workspace and name.

    Archived ones come last.
    """
    if "models" not in connection.offered:
        return Offers()
    models = connection.offered["models"]
    chosen = connection.place.get("model_id")
    fitting = [
        _offer(model_id, facts, is_chosen=model_id == chosen)
        for model_id, facts in models.items()
        if workspace_id in ("", facts["workspace_id"]) and _holds(model_id, facts, text)
    ]
    fitting.sort(
        key=lambda offer: (
            offer.is_archived,
            offer.workspace_name.casefold(),
            offer.name.casefold(),
        )
    )
    names = {facts["workspace_id"]: facts["workspace_name"] for facts in models.values()}
    workspaces = sorted(names.items(), key=lambda pair: pair[1].casefold())
    found_at = parse_datetime(connection.offered["at"])
    return Offers(found_at, fitting[:MOST_SHOWN], len(fitting), workspaces)


def get_model(connection: Connection) -> ModelView:
    """Return the model of an Anaplan connection, inside an open scope."""
    place = connection.place
    row = read_catalogue(connection, place.get("model_id") or "?")
    found = row.found if row else {}
    elsewhere = Sync.objects.filter(organization=connection.organization, target=connection)
    return ModelView(
        place=place,
        missing_since=parse_datetime(place.get("missing_since", "")),
        found_at=row.found_at if row else None,
        counts=[
            (words[len(found[kind]) != 1], len(found[kind]))
            for kind, words in KINDS.items()
            if kind in found
        ],
        alarms=list_alarms(connection),
        elsewhere=list(
            elsewhere.exclude(model_id=place.get("model_id", ""))
            .order_by("name")
            .values_list("name", flat=True)
        ),
    )


def list_alarms(connection: Connection) -> list[Alarm]:
    """Return the open alarms of a connection, oldest first, inside an open scope."""
    rows = open_alarms(connection.organization).filter(connection=connection)
    syncs = list(Sync.objects.filter(organization=connection.organization, target=connection))
    return [_alarm(row, syncs) for row in rows]


def open_alarms(organization: Organization) -> Any:
    """Return the rows of all open alarms, oldest first."""
    return DriftAlarm.objects.filter(organization=organization, ended_at=None).order_by("pk")


def stops(alarm: DriftAlarm, sync: Sync) -> bool:
    """Whether an alarm is about something that a sync uses."""
    if (alarm.connection_id, alarm.model_id) != (sync.target_id, sync.model_id):
        return False
    if alarm.kind == "lists":
        is_list = DATA_SETS[sync.data_set].is_list
        return alarm.name == sync.export_name if is_list else bool(sync.export_name)
    used = {
        "imports": sync.import_name,
        "exports": sync.export_name,
        "processes": sync.process_name,
    }
    return alarm.name == used[alarm.kind]


def _offer(model_id: str, facts: Mapping[str, str], *, is_chosen: bool) -> ModelOffer:
    tone, word = STATES.get(facts["state"], ("unknown", facts["state"].title()))
    return ModelOffer(
        id=model_id,
        name=facts["name"],
        workspace_id=facts["workspace_id"],
        workspace_name=facts["workspace_name"],
        tone=tone,
        state=word,
        is_chosen=is_chosen,
    )


def _holds(model_id: str, facts: Mapping[str, str], text: str) -> bool:
    shown = (model_id, facts["name"], facts["workspace_id"], facts["workspace_name"])
    return any(text.casefold() in part.casefold() for part in shown)


def _alarm(row: DriftAlarm, syncs: Sequence[Sync]) -> Alarm:
    entry = CATALOGUE[row.code]
    return Alarm(
        id=row.pk,
        code=row.code,
        title=entry.title,
        meaning=fill(entry.meaning, row.facts),
        fix=fill(entry.fix, row.facts),
        raised_at=row.raised_at,
        can_accept=row.code not in LOST,
        syncs=[sync.name for sync in syncs if stops(row, sync)],
    )
