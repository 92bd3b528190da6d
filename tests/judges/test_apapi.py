"""apapi: the whole round on the stand-in, by its short addresses and plain chunks."""

import time

import apapi
import pytest
from apapi.utils import ExportType, MIMEType, ModelOnlineStatus

from tests.judges.clients import cells, counters
from tests.simulators.anaplan.fpa import ADA, DEV, FINANCE, HEADER, PROD

ACTUALS_FILE, ACCOUNTS_FILE = "113000000001", "113000000002"
LOAD_ACTUALS, CLEAR, MONTH_END = "112000000001", "117000000001", "118000000001"
PLAN_EXPORT = "116000000001"
ACCOUNTS, ACTUALS, PLAN = "101000000002", "102000000001", "102000000002"
GOOD = HEADER + "1000,4000,Jan 26,Actual,10.50\n2000,6000,Feb 26,Actual,-3\n"


def pieces(text, size=40):
    raw = text.encode()
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def run(api, kind, object_id):
    start = getattr(api, f"run_{kind}")
    task_id = start(PROD, object_id).json()["task"]["taskId"]
    for _ in range(300):
        task = getattr(api, f"get_{kind}_task")(PROD, object_id, task_id).json()["task"]
        if task["taskState"] == "COMPLETE":
            return task
        time.sleep(0.01)
    raise AssertionError(task)


def test_it_signs_in_and_out(origin, api):
    auth = api.authentication
    assert auth.validate_token() is True
    assert api.get_me().json()["user"]["email"] == "ada@lamps.example"
    auth.refresh_token()
    assert auth.validate_token() is True
    auth._timer.cancel()
    auth.session.post(f"{origin}/token/logout")
    assert auth.validate_token() is False


def test_it_discovers_what_there_is(api):
    assert [w["id"] for w in api.get_workspaces().json()["workspaces"]] == [FINANCE]
    assert "currentSize" in api.get_workspace(FINANCE).json()["workspace"]
    assert [m["id"] for m in api.get_models().json()["models"]] == [PROD, DEV]
    assert len(api.get_workspace_models(FINANCE).json()["models"]) == 2
    assert api.get_model(PROD).json()["model"]["modelTransactionRunning"] is False
    assert api.get_model_status(PROD).json()["requestStatus"]["progress"] == -1.0
    for name, key, count in (
        ("files", "files", 4),
        ("imports", "imports", 2),
        ("exports", "exports", 2),
        ("actions", "actions", 1),
        ("processes", "processes", 1),
        ("lists", "lists", 2),
        ("modules", "modules", 2),
        ("lineitems", "items", 4),
        ("versions", "versionMetadata", 3),
    ):
        assert len(getattr(api, f"get_{name}")(PROD).json()[key]) == count, name
    assert api.get_list(PROD, ACCOUNTS).json()["metadata"]["itemCount"] == 2
    assert api.get_import(PROD, LOAD_ACTUALS).json()["importMetadata"]["type"] == "FILE"
    assert api.get_export(PROD, PLAN_EXPORT).json()["exportMetadata"]["columnCount"] == 5
    steps = api.get_process(PROD, MONTH_END).json()["processMetadata"]["actions"]
    assert [step["actionType"] for step in steps] == ["DELETE_BY_SELECTION", "IMPORT", "IMPORT"]


def test_it_uploads_in_chunks_imports_and_fetches_the_dump(origin, api):
    answer = api.upload_file(PROD, ACTUALS_FILE, pieces(GOOD + "7777,4000,Jan 26,Actual,1\n"))
    assert answer.json()["file"]["chunkCount"] == counters(origin)["chunk_puts"] > 2
    task = run(api, "import", LOAD_ACTUALS)
    assert task["result"]["failureDumpAvailable"] is True
    whole = api.get_import_dump(PROD, LOAD_ACTUALS, task["taskId"]).content
    assert b'"E","7777","4000","Jan 26","Actual","1","4","Invalid Cost Center: 7777"' in whole
    assert api.download_import_dump(PROD, LOAD_ACTUALS, task["taskId"]) == whole
    assert len(cells(origin)) == 2
    assert len(api.get_import_tasks(PROD, LOAD_ACTUALS).json()["tasks"]) == 1


def test_it_sees_a_failed_import(origin, api):
    api.put_file(PROD, ACTUALS_FILE, GOOD.replace("Amount", "Betrag").encode())
    task = run(api, "import", LOAD_ACTUALS)
    assert (task["currentStep"], task["result"]["successful"]) == ("Failed.", False)
    assert task["result"]["details"][0]["type"] == "missingFields"
    assert cells(origin) == {}


def test_it_runs_a_process_and_a_delete(origin, api):
    api.put_file(PROD, ACTUALS_FILE, (GOOD + "7777,4000,Jan 26,Actual,1\n").encode())
    api.put_file(PROD, ACCOUNTS_FILE, b"Code,Name\n7000,Fuel\n")
    task = run(api, "process", MONTH_END)
    nested = task["result"]["nestedResults"]
    assert [found["failureDumpAvailable"] for found in nested] == [False, False, True]
    ids = (PROD, MONTH_END, task["taskId"], LOAD_ACTUALS)
    assert b"Invalid Cost Center: 7777" in api.get_process_dump(*ids).content
    assert api.download_process_dump(*ids) == api.get_process_dump(*ids).content
    assert run(api, "action", CLEAR)["result"]["successful"] is True
    assert list(cells(origin)) == [("2000", "6000", "Feb 26", "Actual")]


def test_it_fetches_an_export_and_deletes_it(api):
    assert run(api, "export", PLAN_EXPORT)["result"]["successful"] is True
    whole = api.get_file(PROD, PLAN_EXPORT).content
    assert b"".join(api.download_file(PROD, PLAN_EXPORT)) == whole
    assert whole.startswith(b"Cost Center,Account,Period,Version,Amount\n")
    assert api.delete_file(PROD, PLAN_EXPORT).status_code == 204
    with pytest.raises(Exception, match="Request failed"):
        api.get_file(PROD, PLAN_EXPORT)


def test_it_changes_lists(api):
    items = [{"name": "Fuel", "code": "7000"}, {"name": "Rent", "code": "6000"}]
    answer = api.add_list_items(PROD, ACCOUNTS, items).json()
    assert (answer["added"], answer["ignored"], len(answer["failures"])) == (1, 1, 1)
    answer = api.update_list_items(PROD, ACCOUNTS, [{"code": "7000", "name": "Oil"}]).json()
    assert answer["updated"] == 1
    rows = api.get_list_items(PROD, ACCOUNTS).json()["listItems"]
    assert [row["name"] for row in rows] == ["Revenue", "Rent", "Oil"]
    found = api.check_dimension_items_id(PROD, ACCOUNTS, {"names": ["oil"], "codes": []}).json()
    assert [row["code"] for row in found["items"]] == ["7000"]
    assert api.delete_list_items(PROD, ACCOUNTS, [{"code": "7000"}]).json()["deleted"] == 1
    assert len(api.get_dimension_items(PROD, ACCOUNTS).json()["items"]) == 2


def test_it_writes_and_reads_cells(origin, api):
    at = [
        {"dimensionName": "Cost Centers", "itemCode": "1000"},
        {"dimensionName": "Accounts", "itemName": "Rent"},
        {"dimensionName": "Time", "itemName": "Mar 26"},
        {"dimensionName": "Versions", "itemName": "Actual"},
    ]
    good = {"lineItemName": "Amount", "dimensions": at, "value": 12.25}
    bad = {"lineItemName": "Share", "dimensions": at, "value": 1}
    answer = api.post_cell_data(PROD, ACTUALS, [good, bad]).json()
    assert (answer["numberOfCellsChanged"], len(answer["failures"])) == (1, 1)
    assert cells(origin) == {("1000", "6000", "Mar 26", "Actual"): "12.25"}
    assert "rows" in api.get_cell_data(PROD, ACTUALS).json()
    assert "12.25" in api.get_cell_data(PROD, ACTUALS, accept=MIMEType.TEXT_CSV).text


def test_it_reads_views_and_lists_at_large(api):
    for kind, object_id, more, rows in (
        ("cell", PLAN, [ExportType.TABULAR_MULTI], 4),
        ("list", ACCOUNTS, [], 3),
    ):
        start = getattr(api, f"start_large_{kind}_read")(PROD, object_id, *more).json()
        key = "viewReadRequest" if kind == "cell" else "listReadRequest"
        request_id = start[key]["requestId"]
        for _ in range(300):
            read = getattr(api, f"get_large_{kind}_read_status")(PROD, object_id, request_id)
            if read.json()[key]["requestState"] == "COMPLETE":
                break
            time.sleep(0.01)
        page = getattr(api, f"get_large_{kind}_read_data")(PROD, object_id, request_id, "0")
        assert len(page.text.splitlines()) == rows
        gone = getattr(api, f"delete_large_{kind}_read")(PROD, object_id, request_id)
        assert gone.json()[key]["requestState"] == "COMPLETE"


def test_it_uses_older_and_rarer_calls(api):
    me = api.get_me().json()["user"]["id"]
    assert len(api.get_user_models(me).json()["models"]) == 2
    assert len(api.get_user_workspaces(me).json()["workspaces"]) == 1
    assert len(api.get_model_users(PROD).json()["users"]) == 2
    assert len(api.get_module_views(PROD, PLAN).json()["views"]) == 1
    assert len(api.get_views(PROD).json()["views"]) == 2
    period = api.set_current_period(PROD, "2026-02-01").json()["currentPeriod"]
    assert period["periodText"] == "Feb 26"
    assert api.get_fiscal_year(PROD).json()["modelCalendar"]["fiscalYear"]["year"] == "FY26"
    assert api.change_status(PROD, ModelOnlineStatus.OFFLINE).status_code == 204
    assert api.change_status(PROD, ModelOnlineStatus.ONLINE).status_code == 204


def test_it_reads_the_audit_log(origin):
    session = apapi.utils.get_generic_session(retry_count=0)
    with apapi.BasicAuth(":".join(ADA), auth_url=origin, session=session) as auth:
        audit = apapi.AuditConnection(auth, api_url=origin, _audit_url=origin)
        assert [event["success"] for event in audit.get_events().json()["response"]] == [True]
        assert len(audit.search_events(interval=1).json()["response"]) == 1


def test_a_wrong_password_ends_it(origin):
    session = apapi.utils.get_generic_session(retry_count=0)
    with pytest.raises(KeyError):
        apapi.BasicAuth("ada@lamps.example:wrong", auth_url=origin, session=session)
    session.close()
