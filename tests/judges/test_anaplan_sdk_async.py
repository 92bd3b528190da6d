"""anaplan-sdk, asynchronous: the whole round on the stand-in."""

import asyncio

import pytest
from anaplan_sdk.exceptions import AnaplanActionError

from tests.judges.clients import cells, counters, settle
from tests.simulators.anaplan.fpa import FINANCE, HEADER, PROD

ACTUALS_FILE, ACCOUNTS_FILE = 113000000001, 113000000002
LOAD_ACTUALS, LOAD_ACCOUNTS = 112000000001, 112000000002
PLAN_EXPORT, CLEAR, MONTH_END = 116000000001, 117000000001, 118000000001
ACCOUNTS, ACTUALS = 101000000002, 102000000001
GOOD = HEADER + "1000,4000,Jan 26,Actual,10.50\n2000,6000,Feb 26,Actual,-3\n"


def test_it_finds_its_way_with_one_sign_in(origin, aio, signed_in_by):
    client = aio.client
    assert [found.id for found in aio(client.get_workspaces())] == [FINANCE]
    assert aio(client.get_model()).id == PROD

    async def everything():
        return await asyncio.gather(
            client.get_files(),
            client.get_imports(),
            client.get_exports(),
            client.get_actions(),
            client.get_processes(),
            client.tr.get_lists(),
            client.tr.get_modules(),
            client.tr.get_views(),
            client.tr.get_line_items(),
        )

    assert [len(found) for found in aio(everything())][:7] == [4, 2, 2, 1, 1, 2, 2]
    kind = "tokens_issued" if signed_in_by == "password" else "oauth_tokens_issued"
    assert counters(origin)[kind] == 1


def test_it_uploads_imports_and_reads_back(origin, aio):
    client = aio.client
    task = aio(client.upload_and_import(ACTUALS_FILE, GOOD, LOAD_ACTUALS))
    assert task.result.successful is True
    assert counters(origin)["chunk_puts"] == -(-len(GOOD) // 40)
    assert len(cells(origin)) == 2
    assert aio(client.get_file(ACTUALS_FILE)).decode() == GOOD
    text = aio(client.export_and_download(PLAN_EXPORT)).decode()
    assert text.splitlines()[1] == "1000,4000,Jan 26,Budget,1000.50"
    settle(origin, export_chunk_bytes=32)
    assert aio(client.export_and_download(PLAN_EXPORT)).decode() == text


def test_it_streams_an_upload_of_unknown_length(origin, aio):
    parts = iter([GOOD[:50], GOOD[50:]])
    aio(aio.client.upload_file_stream(ACTUALS_FILE, parts))
    aio(aio.client.run_action(LOAD_ACTUALS))
    assert len(cells(origin)) == 2


def test_it_sees_failed_and_partial_work(origin, aio):
    client = aio.client
    aio(client.upload_file(ACTUALS_FILE, GOOD.replace("Amount", "Betrag")))
    with pytest.raises(AnaplanActionError):
        aio(client.run_action(LOAD_ACTUALS))
    bad = GOOD + "7777,4000,Jan 26,Actual,1\n"
    task = aio(client.upload_and_import(ACTUALS_FILE, bad, LOAD_ACTUALS))
    assert (task.result.successful, task.result.failure_dump_available) == (True, True)
    assert task.result.details[1].local_message_text == "Invalid Cost Center: 7777"
    assert [found.task_state for found in aio(client.get_task_summaries(LOAD_ACTUALS))] == [
        "COMPLETE",
        "COMPLETE",
    ]
    aio(client.upload_file(ACCOUNTS_FILE, "Code,Name\n7000,Fuel\n"))
    task = aio(client.run_action(MONTH_END))
    flags = [found.failure_dump_available for found in task.result.nested_results]
    assert flags == [False, False, True]
    aio(client.run_action(CLEAR))
    assert list(cells(origin)) == [("2000", "6000", "Feb 26", "Actual")]


def test_it_changes_lists_and_cells(origin, aio):
    tr = aio.client.tr
    assert aio(tr.insert_list_items(ACCOUNTS, [{"name": "Fuel", "code": "7000"}])).added == 1
    assert aio(tr.update_list_items(ACCOUNTS, [{"code": "7000", "name": "Oil"}])).updated == 1
    assert [found.name for found in aio(tr.get_list_items(ACCOUNTS))][-1] == "Oil"
    assert aio(tr.delete_list_items(ACCOUNTS, [{"code": "7000"}])).deleted == 1
    at = [
        {"dimensionName": "Cost Centers", "itemCode": "1000"},
        {"dimensionName": "Accounts", "itemName": "Rent"},
        {"dimensionName": "Time", "itemName": "Mar 26"},
        {"dimensionName": "Versions", "itemName": "Actual"},
    ]
    cell = {"lineItemName": "Amount", "dimensions": at, "value": "12.25"}
    assert aio(tr.update_module_data(ACTUALS, [cell])) == 1
    assert cells(origin) == {("1000", "6000", "Mar 26", "Actual"): "12.25"}
    assert "rows" in aio(tr.get_view_data(ACTUALS))
