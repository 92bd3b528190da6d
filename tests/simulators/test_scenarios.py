"""Each named scenario brings about what its words say, from the first call on."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from simulators import scenarios, server
from simulators.__main__ import main
from simulators.anaplan.app import build_app as build_anaplan
from simulators.qad.app import build_app as build_qad
from tests.simulators.anaplan.client import ACTUALS, ACTUALS_FILE, ANNA, HEADER, MODEL_FILE
from tests.simulators.anaplan.client import Client as Anaplan
from tests.simulators.qad.conftest import BALANCES, DEMO
from tests.simulators.qad.conftest import Client as Qad

Begin = Callable[[str], Anaplan]
GOOD = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"
BAD = "E_9,A_4000,Plant,Jan 26,,1,2,3\n"
DECEMBER = "yearPeriod,eq,201012"
TASKS = f"/imports/{ACTUALS}/tasks"


@pytest.fixture
def anaplan() -> Iterator[Begin]:
    started: list[tuple[server.Running, Anaplan]] = []

    def begin(name: str) -> Anaplan:
        steps = [("POST", "settings", {"task_seconds": 0.02}), *scenarios.steps_of("anaplan", name)]
        running = server.start(build_anaplan(MODEL_FILE), steps=steps)
        started.append((running, Anaplan(running.origin, ANNA)))
        return started[-1][1]

    yield begin
    for running, client in started:
        client.http.close()
        running.stop()


@pytest.fixture
def erp() -> Iterator[Callable[[str], Qad]]:
    started: list[tuple[server.Running, Qad]] = []

    def begin(name: str) -> Qad:
        running = server.start(build_qad(DEMO / "books"), steps=scenarios.steps_of("qad", name))
        started.append((running, Qad(running)))
        return started[-1][1]

    yield begin
    for running, client in started:
        client.http.close()
        running.stop()


def statuses(client: Anaplan, calls: int) -> list[int]:
    return [client.call("GET", "/users/me").status_code for _ in range(calls)]


def numbers(client: Qad, *pages: int) -> list[list[str]]:
    """The rows of some pages of ten, each as one text."""
    found = [client.rows(BALANCES, DECEMBER, page=page, pageSize=10) for page in pages]
    return [[json.dumps(row) for row in rows] for rows in found]


@pytest.mark.parametrize(
    ("name", "read", "write"),
    [("locked-by-user", 200, 423), ("archived", 422, 422), ("offline", 424, 424)],
)
def test_the_first_model_is_in_another_state(anaplan, name, read, write):
    client = anaplan(f"model-{name}")
    assert client.model("GET", "/files").status_code == read
    assert client.model("POST", TASKS, json={"localeName": "en_US"}).status_code == write


def test_busy_model(anaplan):
    client = anaplan("busy-model")
    client.upload(ACTUALS_FILE, HEADER + GOOD)
    task = client.start("imports", ACTUALS)
    assert client.task("imports", ACTUALS, task)["taskState"] == "NOT_STARTED"
    client.http.delete(f"{client.origin}/_sim/hold")
    assert client.finish("imports", ACTUALS, task)["result"]["successful"] is True


def test_import_cancelled(anaplan):
    client = anaplan("import-cancelled")
    assert client.load(GOOD)["taskState"] == "CANCELLED"
    assert client.cells() == {}
    assert client.load(GOOD)["taskState"] == "COMPLETE"


def test_import_never_ends(anaplan):
    client = anaplan("import-never-ends")
    client.upload(ACTUALS_FILE, HEADER + GOOD)
    task = client.start("imports", ACTUALS)
    time.sleep(0.15)
    assert client.task("imports", ACTUALS, task)["taskState"] == "IN_PROGRESS"
    assert client.model("DELETE", f"{TASKS}/{task}").status_code == 200
    assert client.finish("imports", ACTUALS, task)["taskState"] == "CANCELLED"


def test_import_loses_rows(anaplan):
    client = anaplan("import-loses-rows")
    rows = [GOOD.replace("Jan", month) for month in ("Jan", "Feb")]
    result = client.load("".join([GOOD, *rows]))["result"]
    assert (result["successful"], result["failureDumpAvailable"]) == (True, False)
    assert [key[-1] for key in client.cells()] == ["Feb 26"]


def test_lost_answer_after_start(anaplan):
    client = anaplan("lost-answer-after-start")
    client.upload(ACTUALS_FILE, HEADER + GOOD)
    with pytest.raises(requests.ConnectionError):
        client.start("imports", ACTUALS)
    tasks = client.model("GET", TASKS).json()["tasks"]
    assert len(tasks) == 1
    assert client.finish("imports", ACTUALS, tasks[0]["taskId"])["result"]["successful"] is True


def test_lost_chunk(anaplan):
    client = anaplan("lost-chunk")
    client.upload(ACTUALS_FILE, HEADER + GOOD)
    kept = f"{client.origin}/_sim/files/{ACTUALS_FILE}"
    assert client.http.get(kept).content == b""
    client.upload(ACTUALS_FILE, HEADER + GOOD)
    assert client.http.get(kept).text == HEADER + GOOD


def test_dump_gone(anaplan):
    client = anaplan("dump-gone")
    task = client.load(BAD)
    assert task["result"]["failureDumpAvailable"] is True
    for path in ("/dump", "/dump/chunks", "/dump/chunks/0", f"/dumps/{ACTUALS}"):
        assert client.model("GET", f"{TASKS}/{task['taskId']}{path}").status_code == 404


def test_rate_limited(anaplan, erp):
    client = anaplan("rate-limited")
    assert statuses(client, 14) == [200] * 10 + [429] * 3 + [200]
    other = erp("rate-limited")
    answers = [other.get(BALANCES, DECEMBER) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 3 + [200]
    assert answers[3].headers["Retry-After"] == "1"


def test_login_page_instead_of_json(anaplan, erp):
    client = anaplan("login-page-instead-of-json")
    answers = [client.call("GET", "/users/me") for _ in range(5)]
    kinds = [answer.headers["Content-Type"].partition(";")[0] for answer in answers]
    assert kinds == ["application/json"] * 3 + ["text/html"] * 2
    other = erp("login-page-instead-of-json")
    other.sign_in()
    pages = [other.get(BALANCES, DECEMBER) for _ in range(4)]
    assert ["Log In" in page.text for page in pages] == [False, False, True, True]
    assert {page.status_code for page in pages} == {200}
    browser = erp("login-page-instead-of-json")
    browser.http.auth = None
    browser.call("POST", "login", data={"username": "demo", "password": "demo"})
    pages = [browser.get(BALANCES, DECEMBER) for _ in range(4)]
    assert ["Log In" in page.text for page in pages] == [False, False, True, True]
    assert {page.status_code for page in pages} == {200}


def test_token_expires_midway(anaplan, erp):
    client = anaplan("token-expires-midway")
    assert statuses(client, 5) == [200, 200, 200, 401, 401]
    assert statuses(Anaplan(client.origin, ANNA), 5) == [200] * 5
    other = erp("token-expires-midway")
    token = other.sign_in()
    assert [other.get(BALANCES).status_code for _ in range(4)] == [200, 200, 401, 401]
    values = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    again = other.ask_token(**values, refresh_token=token["refresh_token"])
    other.use(again.json()["access_token"])
    assert [other.get(BALANCES).status_code for _ in range(4)] == [200] * 4


def test_password_changed(anaplan, erp):
    client = anaplan("password-changed")
    assert statuses(client, 5) == [200, 200, 200, 401, 401]
    answer = client.http.post(f"{client.origin}/token/authenticate")
    assert (answer.status_code, answer.json()["status"]) == (401, "FAILURE_BAD_CREDENTIAL")
    other = erp("password-changed")
    other.sign_in()
    assert [other.get(BALANCES).status_code for _ in range(4)] == [200, 200, 401, 401]
    values = {"grant_type": "password", "client_id": "ml-connector"}
    refused = other.ask_token(**values, username="demo", password="demo")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_messages_in_another_form(anaplan):
    client = anaplan("messages-in-another-form")
    assert client.call("GET", "/users/me").json()["status"]["message"] == {"text": "Success"}
    details = client.load(BAD)["result"]["details"]
    assert {type(found["localMessageText"]) for found in details} == {dict}


def test_slow_erp(erp):
    client = erp("slow-erp")  # whose own client has no wait for Basic
    document = f"{client.url}/api/bdoc/{BALANCES}"
    client.tell("settings", scenarios.steps_of("qad", "slow-erp")[0][2])
    answer = requests.get(document, auth=("demo", "demo"), timeout=5)
    assert (answer.status_code, answer.elapsed.total_seconds() >= 1.5) == (200, True)


def test_shifting_and_vanishing_rows(erp):
    first, second, third = numbers(erp("total-is-wrong"), 1, 2, 3)
    assert numbers(erp("shifting-pages"), 1, 2) == [first, [first[-1], *second[:-1]]]
    assert numbers(erp("vanishing-rows"), 1, 2) == [first, [*second[1:], third[0]]]


def test_repeated_page_and_rows_twice(erp):
    client = erp("repeated-page")
    first, repeated, second = numbers(client, 1, 2, 2)
    assert repeated == first != second
    assert numbers(erp("rows-twice"), 1, 2) == [[first[0], *first], second]


def test_answers_cut_off(erp):
    client = erp("answers-cut-off")
    bodies = [client.get(BALANCES, DECEMBER) for _ in range(40)]
    assert {answer.status_code for answer in bodies} == {200}
    assert 2 < sum(not answer.text.endswith("}") for answer in bodies) < 20


def test_total_is_wrong(erp):
    assert erp("total-is-wrong").get(BALANCES, DECEMBER).json()["totalCount"] == 122


def test_field_renamed(erp):
    row = erp("field-renamed").rows(BALANCES, DECEMBER)[0]
    assert [name for name in row if name.endswith("New")] == ["currencyCodeNew"]


@pytest.mark.parametrize("system", ["anaplan", "qad"])
def test_help_lists_every_scenario(system, capsys):
    with pytest.raises(SystemExit):
        main([system, "--help"])
    printed = capsys.readouterr().out
    for scenario in scenarios.BY_SYSTEM[system]:
        assert f"{scenario.name} " in printed
        assert scenario.words in printed


@pytest.mark.parametrize("system", ["anaplan", "qad"])
def test_the_page_describes_every_scenario(system):
    page = (DEMO.parents[2] / "docs" / "simulators.md").read_text(encoding="utf-8")
    names = {"anaplan": "Anaplan", "qad": "QAD"}
    for scenario in scenarios.BY_SYSTEM[system]:
        assert f"| `{scenario.name}` | {names[system]} | {scenario.words} |" in page


def test_a_scenario_can_be_begun_at_any_time(anna, qad):
    assert anna.model("GET", "/files").status_code == 200
    assert anna.tell("scenarios", {"name": "model-archived"}).status_code == 204
    assert anna.model("GET", "/files").status_code == 422
    assert qad.look("scenarios").keys() == {found.name for found in scenarios.QAD}
    refused = qad.tell("scenarios", {"name": "model-archived"})
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("Unknown scenario 'model-archived'; known are: ")
    for body in ({}, [], {"name": None}):
        assert qad.tell("scenarios", body).status_code == 400


def test_an_unknown_scenario_ends_the_start_with_the_ones_that_there_are(capsys):
    command = ["anaplan", "--model", str(MODEL_FILE), "--scenario", "slow-erp"]
    assert main(command) == 2
    assert (
        "Unknown scenario 'slow-erp'; known are: model-locked-by-user," in capsys.readouterr().err
    )
