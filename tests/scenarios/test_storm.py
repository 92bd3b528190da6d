"""A storm of 429 while two models load at once: within the manners, each once, both green."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from audit.tenancy import tenant
from integrations.models import Run, Sync
from integrations.services.runs import hint_due_runs
from simulators.data.modelparts import period_name
from simulators.qad.generated_lists import EMAIL, PASSWORD
from tests.runs.test_workers import wait_for, worker
from tests.scenarios.books import IS_WHOLE, nonzero
from tests.scenarios.conftest import House

ACTUALS, TWIN = "ACT01 Actuals", "0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A"
OTHER_TOOL = "other-tool"
# What Anaplan says of a wait is in whole seconds; a call may be on its way when it is said.
LEAST_WAIT, ON_ITS_WAY = 1.0, 0.3

# Its short form are the eight processes of tests/integrations/test_crowd.py.
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not IS_WHOLE, reason="make months runs it"),
]


def add_twin(folder: Path) -> None:
    """Add a second model beside the first, with the same modules and actions."""
    path = folder / "model.json"
    document = json.loads(path.read_text())
    models = document["workspaces"][0]["models"]
    models.append({**models[0], "id": TWIN, "name": "Generated, next year"})
    path.write_text(json.dumps(document))


@contextmanager
def another_client(origin: str) -> Iterator[threading.Event]:
    """Let another tool of the customer take all calls of the tenant that it can get."""
    over = threading.Event()
    http = requests.Session()
    http.headers["User-Agent"] = OTHER_TOOL
    answer = http.post(f"{origin}/token/authenticate", auth=(EMAIL, PASSWORD))
    http.headers["Authorization"] = f"AnaplanAuthToken {answer.json()['tokenInfo']['tokenValue']}"

    def ask() -> None:
        while not over.wait(0.03):
            http.get(f"{origin}/2/0/workspaces")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield over
    finally:
        over.set()
        thread.join()


def run_both(house: House, engines: Any, period: int) -> list[Run]:
    """Load both models with two workers at once; the other client goes home after a while."""
    rig = house.rig
    with tenant(rig.organization.pk):
        syncs = list(Sync.objects.filter(data_set="gl_balances").order_by("pk"))
    runs = []
    for sync in syncs:
        rig.sync = sync
        runs.append(rig.start(period))

    def ended() -> list[Run] | None:
        hint_due_runs()
        now = [rig.reload(run) for run in runs]
        stormed = rig.anaplan.count("too_many_requests")
        if stormed > 40:
            over.set()
        return None if any(run.is_active for run in now) else now

    with another_client(rig.anaplan.root) as over, worker(engines):
        return wait_for(ended)


def test_two_models_load_at_once_in_a_storm(make_house: Any, engines: Any) -> None:
    """Scenario 7: nobody comes back early, each import is started once, both are green."""
    house: House = make_house(add_twin)
    rig, period = house.rig, house.books.periods[0]
    house.use("gl_balances")
    with tenant(rig.organization.pk):
        twin = Sync.objects.get(pk=rig.sync.pk)
        twin.pk, twin.model_id, twin.name = None, TWIN, "Actuals of the next year"
        twin.save()
    storm = {"requests_per_minute": 60, "rate_window_seconds": 4.0, "task_seconds": 5.0}
    rig.anaplan.call("POST", "settings", storm)
    runs = run_both(house, engines, period)
    assert [(run.state, run.error_code) for run in runs] == [("reconciled", "")] * 2
    asked = rig.anaplan.call("GET", "requests?path=^/(2/0|token)/")["requests"]
    ours = [call for call in asked if call["headers"].get("User-Agent") != OTHER_TOOL]
    refused = [call["at"] for call in ours if call["status"] == 429]
    assert refused
    arrived = [call["at"] - call["seconds"] for call in ours]
    for moment in refused:
        early = [at - moment for at in arrived if ON_ITS_WAY < at - moment < LEAST_WAIT]
        assert early == [], "somebody came back before Retry-After"
    assert rig.anaplan.count("import_posts") == 2
    assert rig.anaplan.count("max_parallel_tasks") == 2, "both models loaded at once"
    wanted = nonzero(house.books.balances("net")["net"])
    month = {c: a for c, a in wanted.items() if c.endswith(period_name(period))}
    assert house.cells(ACTUALS, "Net") == month
    assert house.cells(ACTUALS, "Net", model=TWIN) == month
