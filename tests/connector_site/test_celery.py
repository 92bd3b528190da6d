"""What the queue is allowed to do: carry hints, and never hold anybody up."""

import socket
import time

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from connector_site import roster
from connector_site.celery import (
    QUICK_QUEUE,
    SLICE_HARD_LIMIT_SECONDS,
    VISIBILITY_TIMEOUT_SECONDS,
    app,
    celery_settings,
)


def test_the_visibility_timeout_is_the_same_in_all_three_places_and_outlives_every_slice():
    settings = celery_settings("redis://127.0.0.1/0")
    assert [
        settings["visibility_timeout"],
        settings["broker_transport_options"]["visibility_timeout"],
        settings["result_backend_transport_options"]["visibility_timeout"],
    ] == [VISIBILITY_TIMEOUT_SECONDS] * 3
    assert VISIBILITY_TIMEOUT_SECONDS > 2 * SLICE_HARD_LIMIT_SECONDS


def test_a_killed_process_gives_its_task_back_and_nothing_but_json_is_taken():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.accept_content == ["json"]
    assert app.conf.result_backend is None


def test_every_tick_names_a_task_that_exists():
    app.loader.import_default_modules()
    ticks = {tick["task"] for tick in app.conf.beat_schedule.values()}
    assert ticks
    assert ticks <= set(app.tasks)


def test_what_people_wait_for_has_a_queue_that_workers_of_runs_do_not_serve():
    place = app.amqp.router.route({}, "integrations.tasks.carry_out_ping")
    assert place["queue"].name == QUICK_QUEUE
    assert app.conf.task_queues is None
    assert app.conf.task_default_queue != QUICK_QUEUE
    command = list(roster.quick())
    assert command[command.index("--queues") + 1] == QUICK_QUEUE


def test_a_broker_that_never_answers_holds_nobody_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        silent_app = Celery("silent", set_as_current=False)
        silent_app.conf.update(celery_settings(f"redis://127.0.0.1:{port}/0"))
        started = time.monotonic()
        with pytest.raises(OperationalError):
            silent_app.send_task("integrations.tasks.advance_run", args=[1, 1])
        assert time.monotonic() - started < 12
        silent_app.close()
