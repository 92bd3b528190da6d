"""The one door to Celery: hints at what is due, given after the commit."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

LONGEST_COUNTDOWN = 30.0
PING_EXPIRES = 30.0
KEEPING_EXPIRES = 600.0
READING_EXPIRES = 900.0
LOOK_EXPIRES = 1500.0


def hint_run(organization_id: int, run_id: int, *, wait: float = 0.0) -> None:
    """Tell the workers, once this transaction has committed, that a run may move.

    A hint carries ids only and may be lost or repeated: the run's own row says what is due,
    and a lost hint is given again by the beat. `wait` is in seconds.
    """
    transaction.on_commit(lambda: send_hint(organization_id, run_id, wait=wait))


def hint_look(organization_id: int, connection_id: int) -> None:
    """Tell the workers, once this transaction has committed, to look at a connection's models.

    A lost hint is given again by the next tick, by which time this one is worthless.
    """
    task, ids = "integrations.tasks.look_by_night", [organization_id, connection_id]
    transaction.on_commit(lambda: _send(task, ids, expires=LOOK_EXPIRES))


def hint_keeping(organization_id: int, connection_id: int) -> None:
    """Tell the workers, once this transaction has committed, to keep a refresh token alive.

    A lost hint is given again by the next tick, by which time this one is worthless.
    """
    task, ids = "integrations.tasks.keep_alive", [organization_id, connection_id]
    transaction.on_commit(lambda: _send(task, ids, expires=KEEPING_EXPIRES))


def hint_lists(organization_id: int, *, is_asked: bool = False) -> None:
    """Tell the workers, once this transaction has committed, to read lists that are due.

    With `is_asked` they read those too that were read a moment ago. A lost hint is given again
    by the next run or by night.
    """
    task, ids = "integrations.tasks.read_lists", [organization_id, int(is_asked)]
    transaction.on_commit(lambda: _send(task, ids, expires=READING_EXPIRES))


def hint_check(organization_id: int, connection_id: int) -> None:
    """Tell the workers, once this transaction has committed, that a profile is to be checked.

    Where the hint is lost, the watch or the next press of the button brings another.
    """
    task, ids = "integrations.tasks.check_profile", [organization_id, connection_id]
    transaction.on_commit(lambda: _send(task, ids))


def hint_ping(organization_id: int, ping_id: int) -> None:
    """Tell the workers for what people wait for, after the commit, that a ping waits.

    A lost hint is not given again: the person who waits is told that nobody took the ping.
    """
    task, ids = "integrations.tasks.carry_out_ping", [organization_id, ping_id]
    transaction.on_commit(lambda: _send(task, ids, expires=PING_EXPIRES))


def send_hint(organization_id: int, run_id: int, *, wait: float = 0.0) -> None:
    """Give a hint now; where the broker can't be reached, leave it to the beat."""
    countdown = min(max(wait, 0.0), LONGEST_COUNTDOWN) or None
    _send("integrations.tasks.advance_run", [organization_id, run_id], countdown=countdown)


def _send(
    task: str, ids: list[int], *, countdown: float | None = None, expires: float | None = None
) -> None:
    try:
        current_app.send_task(task, args=ids, countdown=countdown, expires=expires, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("broker unreachable, hint %s not given: %s", task, type(error).__name__)
