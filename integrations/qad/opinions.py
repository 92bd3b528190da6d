"""What a QAD says of its documents beside their rows: field lists, allowed verbs, a wrong path."""

from collections.abc import Mapping
from typing import Any

from integrations.qad import loose
from integrations.qad.client import Params, QadClient
from integrations.qad.profile import Document, Profile
from integrations.qad.types import Workspace
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError

WRONG_NAME = "zz_connector_probe"
BROWSES = "api/qracore/browses"
FIELD_LIST = "urn:browse:custom:lookupBrowseFields"
METADATA = "api/qracore/entitymetadatas"
METADATA_VIEW = "urn:be:com.qad.qra.adapter.entity.IEntityBuilderCRUD"
MOST_FIELDS = 1000
# An answer of these says that a wrong path is known to be wrong.
KNOWN_AS_WRONG = frozenset({400, 404, 405, 410})


class Opinions:
    """Second opinions of one instance; none is ever required, so a refused one is just absent."""

    def __init__(self, client: QadClient) -> None:
        self._client = client
        self._distinct: dict[str, bool] = {}

    def is_distinct(self, spec: Document, workspace: Workspace | None) -> bool:
        """Whether the document's surface refuses what surely does not exist; asked once each."""
        if spec.style not in self._distinct:
            path, params = _wrong_call(self._client.profile, spec)
            answer = self._ask(path, params, workspace)
            self._distinct[spec.style] = answer is not None and answer.status in KNOWN_AS_WRONG
        return self._distinct[spec.style]

    def field_names(self, spec: Document, workspace: Workspace | None) -> list[str]:
        """The wire names that a field list or the metadata has; empty where nothing is told."""
        if spec.style == "browse":
            params = _browse_params(self._client.profile, FIELD_LIST, MOST_FIELDS)
            condition = f"browseURI,eq,{spec.browse_id},literal"
            rows = self._rows(BROWSES, [*params, ("filter", condition)], workspace, "data")
            return _texts(rows, "field")
        if not spec.entity_uri:
            return []
        params = [("entityURI", spec.entity_uri), ("viewUri", METADATA_VIEW)]
        for place in ("data.entityMetadatas", "entityMetadatas"):
            for entry in self._rows(METADATA, params, workspace, place):
                return _texts(loose.rows_at(entry, "entityFields") or [], "entityFieldCode")
        return []

    def verbs(self, spec: Document, workspace: Workspace | None) -> frozenset[str]:
        """The verbs that the path says it takes; empty where it does not say."""
        answer = self._ask(spec.url_path, [], workspace, "OPTIONS")
        if answer is None or answer.status != 200:
            return frozenset()
        return frozenset(
            verb.strip().upper() for verb in answer.headers.get("allow", "").split(",")
        ) - {""}

    def _rows(
        self, path: str, params: Params, workspace: Workspace | None, place: str
    ) -> list[Any]:
        answer = self._ask(path, params, workspace)
        if answer is None or answer.status != 200:
            return []
        try:
            return loose.rows_at(answer.json(), place) or []
        except IntegrationError:
            return []

    def _ask(
        self, path: str, params: Params, workspace: Workspace | None, method: str = "GET"
    ) -> Answer | None:
        try:
            return self._client.call(path, params, workspace, method)
        except IntegrationError:
            return None


def _wrong_call(profile: Profile, spec: Document) -> tuple[str, Params]:
    """A call that is surely wrong on the surface of this document."""
    if spec.style == "browse":
        return BROWSES, _browse_params(profile, f"urn:browse:mfg:{WRONG_NAME}", 1)
    parent = "api/erp" if spec.style == "entity" else spec.path.rpartition("/")[0]
    return f"{parent}/{WRONG_NAME}", [("viewUri", f"urn:be:{WRONG_NAME}")]


def _browse_params(profile: Profile, browse_id: str, size: int) -> Params:
    paging = profile.paging
    params = [
        ("browseId", browse_id),
        (paging.page_param, str(paging.first_page)),
        (paging.size_param, str(size)),
    ]
    if paging.action_param:
        params.append((paging.action_param, paging.action_first))
    return params


def _texts(rows: list[Any], name: str) -> list[str]:
    found = [row.get(name) for row in rows if isinstance(row, Mapping)]
    return [text for text in found if isinstance(text, str)]
