"""Failure dumps: what is in them and how long they live."""

from tests.simulators.anaplan.client import ACTUALS, Client

BAD = 'E_9,A_4000,"say ""hi""",Mar 26,é,1,2,3\nE_1,A_4000,Plant,Jan 26,,1,2,3\nE_8,A_4000,Plant,Jan 26,,1,2,3\n'  # fmt: skip  # noqa: E501
GOOD = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"


def dump(client: Client, task: dict, path: str = "/dump"):
    return client.model("GET", f"/imports/{ACTUALS}/tasks/{task['taskId']}{path}")


def test_a_dump_holds_the_refused_rows_with_line_and_reasons(anna):
    answer = dump(anna, anna.load(BAD))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == (
        '"_Status_","Entity","Account","Cost Center","Period","Comment","Debit","Credit","Net",'
        '"_Line_","_Error_1_","_Error_2_","_Error_3_"\n'
        '"E","E_9","A_4000","say ""hi""","Mar 26","é","1","2","3","2","Invalid Entity: E_9",'
        '"Invalid Cost Center: say ""hi""","Invalid Period: Mar 26"\n'
        '"E","E_8","A_4000","Plant","Jan 26","","1","2","3","4","Invalid Entity: E_8"\n'
    )


def test_a_dump_comes_in_chunks_too(anna):
    anna.tell("settings", {"dump_chunk_bytes": 100})
    task = anna.load(BAD)
    chunks = dump(anna, task, "/dump/chunks").json()["chunks"]
    whole = dump(anna, task).content
    assert len(chunks) == -(-len(whole) // 100)
    parts = [dump(anna, task, f"/dump/chunks/{found['id']}").content for found in chunks]
    assert b"".join(parts) == whole
    assert {len(part) for part in parts[:-1]} == {100}
    assert dump(anna, task, f"/dump/chunks/{len(chunks)}").status_code == 404


def test_a_page_of_chunks_can_be_larger_than_usual(anna):
    anna.tell("settings", {"dump_chunk_bytes": 1, "page_size": 5001})
    body = dump(anna, anna.load(BAD * 40), "/dump/chunks").json()
    assert (len(body["chunks"]), body["meta"]["paging"]["currentPageSize"]) == (5001, 5001)


def test_a_clean_run_has_no_dump(anna):
    task = anna.load(GOOD)
    assert dump(anna, task).status_code == 404
    assert dump(anna, task, "/dump/chunks").status_code == 404


def test_only_the_latest_task_has_its_dump(anna):
    first = anna.load(BAD)
    second = anna.load(BAD)
    assert dump(anna, first).status_code == 404
    assert dump(anna, second).status_code == 200
    anna.load(GOOD)
    assert dump(anna, second).status_code == 404
    task = anna.task("imports", ACTUALS, second["taskId"])
    assert task["result"]["failureDumpAvailable"] is True


def test_a_dump_belongs_to_the_user_who_ran_the_import(anna, bo):
    task = anna.load(BAD)
    assert dump(bo, task).status_code == 404
    assert dump(anna, task).status_code == 200


def test_a_dump_is_gone_after_48_hours(anna):
    task = anna.load(BAD)
    anna.tell("settings", {"token_minutes": 9999})
    later = Client(anna.origin, ("anna@lamps.example", "pass:wörd"))
    anna.tell("clock", {"hours": 49})
    assert dump(later, task).status_code == 404


def test_a_dump_can_be_missing_although_the_task_says_there_is_one(anna):
    anna.tell("faults", {"path": "/tasks$", "kind": "dump_gone", "method": "POST"})
    task = anna.load(BAD)
    assert task["result"]["failureDumpAvailable"] is True
    assert dump(anna, task).status_code == 404
    task = anna.load(BAD)
    anna.tell("faults", {"path": "/dump", "kind": "dump_gone", "times": 2})
    assert [dump(anna, task).status_code for _ in range(3)] == [404, 404, 200]
