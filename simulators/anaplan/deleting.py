"""Delete actions: cells of a module, or members of a list with their cells."""

from simulators.anaplan.dimensions import UNKNOWN, Dimension
from simulators.anaplan.modelfile import ActionPart
from simulators.anaplan.world import Model


def delete_by_action(model: Model, action: ActionPart) -> int:
    """Carry out a delete action and say how many cells or members are gone."""
    if action.module:
        module = model.module(action.module)
        wanted = {
            number: _indexes(dimension, action.members[dimension.name])
            for number, dimension in enumerate(module.dimensions)
            if dimension.name in action.members
        }
        return module.grid.delete(list(module.grid.select(wanted)))
    dimension = model.dimension(action.list)
    names = action.members.get(action.list)
    found = _indexes(dimension, names) if names else {index for index, _ in dimension.all()}
    return delete_members(model, dimension, frozenset(found))


def delete_members(model: Model, dimension: Dimension, indexes: frozenset[int]) -> int:
    """Take members out of a list, and every cell that lies on them."""
    for module in model.modules.values():
        if dimension in module.dimensions:
            number = module.dimensions.index(dimension)
            module.grid.delete(list(module.grid.select({number: indexes})))
    for index in indexes:
        dimension.delete(index)
    return len(indexes)


def _indexes(dimension: Dimension, members: tuple[str, ...]) -> frozenset[int]:
    return frozenset(dimension.find(member) for member in members) - {UNKNOWN}
