"""The lists of models that a dimension may be mapped to, as the last look at them found them."""

from collections.abc import Sequence

from accounts.models import Organization
from integrations.models import MemberList, ModelCatalogue
from integrations.pipeline.headers import field_of
from integrations.selectors.references import list_loads
from integrations.selectors.syncs import name_model

Choice = tuple[str, str]


def choice_of(target_id: int, model_id: str, list_name: str) -> str:
    """Return what a form sends for a list."""
    return f"{target_id}|{model_id}|{list_name}"


def list_list_offers(
    organization: Organization, dimension: str, chosen: MemberList | None
) -> Sequence[Choice]:
    """Return the lists of all models that syncs load, those named like the dimension first.

    The chosen one is among them although its model may not have been looked at.
    """
    places = {(sync.target_id, sync.model_id): sync.target for sync in list_loads(organization)}
    rows = ModelCatalogue.objects.filter(organization=organization)
    catalogues = {(row.connection_id, row.model_id): row.found for row in rows}
    offers: dict[str, str] = {}
    if chosen is not None:
        mine = choice_of(chosen.target_id, chosen.model_id, chosen.list_name)
        offers[mine] = chosen.list_name
    for (target_id, model_id), target in places.items():
        found = catalogues.get((target_id, model_id), {}).get("lists", {})
        names = sorted(facts["name"] for facts in found.values())
        model = f", in {name_model(target, model_id)}" if len(places) > 1 else ""
        for name in sorted(names, key=lambda name: field_of(name) != dimension):
            offers[choice_of(target_id, model_id, name)] = f"{name}{model}"
    return list(offers.items())
