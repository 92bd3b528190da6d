"""Imports of files into modules: cells, counts, refusals."""

import pytest

from tests.simulators.anaplan.client import (
    ACTUALS,
    ACTUALS_FILE,
    HEADER,
    LENIENT,
    LENIENT_FILE,
    PLAN,
    PLAN_FILE,
)

NORTH = '"Sales, north"'


def counts(task):
    values = task["result"]["details"][0]["values"]
    pairs = dict(zip(values[::2], values[1::2], strict=True))
    names = ("successRowCount", "warningsRowCount", "failedCount", "ignoredCount", "totalRowCount")
    return tuple(int(pairs[name]) for name in names)


def test_rows_become_cells_with_their_own_text(anna):
    task = anna.load(
        f"E_1,A_4000,{NORTH},Jan 26,,12345678901234567890123456.78,0.00,-0.10\n"
        "e_2,revenue,plant, feb 26 ,note,007,-5,000.5\n"
    )
    assert task["taskState"] == "COMPLETE"
    assert task["currentStep"] == "Complete."
    assert task["progress"] == 1.0
    assert task["result"]["successful"] is True
    assert task["result"]["failureDumpAvailable"] is False
    assert task["result"]["objectId"] == ACTUALS
    assert task["result"]["objectName"] == "Load actuals"
    assert counts(task) == (2, 0, 0, 0, 2)
    assert anna.cells() == {
        ("E_1", "A_4000", "CC_4", "Jan 26"): {
            "Debit": "12345678901234567890123456.78",
            "Credit": "0.00",
            "Net": "-0.10",
            "Share": "0",
        },
        ("E_2", "A_4000", "CC_5", "Feb 26"): {
            "Debit": "007",
            "Credit": "-5",
            "Net": "000.5",
            "Share": "0",
        },
    }


def test_a_second_import_replaces_what_it_names_and_leaves_the_rest(anna):
    anna.load("E_1,A_4000,Plant,Jan 26,,1,2,3\nE_2,A_4000,Plant,Jan 26,,4,5,6\n")
    anna.load("E_1,A_4000,Plant,Jan 26,,7,,9\n")
    assert {key[0]: list(row.values()) for key, row in anna.cells().items()} == {
        "E_1": ["7", "2", "9", "0"],
        "E_2": ["4", "5", "6", "0"],
    }


def test_rows_of_one_file_on_the_same_cell_are_added_up_exactly(anna):
    anna.load("E_1,A_4000,Plant,Jan 26,,5,5,5\n")
    task = anna.load(
        "E_1,A_4000,Plant,Jan 26,,9999999999999999999999999999.99,0.1,1\n"
        "E_1,A_6000,Plant,Jan 26,,1,1,1\n"
        "E_1,Revenue,Plant,Jan 26,,0.01,0.2,-1.00\n"
    )
    assert counts(task) == (3, 0, 0, 0, 3)
    values = anna.cells()["E_1", "A_4000", "CC_5", "Jan 26"]
    assert values["Debit"] == "10000000000000000000000000000.00"
    assert values["Credit"] == "0.3"
    assert values["Net"] == "0.00"


def test_bad_rows_are_refused_with_their_reasons_and_the_others_are_taken(anna):
    task = anna.load(
        "E_1,A_4000,Plant,Jan 26,,1,2,3\n"
        "E_9,A_4000,Plant,Jan 26,,1,2,3\n"
        "E_1,A_4000,Plant,Mar 26,,1,2,3\n"
        "E_1,A_4000,Plant,Feb 26,,1.5.2,2,1e5\n"
        "E_1,A_4000\n"
    )
    assert counts(task) == (1, 0, 4, 0, 5)
    assert task["result"]["successful"] is True
    assert task["result"]["failureDumpAvailable"] is True
    details = task["result"]["details"]
    assert details[0]["type"] == "lineItemRowsProcessedWithFailures"
    assert {(found["type"], found["localMessageText"]) for found in details[1:]} == {
        ("moduleImportInvalidListIdentifier", "Invalid Entity: E_9"),
        ("moduleImportInvalidTimeEntityIdentifier", "Invalid Period: Mar 26"),
        ("moduleImportNumberFormat", "Invalid number: 1.5.2"),
        ("moduleImportNumberFormat", "Invalid number: 1e5"),
        ("columnSeparatorExpected", "Column separator expected"),
    }
    assert [found["occurrences"] for found in details[1:]] == [1] * 5
    assert set(anna.cells()) == {("E_1", "A_4000", "CC_5", "Jan 26")}


def test_an_aggregate_member_is_ignored_and_is_not_in_the_dump(anna):
    task = anna.load("E_1,All accounts,Plant,Jan 26,,1,2,3\nE_1,A_4000,Plant,Jan 26,,1,2,3\n")
    assert counts(task) == (1, 0, 0, 1, 2)
    assert task["result"]["failureDumpAvailable"] is False
    assert len(anna.cells()) == 1


def test_a_lenient_import_ignores_unknown_members_and_takes_rows_in_part(anna):
    text = (
        "Entity;Account;Period;Net;Share;Debit\r\n"
        "E_1;A_4000;Jan 26;1,5;9;2\r\n"
        "E_9;A_4000;Jan 26;1;1;1\r\n"
        "E_2;Ertr\u00e4ge;Jan 26;1;1;1\r\n"
        "E_2;A_6000;Feb 26;zwei;9;4"
    )
    anna.upload(LENIENT_FILE, text.encode("iso-8859-1"))
    task = anna.run("imports", LENIENT)
    assert counts(task) == (1, 1, 0, 2, 4)
    assert anna.cells() == {
        ("E_1", "A_4000", "CC_5", "Jan 26"): {
            "Debit": "2", "Credit": "0", "Net": "1.5", "Share": "0",
        },
        ("E_2", "A_6000", "CC_5", "Feb 26"): {
            "Debit": "4", "Credit": "0", "Net": "0", "Share": "0",
        },
    }  # fmt: skip
    dump = anna.model("GET", f"/imports/{LENIENT}/tasks/{task['taskId']}/dump").text
    assert dump.splitlines()[1:] == [
        '"W","E_2","A_6000","Feb 26","zwei","9","4","5","Invalid number: zwei"'
    ]


def test_a_missing_column_fails_the_whole_task(anna):
    anna.upload(ACTUALS_FILE, HEADER.replace("Credit", "CR") + "E_1,A_4000,Plant,Jan 26,,1,2,3\n")
    task = anna.run("imports", ACTUALS)
    assert task["taskState"] == "COMPLETE"
    assert task["currentStep"] == "Failed."
    assert task["result"]["successful"] is False
    assert task["result"]["details"] == [
        {
            "localMessageText": "The file has no column Credit.",
            "occurrences": 0,
            "type": "missingFields",
            "values": [],
        }
    ]
    assert anna.cells() == {}


def test_columns_are_found_by_name_wherever_they_stand(anna):
    anna.upload(
        ACTUALS_FILE,
        "\ufeffNet,Extra,Debit,Credit,Period,Cost Center,Account,Entity\n"
        "3,x,1,2,Jan 26,Plant,A_4000,E_1\n",
    )
    anna.run("imports", ACTUALS)
    assert list(anna.cells().values()) == [{"Debit": "1", "Credit": "2", "Net": "3", "Share": "0"}]


def test_without_an_upload_the_file_is_no_longer_available(anna, bo):
    anna.upload(ACTUALS_FILE, HEADER)
    task = bo.run("imports", ACTUALS)
    assert task["result"]["successful"] is False
    assert task["result"]["details"][0]["type"] == "uploadedFileNoLongerAvailable"


def test_an_upload_that_was_not_completed_is_not_read(anna):
    anna.load("E_1,A_4000,Plant,Jan 26,,1,2,3\n")
    anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": -1})
    anna.model("PUT", f"/files/{ACTUALS_FILE}/chunks/0", data=b"nonsense")
    assert anna.run("imports", ACTUALS)["result"]["successful"] is True


def test_unreadable_bytes_fail_the_task(anna):
    anna.upload(ACTUALS_FILE, HEADER.encode() + b"E_1,\xff\xfe\n")
    task = anna.run("imports", ACTUALS)
    assert task["result"]["details"][0]["type"] == "importFailedGeneralError"
    anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": 1})
    anna.model("PUT", f"/files/{ACTUALS_FILE}/chunks/0", data=b"\x1f\x8bbroken")
    assert anna.run("imports", ACTUALS)["result"]["successful"] is False


@pytest.mark.parametrize("field", ['"open', '"a"b'])
def test_a_text_delimiter_without_partner_fails_the_task(anna, field):
    row = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"
    task = anna.load(f"{row}E_1,A_4000,{field},Jan 26,,1,2,3\n")
    assert task["result"]["successful"] is False
    assert task["result"]["details"][0]["type"] == "unmatchedTextDelimiter"
    assert anna.cells() == {}


def test_rows_survive_chunks_that_are_cut_anywhere(anna):
    rows = [f"E_1,A_4000,{NORTH},Jan 26,é{n},{n},0,{n}.25\n" for n in range(1, 5000)]
    raw = (HEADER + "".join(rows)).encode()
    pieces = [raw[start : start + 9_973] for start in range(0, len(raw), 9_973)]
    anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": len(pieces)})
    for number, piece in enumerate(pieces):
        anna.model("PUT", f"/files/{ACTUALS_FILE}/chunks/{number}", data=piece)
    task = anna.run("imports", ACTUALS)
    assert counts(task) == (4999, 0, 0, 0, 4999)
    values = anna.cells()["E_1", "A_4000", "CC_4", "Jan 26"]
    assert values["Debit"] == str(4999 * 5000 // 2)
    assert values["Net"] == f"{4999 * 5000 // 2 + 4999 // 4}.75"


def test_quoted_line_feeds_stay_in_their_row(anna):
    task = anna.load('E_1,A_4000,Plant,Jan 26,"two\nlines",1,2,3\nE_9,A_4000,Plant,Jan 26,,1,2,3\n')
    assert counts(task) == (1, 0, 1, 0, 2)
    dump = anna.model("GET", f"/imports/{ACTUALS}/tasks/{task['taskId']}/dump").text
    assert '"4","Invalid Entity: E_9"' in dump


def test_a_member_may_be_asked_for(anna):
    anna.upload(PLAN_FILE, 'Account,Period,Amount,Note\nA_4000,Jan 26,5,"a, b"\n')
    task = anna.run("imports", PLAN)
    assert task["result"]["successful"] is False
    assert task["result"]["details"][0]["type"] == "failedToLocateEntity"
    parameters = [{"entityType": "Version", "entityName": "Actual"}]
    assert anna.run("imports", PLAN, mappingParameters=parameters)["result"]["successful"] is True
    assert anna.cells("PLN01 Plan")["A_4000", "Jan 26", "Actual"] == {
        "Amount": "5",
        "Note": "a, b",
    }


def test_an_import_from_another_model_cannot_run_here(anna):
    task = anna.run("imports", "112000000005")
    assert task["result"]["successful"] is False
