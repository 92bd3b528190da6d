"""The bulk API over real HTTP: what was done is known, and what is not known is said."""

import gzip
import json
import time

import pytest

from integrations.anaplan import calls
from integrations.anaplan.types import TaskRef
from integrations.transport.errors import IntegrationError
from integrations.transport.ratelimit import LocalBudget
from tests.integrations.anaplan.conftest import make_client, polite_client
from tests.simulators.anaplan.client import (
    ACTUALS,
    ACTUALS_FILE,
    ANNA,
    BO,
    COPY,
    HEADER,
    LENIENT,
    MODEL,
    PLAN,
    WORKSPACE,
)

READ_BACK = "116000000001"
GOOD = 'E_1,A_6000,"Sales, north",Jan 26,x,12345678901234567890123456.78,0.50,-3\n'
BAD = "E_9,A_6000,Plant,Jan 26,x,1,2,3\n"


def error_of(work) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value


def upload(client, text: str, *, cut: int = 40) -> None:
    raw = text.encode()
    pieces = [raw[start : start + cut] for start in range(0, len(raw), cut)]
    client.set_chunk_count(ACTUALS_FILE, -1)
    for number, piece in enumerate(pieces):
        client.put_chunk(ACTUALS_FILE, number, gzip.compress(piece))
    client.complete_upload(ACTUALS_FILE)


def finish(client, kind, object_id, task_id):
    for _ in range(500):
        task = client.get_task(kind, object_id, task_id)
        if task.is_final:
            return task
        time.sleep(0.01)
    raise AssertionError(task)


def load(client, rows: str):
    upload(client, HEADER + rows)
    task_id = client.start_import(ACTUALS)
    return task_id, finish(client, "imports", ACTUALS, task_id)


def test_who_is_signed_in_is_known_without_a_model(anaplan):
    user = make_client(anaplan.origin, workspace_id="", model_id="").me()
    assert (user.email, user.customer_id) == (ANNA[0], "c0000000000000000000000000000001")


@pytest.mark.parametrize(
    ("customer", "code"),
    [("c" * 64, ""), ("c" * 65, "anaplan_bad_answer"), ("c\0", "anaplan_bad_answer")],
)
def test_a_customer_id_that_cannot_be_one_is_refused_before_anybody_keeps_it(
    anaplan, customer, code
):
    user = {"id": "u1", "email": ANNA[0], "customerId": customer}
    anaplan.fault("status", "/users/me", status=200, body=json.dumps({"user": user}))
    client = make_client(anaplan.origin)
    if not code:
        assert client.me().customer_id == customer
        return
    error = error_of(client.me)
    assert error.code == code
    assert "customerId" in error.message
    assert "ccc" not in error.message


def test_the_catalogue_is_read_with_ids_as_they_are(client):
    assert next(w.id for w in client.workspaces()) == WORKSPACE
    models = {model.id: model for model in client.models()}
    assert models[MODEL].workspace_id == WORKSPACE
    assert models[COPY].state == "PRODUCTION"
    files = {file.id: file for file in client.files()}
    assert files[ACTUALS_FILE].name == "actuals.csv"
    imports = {item.id: item for item in client.imports()}
    assert imports[ACTUALS].file_id == ACTUALS_FILE
    assert "112000000005" in imports
    assert [item.name for item in client.exports()] == ["Actuals read-back", "Budget"]
    assert {item.name for item in client.lists()} >= {"Entities", "Accounts"}
    assert [item.name for item in client.modules()] == ["ACT01 Actuals", "PLN01 Plan"]


def test_models_of_all_workspaces_are_listed_without_one(anaplan):
    assert len(make_client(anaplan.origin, workspace_id="", model_id="").models()) == 2


def test_definitions_say_how_files_are_read_and_written(client):
    actuals = client.import_definition(ACTUALS)
    assert actuals.headers == tuple(HEADER.strip().split(","))
    assert (actuals.encoding, actuals.separator, actuals.delimiter) == ("UTF-8", ",", '"')
    assert (actuals.header_row, actuals.first_data_row) == (1, 2)
    lenient = client.import_definition(LENIENT)
    assert (lenient.encoding, lenient.separator, lenient.decimal_separator) == (
        "ISO-8859-1",
        ";",
        ",",
    )
    export = client.export_definition(READ_BACK)
    assert export.headers == (
        "Entity",
        "Account",
        "Cost Center",
        "Period",
        "Debit",
        "Credit",
        "Net",
    )
    assert export.layout == "TABULAR_MULTI_COLUMN"


def test_list_members_have_name_and_code(client):
    items = client.list_items("101000000001")
    assert [(item.name, item.code) for item in items] == [
        ("Lamps North", "E_1"),
        ("Lamps South", "E_2"),
    ]


def test_pages_are_followed_by_offset_to_the_total(anaplan, client):
    whole = client.imports()
    anaplan.settings(page_size=2)
    assert client.imports() == whole
    offsets = [c["query"].split("offset=")[1] for c in anaplan.calls("/imports$")[1:]]
    assert offsets == ["0", "2", "4"]


def test_an_empty_collection_is_an_empty_list(anaplan):
    copy = make_client(anaplan.origin, model_id=COPY)
    assert (copy.imports(), copy.exports(), copy.files()) == ([], [], [])


def test_bulk_calls_name_workspace_and_model(anaplan, client):
    client.files()
    assert anaplan.calls("/files")[0]["path"] == (
        f"/2/0/workspaces/{WORKSPACE}/models/{MODEL}/files"
    )


def test_a_load_arrives_to_the_last_digit(anaplan, client):
    _, task = load(client, GOOD)
    assert task.result.successful is True
    assert task.result.failure_dump_available is False
    cells = anaplan.look("cells?module=ACT01%20Actuals")["rows"]
    assert cells[0]["values"]["Debit"] == "12345678901234567890123456.78"
    assert anaplan.count("import_posts") == 1
    assert anaplan.count("files_created") == 0


def test_rejected_rows_come_in_the_dump(anaplan, client):
    anaplan.settings(dump_chunk_bytes=30)
    task_id, task = load(client, GOOD + BAD)
    assert task.result.failure_dump_available is True
    pieces = list(client.iter_dump(ACTUALS, task_id))
    dump = b"".join(pieces).decode()
    assert len(pieces) > 1
    assert '"E_9"' in dump
    assert "_Line_" in dump.splitlines()[0]


def test_a_dump_without_chunk_listing_is_read_whole(anaplan, client):
    task_id, _ = load(client, GOOD + BAD)
    anaplan.fault("status", "/dump/chunks$", status=404)
    assert b"E_9" in b"".join(client.iter_dump(ACTUALS, task_id))


def test_a_dump_that_is_gone_is_named(anaplan, client):
    task_id, _ = load(client, GOOD)
    assert error_of(lambda: list(client.iter_dump(ACTUALS, task_id))).code == "anaplan_dump_gone"
    task_id, _ = load(client, BAD)
    anaplan.fault("dump_gone", "/dump", times=-1)
    error = error_of(lambda: list(client.iter_dump(ACTUALS, task_id)))
    assert error.code == "anaplan_dump_gone"
    assert error.kind == "rejected"


def test_an_export_is_read_back_in_order_over_chunks(anaplan, client):
    load(client, GOOD)
    anaplan.settings(export_chunk_bytes=17)
    task_id = client.start_export(READ_BACK)
    assert finish(client, "exports", READ_BACK, task_id).result.successful
    pieces = list(client.iter_file(READ_BACK))
    assert len(pieces) > 3
    lines = b"".join(pieces).decode().splitlines()
    assert lines[1].endswith("12345678901234567890123456.78,0.50,-3")


def test_a_download_that_breaks_goes_on_where_it_broke(anaplan, client):
    load(client, GOOD)
    finish(client, "exports", READ_BACK, client.start_export(READ_BACK))
    whole = b"".join(client.iter_file(READ_BACK))
    anaplan.fault("truncate", "/chunks/0$", length="whole", bytes=20)
    anaplan.fault("truncate", "/chunks/0$", length="whole", bytes=35)
    anaplan.fault("status", "/chunks/0$", status=503)
    assert b"".join(client.iter_file(READ_BACK)) == whole


def test_a_file_nobody_exported_is_empty_and_not_another_ones(anaplan, client):
    load(client, GOOD)
    finish(client, "exports", READ_BACK, client.start_export(READ_BACK))
    other = make_client(anaplan.origin, BO)
    code = error_of(lambda: list(other.iter_file(READ_BACK))).code
    assert code in {"anaplan_file_empty", "anaplan_not_found"}


def test_a_prompted_import_takes_its_parameters(anaplan, client):
    client.start_import(PLAN, [("Version", "Budget")])
    body = anaplan.calls("/tasks$", "POST")[0]["body"]
    assert list(body) == ["localeName", "mappingParameters"]
    assert body["mappingParameters"] == [{"entityType": "Version", "entityName": "Budget"}]


def test_an_upload_to_an_unknown_file_is_noticed(anaplan, client):
    error = error_of(lambda: client.set_chunk_count("113999999999", 1))
    assert error.code == "anaplan_file_mismatch"
    assert "113999999999" in error.message


def test_a_chunk_that_fails_is_never_silent(anaplan, client):
    anaplan.fault("status", "/chunks/", status=500, times=-1)
    client.set_chunk_count(ACTUALS_FILE, 1)
    error = error_of(lambda: client.put_chunk(ACTUALS_FILE, 0, gzip.compress(b"x")))
    assert error.code == "anaplan_error"
    assert len(anaplan.calls("/chunks/0", "PUT")) == 4


@pytest.mark.parametrize("kind", ["reset", "drop"])
def test_a_passing_break_of_an_upload_is_passed_over(anaplan, client, kind):
    anaplan.fault(kind, "/files/")
    anaplan.fault(kind, "/chunks/", after=1)
    anaplan.fault(kind, "/complete")
    _, task = load(client, GOOD)
    assert task.result.successful


def test_the_history_tells_new_tasks_from_old(client):
    first, _ = load(client, GOOD)
    second, _ = load(client, GOOD)
    tasks = client.list_tasks("imports", ACTUALS)
    assert [task.id for task in tasks] == [second, first]
    assert isinstance(tasks[0], TaskRef)
    assert tasks[0].created_ms > 1_600_000_000_000
    assert client.list_tasks("imports", "112999999999") == []


def test_a_task_can_be_cancelled(anaplan, client):
    anaplan.settings(task_seconds=30)
    upload(client, HEADER + GOOD)
    task_id = client.start_import(ACTUALS)
    client.cancel_task("imports", ACTUALS, task_id)
    assert finish(client, "imports", ACTUALS, task_id).state == "CANCELLED"


def test_a_busy_model_says_what_it_does(anaplan, client):
    assert client.model_status().is_busy is False
    anaplan.settings(task_seconds=5)
    upload(client, HEADER + GOOD)
    client.start_import(ACTUALS)
    time.sleep(0.1)
    status = client.model_status()
    assert status.is_busy is True
    assert status.task_id


def test_a_model_that_does_not_answer_is_busy(anaplan, client, monkeypatch):
    monkeypatch.setattr(calls, "CALL_SECONDS", 0.3)
    anaplan.fault("slow", "/complete", seconds=1.0, times=-1)
    error = error_of(lambda: client.complete_upload(ACTUALS_FILE))
    assert error.code == "anaplan_model_busy"
    assert error.retry_after >= 15


def test_a_model_that_cannot_be_loaded_is_told_apart(anaplan, client):
    for status, code in ((422, "archived"), (423, "locked"), (424, "offline")):
        anaplan.fault("status", "/files", status=status)
        assert error_of(client.files).code == f"anaplan_model_{code}"


def test_ids_in_the_wrong_case_are_named_before_any_call(anaplan):
    model = make_client(anaplan.origin, model_id=MODEL.lower())
    workspace = make_client(anaplan.origin, workspace_id=WORKSPACE.upper())
    error = error_of(model.files)
    assert (error.code, error.facts["wanted"]) == ("anaplan_id_wrong_case", MODEL)
    assert MODEL in error.fix
    assert error_of(workspace.files).code == "anaplan_id_wrong_case"
    assert error_of(workspace.models).code == "anaplan_id_wrong_case"
    assert anaplan.count("requests") == 0


@pytest.mark.parametrize("given", ["", "../users/me", "a b", "x" * 70, "D%2e", "é"])
def test_ids_that_cannot_be_ids_never_reach_a_path(anaplan, given):
    assert (
        error_of(make_client(anaplan.origin, model_id=given).files).code == "anaplan_id_malformed"
    )
    client = make_client(anaplan.origin)
    assert error_of(lambda: client.import_definition(given)).code == "anaplan_id_malformed"
    assert anaplan.count("requests") == 0


def test_not_found_names_all_three_causes(anaplan):
    client = make_client(anaplan.origin, model_id="E" * 32)
    error = error_of(client.files)
    assert error.code == "anaplan_not_found"
    for cause in ("case", "deleted", "no access"):
        assert cause in error.message


def test_a_missing_import_is_named_though_anaplan_says_500(client):
    error = error_of(lambda: client.import_definition("112999999999"))
    assert error.code == "anaplan_import_missing"


def test_trouble_with_a_definition_that_exists_stays_trouble(anaplan, client):
    anaplan.fault("status", f"/imports/{ACTUALS}$", status=500, times=-1)
    assert error_of(lambda: client.import_definition(ACTUALS)).code == "anaplan_error"


def test_every_call_is_counted_whoever_makes_it(anaplan):
    budget = LocalBudget(1000)
    client = polite_client(anaplan.origin, budget)
    load(client, BAD)
    task_id, _ = load(client, GOOD + BAD)
    b"".join(client.iter_dump(ACTUALS, task_id))
    anaplan.fault("status", "/users/me", status=503, times=2)
    client.me()
    anaplan.fault("status", "/users/me", status=401)
    client.me()
    assert len(anaplan.calls("/token/authenticate")) == 2
    assert len(budget.hand_over()) == len(anaplan.calls("^/(2/0|token)/"))


def test_an_import_that_the_budget_holds_back_was_surely_not_started(anaplan):
    budget = LocalBudget(1000)
    client = polite_client(anaplan.origin, budget)
    client.me()
    budget.pause(30)
    assert error_of(lambda: client.start_import(ACTUALS)).code == "anaplan_rate_limited"
    assert anaplan.calls("/tasks$", "POST") == []


def test_polls_survive_a_stretch_of_trouble(anaplan, client):
    task_id, _ = load(client, GOOD)
    anaplan.fault("status", "/tasks/", status=500, times=3)
    assert client.get_task("imports", ACTUALS, task_id).is_final


def test_a_missing_verdict_is_not_success(anaplan, client):
    anaplan.fault("task_without_successful", "/tasks", times=-1)
    _, task = load(client, GOOD)
    assert task.state == "COMPLETE"
    assert task.result.successful is None


def test_an_unknown_task_is_not_found(client):
    error = error_of(lambda: client.get_task("imports", ACTUALS, "F" * 32))
    assert error.code == "anaplan_not_found"
