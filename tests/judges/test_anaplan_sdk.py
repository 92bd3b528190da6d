"""anaplan-sdk, synchronous: the whole round on the stand-in."""

import anaplan_sdk
import pytest
from anaplan_sdk.exceptions import AnaplanActionError, InvalidIdentifierException

from tests.judges.clients import Loopback, cells, counters, sdk_arguments, settle
from tests.simulators.anaplan.fpa import DEV, FINANCE, HEADER, PROD

ACTUALS_FILE, ACCOUNTS_FILE = 113000000001, 113000000002
LOAD_ACTUALS, LOAD_ACCOUNTS = 112000000001, 112000000002
PLAN_EXPORT, WIDE_EXPORT = 116000000001, 116000000002
CLEAR, MONTH_END = 117000000001, 118000000001
COST_CENTERS, ACCOUNTS = 101000000001, 101000000002
ACTUALS, PLAN = 102000000001, 102000000002
GOOD = HEADER + "1000,4000,Jan 26,Actual,10.50\n2000,6000,Feb 26,Actual,-3\n"


def test_it_signs_in_once_and_finds_its_way(origin, sdk, signed_in_by):
    assert sdk.get_workspace().name == "Finance"
    assert [found.id for found in sdk.get_workspaces()] == [FINANCE]
    assert [found.id for found in sdk.get_models()] == [PROD, DEV]
    assert len(sdk.get_models(only_in_workspace=True)) == 2
    model = sdk.get_model()
    assert (model.name, model.model_transaction_running) == ("FP&A PROD", False)
    kind = "tokens_issued" if signed_in_by == "password" else "oauth_tokens_issued"
    assert counters(origin)[kind] == 1


def test_a_wrong_password_is_told_apart(origin):
    arguments = sdk_arguments(password="wrong", retry_count=1)
    client = anaplan_sdk.Client(transport=Loopback(origin), **arguments)
    with pytest.raises(anaplan_sdk.exceptions.InvalidCredentialsException):
        client.get_models()
    client._http._client.close()


def test_it_discovers_the_actions_of_a_model(sdk):
    assert [(found.id, found.chunk_count) for found in sdk.get_files()] == [
        (ACTUALS_FILE, 0),
        (ACCOUNTS_FILE, 0),
        (PLAN_EXPORT, 0),
        (WIDE_EXPORT, 0),
    ]
    assert [(found.type, found.file_id) for found in sdk.get_imports()] == [
        ("MODULE_DATA", ACTUALS_FILE),
        ("HIERARCHY_DATA", ACCOUNTS_FILE),
    ]
    assert [found.name for found in sdk.get_exports(sort_by="name", descending=True)] == [
        "Wide",
        "Plan",
    ]
    assert [found.type for found in sdk.get_actions()] == ["DELETE_BY_SELECTION"]
    assert [found.name for found in sdk.get_processes()] == ["Month end"]


def test_it_discovers_the_structure_of_a_model(sdk):
    assert [found.name for found in sdk.tr.get_lists()] == ["Cost Centers", "Accounts"]
    assert sdk.tr.get_list_metadata(COST_CENTERS).item_count == 5
    assert [found.id for found in sdk.tr.get_modules()] == [ACTUALS, PLAN]
    assert {found.moduleId for found in sdk.tr.get_views()} == {ACTUALS, PLAN}
    info = sdk.tr.get_view_info(PLAN)
    shown = [found.name for found in (*info.rows, *info.columns, *info.pages)]
    assert {"Cost Centers", "Accounts", "Time", "Versions"} <= set(shown)
    items = sdk.tr.get_line_items()
    assert [(found.name, found.format) for found in items] == [
        ("Amount", "NUMBER"),
        ("Note", "TEXT"),
        ("Share", "NUMBER"),
        ("Amount", "NUMBER"),
    ]
    assert sdk.tr.get_line_items(PLAN)[0].format_metadata.decimal_places == 2
    assert [found.name for found in sdk.tr.get_line_item_dimensions(items[0].id)] == [
        "Cost Centers",
        "Accounts",
        "Time",
        "Versions",
    ]
    months = sdk.tr.get_view_dimension_items(PLAN, 20000000003)
    assert months[0].name == "Jan 26"


def test_it_opens_and_closes_a_model_and_sets_its_calendar(sdk):
    assert sdk.tr.get_model_status().current_step == "Open"
    sdk.tr.close_model()
    assert sdk.tr.get_model_status().current_step == "Closed"
    sdk.tr.wake_model()
    assert sdk.tr.get_current_period().period_text == ""
    assert sdk.tr.set_current_period("2026-03-05").last_day == "2026-03-31"
    assert sdk.tr.set_current_fiscal_year("FY26").end_date == "2026-12-31"
    assert sdk.tr.get_model_calendar().current_period.period_text == "Mar 26"
    assert sdk.tr.get_model_details().active_state == "UNLOCKED"


def test_it_reads_the_audit_log(sdk, signed_in_by):
    sdk.get_models()
    if signed_in_by == "password":
        assert [event["message"] for event in sdk.audit.get_events()] == ["User login success"]
    assert len(sdk.audit.get_users()) == 2


def test_a_page_size_of_the_service_is_followed(origin, sdk):
    settle(origin, page_size=2)
    assert len(sdk.get_files()) == 4


def test_it_uploads_in_chunks_and_imports(origin, sdk):
    task = sdk.upload_and_import(ACTUALS_FILE, GOOD, LOAD_ACTUALS)
    assert task.result.successful is True
    assert counters(origin)["chunk_puts"] == -(-len(GOOD) // 40) > 2
    assert cells(origin) == {
        ("1000", "4000", "Jan 26", "Actual"): "10.50",
        ("2000", "6000", "Feb 26", "Actual"): "-3",
    }
    assert [found.task_state for found in sdk.get_task_summaries(LOAD_ACTUALS)] == ["COMPLETE"]
    assert sdk.get_file(ACTUALS_FILE).decode() == GOOD


def test_it_streams_an_upload_of_unknown_length(origin, sdk):
    parts = [GOOD[start : start + 30] for start in range(0, len(GOOD), 30)]
    sdk.upload_file_stream(ACTUALS_FILE, iter(parts))
    assert b"".join(sdk.get_file_stream(ACTUALS_FILE)).decode() == GOOD
    sdk.run_action(LOAD_ACTUALS)
    assert len(cells(origin)) == 2
    assert counters(origin).get("files_created", 0) == 0


def test_it_sees_a_failed_and_a_partial_import(origin, sdk):
    sdk.upload_file(ACTUALS_FILE, GOOD.replace("Amount", "Betrag"))
    with pytest.raises(AnaplanActionError):
        sdk.run_action(LOAD_ACTUALS)
    assert cells(origin) == {}
    task = sdk.upload_and_import(ACTUALS_FILE, GOOD + "7777,4000,Jan 26,Actual,1\n", LOAD_ACTUALS)
    assert (task.result.successful, task.result.failure_dump_available) == (True, True)
    values = task.result.details[0].values
    counts = dict(zip(values[::2], values[1::2], strict=True))
    assert (counts["successRowCount"], counts["failedCount"]) == ("2", "1")
    assert task.result.details[1].local_message_text == "Invalid Cost Center: 7777"


def test_it_runs_a_process_and_a_delete(origin, sdk):
    sdk.upload_file(ACTUALS_FILE, GOOD)
    sdk.upload_file(ACCOUNTS_FILE, "Code,Name\n7000,Fuel\n")
    task = sdk.run_action(MONTH_END)
    assert [found.successful for found in task.result.nested_results] == [True, True, True]
    assert len(cells(origin)) == 2
    assert sdk.run_action(CLEAR).result.details == []
    assert list(cells(origin)) == [("2000", "6000", "Feb 26", "Actual")]


def test_it_fetches_exports_whole_and_in_chunks(origin, sdk):
    whole = sdk.export_and_download(PLAN_EXPORT).decode()
    assert whole.splitlines()[:2] == [
        "Cost Center,Account,Period,Version,Amount",
        "1000,4000,Jan 26,Budget,1000.50",
    ]
    settle(origin, export_chunk_bytes=32)
    assert sdk.export_and_download(PLAN_EXPORT).decode() == whole
    assert sdk.export_and_download(WIDE_EXPORT).decode("utf-16-le").startswith("Cost Center\t")


def test_it_adds_updates_and_deletes_list_items(sdk):
    added = sdk.tr.insert_list_items(
        ACCOUNTS, [{"name": "Fuel", "code": "7000"}, {"name": "Again", "code": "4000"}]
    )
    assert (added.added, added.ignored, added.total) == (1, 1, 2)
    assert added.failures[0].index == 1
    updated = sdk.tr.update_list_items(ACCOUNTS, [{"code": "7000", "name": "Diesel"}])
    assert (updated.updated, updated.ignored, updated.total) == (1, 0, 1)
    names = [found.name for found in sdk.tr.get_list_items(ACCOUNTS)]
    assert names == ["Revenue", "Rent", "Diesel"]
    assert sdk.tr.lookup_dimension_items(ACCOUNTS, codes=["7000"])[0].name == "Diesel"
    assert len(sdk.tr.get_dimension_items(ACCOUNTS)) == 3
    gone = sdk.tr.delete_list_items(ACCOUNTS, [{"code": "7000"}, {"code": "0000"}])
    assert (gone.deleted, len(gone.failures)) == (1, 1)


def test_it_writes_and_reads_cells(origin, sdk):
    at = [
        {"dimensionName": "Cost Centers", "itemCode": "1000"},
        {"dimensionName": "Accounts", "itemName": "Rent"},
        {"dimensionName": "Time", "itemName": "Mar 26"},
        {"dimensionName": "Versions", "itemName": "Actual"},
    ]
    good = {"lineItemName": "Amount", "dimensions": at, "value": 12.25}
    calculated = {"lineItemName": "Share", "dimensions": at, "value": 1}
    assert sdk.tr.update_module_data(ACTUALS, [good]) == 1
    answer = sdk.tr.update_module_data(ACTUALS, [good, calculated])
    assert answer["numberOfCellsChanged"] == 1
    assert answer["failures"][0]["requestIndex"] == 1
    assert cells(origin) == {("1000", "6000", "Mar 26", "Actual"): "12.25"}
    found = sdk.tr.get_view_data(ACTUALS)
    assert "12.25" in [cell for row in found["rows"] for cell in row["cells"]]
    assert b"12.25" in sdk.tr.get_view_data(ACTUALS, data_format="text/csv")


def test_a_wrong_id_is_told_apart_and_creates_nothing(origin, sdk):
    with pytest.raises(InvalidIdentifierException):
        sdk.run_action(112000000099)
    with pytest.raises(InvalidIdentifierException):
        sdk.with_model(PROD.lower()).get_files()
    with pytest.raises(InvalidIdentifierException):
        sdk.upload_file(PLAN_EXPORT, GOOD)
    assert counters(origin).get("files_created", 0) == 0
