"""Whether a model can be used now: its state, whether it is open, and whether it is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from simulators.anaplan.answers import ApiError, Call
from simulators.anaplan.roles import has
from simulators.anaplan.world import Model, World

TICK = 0.02


def check_state(call: Call) -> None:
    """Refuse a call as the state of its model demands; a status of 0 lets it pass."""
    settings, state = call.world.settings, call.model.active_state
    if state == "ARCHIVED":
        _refuse(settings.archived_status, "The model is archived")
    elif state.endswith("MAINTENANCE") and not (
        settings.offline_lets_admins and has(call.user, "workspaceAdmin")
    ):
        _refuse(settings.offline_status, "The model is offline")
    elif state == "LOCKED" and call.request.method != "GET":
        _refuse(settings.locked_status, "The model is locked")


def check_structure(call: Call) -> None:
    """Refuse a change of the structure of a deployed model."""
    if call.model.active_state.startswith("PRODUCTION"):
        _refuse(call.world.settings.deployed_status, "The model is deployed")


def _refuse(status: int, words: str) -> None:
    if status:
        raise ApiError(status, words)


def check_may_close(call: Call) -> None:
    """Refuse to close a busy model, where the switch says so."""
    if is_busy(call.model):
        _refuse(call.world.settings.busy_close_status, "The model is busy")


def check_task_may_wait(call: Call) -> None:
    """Refuse a new task for a busy model, where the switch says so."""
    if is_busy(call.model):
        _refuse(call.world.settings.busy_task_status, "The model is busy")


def is_busy(model: Model) -> bool:
    """Whether a task or somebody else has the model."""
    return model.running is not None or bool(model.held_by)


@asynccontextmanager
async def alone(call: Call) -> AsyncIterator[None]:
    """The model for one call alone: it waits for its turn, or is refused by the switch."""
    if is_busy(call.model):
        _refuse(call.world.settings.busy_status, "The model is busy")
    async with call.model.lock:
        yield


def is_closed(world: World, model: Model) -> bool:
    """Whether a model was closed, or unloaded because nobody used it."""
    idle = world.settings.idle_minutes * 60
    if idle and world.clock.now() - model.used_at > idle and not is_busy(model):
        model.is_closed = True
    return model.is_closed


def begin_opening(world: World, model: Model) -> None:
    """Load a closed model, which takes its time; a second call joins the first."""
    if model.opener is None:
        model.opener = asyncio.get_running_loop().create_task(_open(world, model))


async def _open(world: World, model: Model) -> None:
    try:
        await asyncio.sleep(world.settings.open_seconds)
        model.is_closed, model.used_at = False, world.clock.now()
    finally:
        model.opener = None


async def wait_until_open(call: Call) -> None:
    """The first call to a closed model opens it, and is slow."""
    world, model = call.world, call.model
    if is_closed(world, model):
        begin_opening(world, model)
    if model.opener is not None:
        await asyncio.shield(model.opener)
    model.used_at = call.now
