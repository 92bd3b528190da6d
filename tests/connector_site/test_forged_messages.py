"""Somebody who reaches the broker can put messages there; a worker runs none that is forged."""

import pickle
import time
import uuid
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from kombu import Connection, Exchange, Queue

from audit.models import Event
from audit.tenancy import tenant
from connector_site.celery import app
from integrations.models import Run
from integrations.services.runs import advance_run
from tests.house.tenants import state_of
from tests.integrations.services.runs_of import make_run

NAME = app.conf.task_default_queue
QUEUE = Queue(NAME, Exchange(NAME), routing_key=NAME)
PATIENCE = 20.0


class Trap:
    """An object that writes a file where somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "caught")


def forge(task, arguments=(), *, body=None, content_type="application/json"):
    """Put a message on the broker as a stranger would."""
    body = [list(arguments), {}, {}] if body is None else body
    headers = {"task": task, "id": uuid.uuid4().hex, "lang": "py", "argsrepr": "", "kwargsrepr": ""}
    with Connection(app.conf.broker_url) as broker:
        producer = broker.Producer()
        options = {"exchange": QUEUE.exchange, "routing_key": NAME, "declare": [QUEUE]}
        if content_type == "application/json":
            producer.publish(body, headers=headers, serializer="json", **options)
        else:
            producer.publish(
                body,
                headers=headers,
                content_type=content_type,
                content_encoding="binary",
                **options,
            )


@pytest.fixture
def runs(engines):
    """Two organizations' queued runs, whose own hints were lost."""
    found = make_run(), make_run()
    app.control.purge()
    return found


@pytest.fixture
def worker(runs):
    """A worker of the product on this session's broker, in a thread."""
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="CRITICAL"):
        yield


def wait_for(condition):
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def test_forged_messages_run_nothing_and_an_honest_one_behind_them_is_taken(runs, worker, tmp_path):
    ours, theirs = runs
    before = state_of(theirs.organization_id)
    trap = tmp_path / "trap"
    body = pickle.dumps(((Trap(trap),), {}, {}))
    forge(
        "integrations.tasks.advance_run", body=body, content_type="application/x-python-serialize"
    )
    forge("os.system", [f"touch {trap}"])
    forge("celery.backend_cleanup")
    forge("integrations.tasks.advance_run", [ours.organization_id, theirs.pk])
    forge("integrations.tasks.advance_run", ["1 OR true", theirs.pk])
    forge("integrations.tasks.advance_run", [ours.organization_id, ours.pk])

    def started():
        with tenant(ours.organization_id):
            return Run.objects.get(pk=ours.pk).started_at is not None

    wait_for(started)
    assert not trap.exists()
    assert state_of(theirs.organization_id) == before


def test_the_same_message_about_ones_own_run_moves_it():
    """What the forged message above would have done to its run."""
    theirs = make_run()
    before = state_of(theirs.organization_id)
    advance_run(theirs.organization_id, theirs.pk)
    assert state_of(theirs.organization_id) != before
    with tenant(theirs.organization_id):
        assert Event.objects.filter(action="run.started").count() == 1
