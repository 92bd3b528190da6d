"""Anaplan's JSON in all its spellings."""

import pytest

from integrations.anaplan import answers
from integrations.anaplan.failures import check_model_id, check_workspace_id
from integrations.anaplan.hosts import REGIONS
from integrations.transport.errors import IntegrationError

DETAIL = {
    "localMessageText": "Employees: 90 (0/90) rows successful, 5 ignored ",
    "occurrences": 0,
    "type": "hierarchyRowsProcessed",
    "values": ["hierarchyName", "Employees", "successRowCount", "90", "ignoredCount", "5"],
}
RESULT = {
    "successful": True,
    "failureDumpAvailable": False,
    "objectId": "112000000009",
    "objectName": "Employees from Employees.txt",
    "details": [DETAIL],
    "someNewField": {"x": 1},
}
TASK = {
    "taskId": "1B1D84DDD53847BAA621810B593C3FC1",
    "taskState": "COMPLETE",
    "progress": "1.0",
    "currentStep": "Complete.",
    "creationTime": 1571258347545,
    "result": RESULT,
}


@pytest.mark.parametrize("data", [TASK, {"task": TASK}, {"meta": {}, "status": {}, "task": TASK}])
def test_a_task_may_stand_bare_or_inside(data):
    task = answers.task(answers.task_body(data))
    assert task.is_final
    assert task.created_ms == 1571258347545
    assert task.progress == 1
    assert task.result.object_id == "112000000009"
    assert task.result.counts == {"successRowCount": 90, "ignoredCount": 5}


def test_counts_are_summed_over_details_and_absent_without_values():
    twice = answers.task({**TASK, "result": {**RESULT, "details": [DETAIL, DETAIL]}})
    assert twice.result.counts["successRowCount"] == 180
    bare = {**DETAIL, "values": []}
    assert answers.task({**TASK, "result": {**RESULT, "details": [bare]}}).result.counts == {}


@pytest.mark.parametrize(
    ("given", "meant"),
    [(True, True), (False, False), ("true", True), ("FALSE", False), (None, None), ("", None)],
)
def test_success_is_only_what_anaplan_said(given, meant):
    assert (
        answers.task({**TASK, "result": {**RESULT, "successful": given}}).result.successful is meant
    )


def test_missing_keys_are_met_with_rest():
    task = answers.task({"taskId": 7, "taskState": "not_started"})
    assert (task.id, task.state, task.is_final, task.result) == ("7", "NOT_STARTED", False, None)
    result = answers.task({"taskState": "COMPLETE", "result": {}}).result
    assert (result.successful, result.failure_dump_available, result.details) == (None, False, ())


@pytest.mark.parametrize("state", ["NOT_STARTED", "IN_PROGRESS", "CANCELLING"])
def test_a_task_that_may_still_change_is_not_final(state):
    assert not answers.task({"taskState": state}).is_final


def test_nested_results_are_read_though_they_lack_names_and_details():
    nested = {"nestedResults": [{"objectId": 117, "successful": True}, RESULT]}
    result = answers.task({**TASK, "result": nested}).result
    assert [inner.object_id for inner in result.nested] == ["117", "112000000009"]
    assert result.nested[0].details == ()


def test_odd_pairs_are_read_as_far_as_they_go():
    detail = {**DETAIL, "values": ["a", "1", "b", "x", "odd"]}
    result = answers.task({**TASK, "result": {"details": detail}}).result
    assert result.details[0].values == {"a": "1", "b": "x"}
    assert result.counts == {"a": 1}


def test_a_status_at_rest_is_not_busy():
    for step in ("Open", "Closed", "OPEN", ""):
        assert not answers.model_status({"currentStep": step, "progress": "-1.0"}).is_busy
    for data in ({"currentStep": "Processing ..."}, {"currentStep": "Open", "taskId": "X"}):
        assert answers.model_status(data).is_busy


def test_list_items_take_numbers_and_leave_out_codes():
    body = b'{"listItems":[{"id":1,"name":"A","parent":"x"},{"id":"2","name":7,"code":"C"}]}'
    items = answers.list_items(body)
    assert [(i.id, i.name, i.code) for i in items] == [("1", "A", ""), ("2", "7", "C")]
    assert answers.list_items(b"{}") == []


def test_ids_have_their_case():
    check_workspace_id("0a" * 16)
    check_model_id("0A" * 16)
    with pytest.raises(IntegrationError, match="anaplan_id_wrong_case"):
        check_model_id("0a" * 16)
    with pytest.raises(IntegrationError, match="anaplan_id_wrong_case"):
        check_workspace_id("0A" * 16)


def test_regions_have_https_hosts_without_a_slash_at_the_end():
    assert REGIONS["us1"].api == "https://api.anaplan.com"
    assert len(REGIONS) == 19
    for hosts in REGIONS.values():
        for address in (hosts.api, hosts.token, hosts.oauth):
            assert address.startswith("https://")
            assert not address.endswith("/")
