"""What an import without a file reads: a view or a list of this model or of another one."""

from collections.abc import Iterable

from simulators.anaplan.modelfile import SourcePart
from simulators.anaplan.plans import Refusal
from simulators.anaplan.views import export_lines, find_view, list_lines
from simulators.anaplan.world import Model, World


def pieces(world: World, model: Model, source: SourcePart | None) -> Iterable[bytes] | Refusal:
    """The source as CSV in UTF-8, or why it cannot be read."""
    if source is None:
        return Refusal("failedToLocateModel", "The source model cannot be found.")
    if source.model:
        try:
            model = world.find_model(source.model)
        except KeyError:
            return Refusal("failedToLocateModel", f"There is no model {source.model}.")
    if model.active_state == "ARCHIVED":
        return Refusal("sourceModelArchived", f"The model {model.name} is archived.")
    if source.list:
        try:
            dimension = model.dimension(source.list)
        except KeyError:
            return Refusal("failedToLocateHierarchy", f"There is no list {source.list}.")
        return (line.encode() for line in list_lines(dimension))
    view = find_view(model, source.view)
    if view is None:
        return Refusal("failedToLocateSavedView", f"There is no view {source.view}.")
    return (line.encode() for line in export_lines(view, "TABULAR_MULTI_COLUMN"))
