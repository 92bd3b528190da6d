"""Tasks: the queue of a model, history, cancelling, faults."""

import threading
import time

import pytest

from tests.simulators.anaplan.client import ACTUALS, ACTUALS_FILE, COPY, HEADER, MODEL

ROW = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"


@pytest.fixture
def loaded(anna):
    anna.upload(ACTUALS_FILE, HEADER + ROW)
    return anna


def wait_for(client, task_id, state):
    for _ in range(500):
        if client.task("imports", ACTUALS, task_id)["taskState"] == state:
            return
        time.sleep(0.01)
    raise AssertionError(f"never {state}")


def test_a_task_begins_queued_runs_and_ends(loaded):
    loaded.tell("settings", {"task_seconds": 0.4})
    answer = loaded.model("POST", f"/imports/{ACTUALS}/tasks", json={"localeName": "en_US"}).json()
    assert set(answer["task"]) == {"taskId", "taskState", "creationTime"}
    assert answer["task"]["taskState"] == "NOT_STARTED"
    task_id = answer["task"]["taskId"]
    seen = []
    while not seen or seen[-1]["taskState"] != "COMPLETE":
        seen.append(loaded.task("imports", ACTUALS, task_id))
        time.sleep(0.02)
    running = [task for task in seen if task["taskState"] == "IN_PROGRESS"]
    assert running[0]["currentStep"] == "Processing ..."
    assert "result" not in running[0]
    progress = [task["progress"] for task in running]
    assert progress == sorted(progress)
    assert 0 < progress[-1] < 1
    assert len(task_id) == 32
    assert task_id == task_id.upper()


def test_the_length_of_a_task_can_be_set(loaded):
    loaded.tell("settings", {"task_seconds": 60.0})
    task_id = loaded.start("imports", ACTUALS)
    time.sleep(0.5)
    assert loaded.task("imports", ACTUALS, task_id)["taskState"] == "IN_PROGRESS"
    loaded.model("DELETE", f"/imports/{ACTUALS}/tasks/{task_id}")
    assert loaded.finish("imports", ACTUALS, task_id)["taskState"] == "CANCELLED"


def test_tasks_of_one_model_run_one_after_the_other(loaded):
    loaded.tell("settings", {"task_seconds": 0.3})
    first, second = loaded.start("imports", ACTUALS), loaded.start("imports", ACTUALS)
    wait_for(loaded, first, "IN_PROGRESS")
    assert loaded.task("imports", ACTUALS, second)["taskState"] == "NOT_STARTED"
    loaded.finish("imports", ACTUALS, first)
    loaded.finish("imports", ACTUALS, second)
    counters = loaded.look("counters")
    assert (counters["import_posts"], counters["max_parallel_tasks"]) == (2, 1)


def test_the_locale_is_required(loaded):
    for body in ({}, {"localeName": ""}, {"localeName": 1}):
        answer = loaded.model("POST", f"/imports/{ACTUALS}/tasks", json=body)
        assert answer.status_code == 400
    assert "tasks" not in loaded.model("GET", f"/imports/{ACTUALS}/tasks").json()


@pytest.mark.parametrize("odd", [["Version"], {"a": 1}, 5])
@pytest.mark.parametrize("name", ["entityType", "entityName"])
def test_odd_mapping_parameters_are_400(loaded, name, odd):
    parameter = {"entityType": "Version", "entityName": "Actual"} | {name: odd}
    body = {"localeName": "en_US", "mappingParameters": [parameter]}
    assert loaded.model("POST", f"/imports/{ACTUALS}/tasks", json=body).status_code == 400
    assert "tasks" not in loaded.model("GET", f"/imports/{ACTUALS}/tasks").json()


def test_unknown_actions_and_tasks(loaded):
    body = {"localeName": "en_US"}
    assert loaded.model("POST", "/imports/112000000099/tasks", json=body).status_code == 404
    answer = loaded.model("GET", "/imports/112000000099/tasks")
    assert (answer.status_code, "tasks" in answer.json()) == (200, False)
    task = loaded.run("imports", ACTUALS)
    other = f"/imports/112000000002/tasks/{task['taskId']}"
    assert loaded.model("GET", other).status_code == 404
    assert loaded.model("GET", f"/imports/{ACTUALS}/tasks/{'0' * 32}").status_code == 404


def test_the_history_is_newest_first_and_shows_tasks_of_others(loaded, bo):
    ids = [loaded.run("imports", ACTUALS)["taskId"] for _ in range(2)]
    rows = bo.model("GET", f"/imports/{ACTUALS}/tasks?sort=-creationTime").json()["tasks"]
    assert [row["taskId"] for row in rows] == ids[::-1]
    assert set(rows[0]) == {"taskId", "taskState", "creationTime"}
    oldest = bo.model("GET", f"/imports/{ACTUALS}/tasks?sort=%2BcreationTime").json()["tasks"]
    assert oldest == rows[::-1]


def test_a_running_task_can_be_cancelled_and_leaves_nothing(loaded):
    loaded.tell("settings", {"task_seconds": 5.0})
    task_id = loaded.start("imports", ACTUALS)
    wait_for(loaded, task_id, "IN_PROGRESS")
    body = loaded.model("DELETE", f"/imports/{ACTUALS}/tasks/{task_id}").json()
    assert body["task"]["taskState"] == "CANCELLING"
    task = loaded.finish("imports", ACTUALS, task_id)
    assert task["taskState"] == "CANCELLED"
    assert task["cancelledBy"] == "anna@lamps.example"
    assert "result" not in task
    assert loaded.cells() == {}


@pytest.mark.parametrize(("at_once", "state"), [(False, "CANCELLING"), (True, "CANCELLED")])
def test_a_waiting_task_is_cancelled_without_its_turn_and_an_ended_one_stays(
    loaded, at_once, state
):
    loaded.tell("settings", {"task_seconds": 0.4, "queued_cancel_at_once": at_once})
    first, second = loaded.start("imports", ACTUALS), loaded.start("imports", ACTUALS)
    wait_for(loaded, first, "IN_PROGRESS")
    body = loaded.model("DELETE", f"/imports/{ACTUALS}/tasks/{second}").json()
    assert body["task"]["taskState"] == state
    assert loaded.finish("imports", ACTUALS, second)["cancelledBy"] == "anna@lamps.example"
    assert loaded.task("imports", ACTUALS, first)["taskState"] == "IN_PROGRESS"
    loaded.finish("imports", ACTUALS, first)
    loaded.model("DELETE", f"/imports/{ACTUALS}/tasks/{first}")
    assert loaded.task("imports", ACTUALS, first)["taskState"] == "COMPLETE"


def test_transactional_calls_wait_for_the_model_and_catalogues_do_not(loaded):
    loaded.tell("settings", {"task_seconds": 0.5})
    task_id = loaded.start("imports", ACTUALS)
    wait_for(loaded, task_id, "IN_PROGRESS")
    status = loaded.model("GET", "/status").json()["requestStatus"]
    assert status["currentStep"] == "Processing ..."
    assert status["tooltip"] == "The system is currently processing an Import: Load actuals"
    assert status["taskId"] == task_id
    details = loaded.call("GET", f"/models/{MODEL}?modelDetails=true").json()["model"]
    assert details["modelTransactionRunning"] is True
    assert loaded.model("GET", "/files").elapsed.total_seconds() < 0.2
    assert loaded.model("GET", "/lists/101000000001/items").status_code == 200
    assert loaded.task("imports", ACTUALS, task_id)["taskState"] == "COMPLETE"


def test_a_model_can_be_held_by_somebody(loaded):
    loaded.tell("settings", {"task_seconds": 0.0})
    assert loaded.tell("hold", {"tooltip": "Jane sorts a list"}).status_code == 204
    assert loaded.tell("hold", {}).status_code == 400
    assert loaded.model("GET", "/status").json()["requestStatus"]["tooltip"] == "Jane sorts a list"
    task_id = loaded.start("imports", ACTUALS)
    time.sleep(0.1)
    assert loaded.task("imports", ACTUALS, task_id)["taskState"] == "NOT_STARTED"
    threading.Timer(0.2, loaded.http.delete, [f"{loaded.origin}/_sim/hold"]).start()
    assert loaded.model("GET", "/lists/101000000001/items").elapsed.total_seconds() > 0.1
    assert loaded.finish("imports", ACTUALS, task_id)["taskState"] == "COMPLETE"


def test_models_do_not_wait_for_each_other(loaded):
    loaded.tell("hold", {"model": COPY})
    assert loaded.run("imports", ACTUALS)["taskState"] == "COMPLETE"


def fault(client, kind, **params):
    client.tell("faults", {"path": "/tasks$", "method": "POST", "kind": kind} | params)


def test_fault_task_cancelled(loaded):
    fault(loaded, "task_cancelled")
    task = loaded.run("imports", ACTUALS)
    assert (task["taskState"], "result" in task) == ("CANCELLED", False)
    assert loaded.cells() == {}
    assert loaded.run("imports", ACTUALS)["taskState"] == "COMPLETE"


def test_fault_task_without_successful(loaded):
    fault(loaded, "task_without_successful")
    task = loaded.run("imports", ACTUALS)
    assert task["taskState"] == "COMPLETE"
    assert "successful" not in task["result"]
    assert len(loaded.cells()) == 1


def test_fault_task_other_words(loaded):
    fault(loaded, "task_other_words", text="1 Zeile")
    entry = loaded.run("imports", ACTUALS)["result"]["details"][0]
    assert (entry["localMessageText"], entry["type"]) == ("1 Zeile", "lineItemRowsProcessed")
    assert entry["values"][:2] == ["moduleName", "ACT01 Actuals"]


def test_fault_task_never_ends_until_it_is_cancelled(loaded):
    fault(loaded, "task_never_ends")
    task_id = loaded.start("imports", ACTUALS)
    time.sleep(0.3)
    assert loaded.task("imports", ACTUALS, task_id)["taskState"] == "IN_PROGRESS"
    loaded.model("DELETE", f"/imports/{ACTUALS}/tasks/{task_id}")
    assert loaded.finish("imports", ACTUALS, task_id)["taskState"] == "CANCELLED"


def test_fault_task_failed(loaded):
    fault(loaded, "task_failed", type="notAuthorised", text="Not allowed.")
    result = loaded.run("imports", ACTUALS)["result"]
    assert result["successful"] is False
    entry = result["details"][0]
    assert (entry["type"], entry["localMessageText"]) == ("notAuthorised", "Not allowed.")
    assert loaded.cells() == {}


@pytest.mark.parametrize(("counted", "words"), [(False, "1 (0/1)"), (True, "0 (0/0)")])
def test_fault_ignore_rows(loaded, counted, words):
    fault(loaded, "ignore_rows", rows=1, counted=counted)
    result = loaded.run("imports", ACTUALS)["result"]
    assert result["successful"] is True
    assert result["failureDumpAvailable"] is False
    assert result["details"][0]["localMessageText"].startswith(f"ACT01 Actuals: {words} rows")
    assert loaded.cells() == {}


def test_a_start_that_is_answered_by_a_reset_makes_a_task_all_the_same(loaded):
    fault(loaded, "reset")
    with pytest.raises(OSError):
        loaded.start("imports", ACTUALS)
    tasks = loaded.model("GET", f"/imports/{ACTUALS}/tasks").json()["tasks"]
    assert len(tasks) == 1
    assert loaded.look("counters")["import_posts"] == 1
