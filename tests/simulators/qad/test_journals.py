"""Late journals: they reach postings and balances, or are refused and change nothing."""

import pytest

from tests.simulators.qad.conftest import BALANCES, PERIODS, POSTINGS

JUNE = "yearPeriod,eq,201106"
LATE = "voucher,ge,900000000"


def journal(**changes):
    """A balanced journal in an open period."""
    return {
        "entity": "3",
        "year_period": 201106,
        "description": "Late overtime",
        "lines": [
            {"gl_account": "6000", "cost_center": "1", "debit": "1250.005"},
            {"gl_account": "2310", "cost_center": "1", "credit": "1250.005"},
        ],
    } | changes


def balances(qad):
    return {(row["glAccountCode"], row["costCenterCode"]): row for row in qad.rows(BALANCES, JUNE)}


def test_a_journal_changes_exactly_its_balances(qad):
    before = balances(qad)
    answer = qad.tell("journals", journal())
    assert answer.status_code == 201
    assert answer.json() == {
        "entity": "3",
        "year_period": 201106,
        "daybook": "JE",
        "voucher": 900000001,
        "lines": 2,
    }
    after = balances(qad)
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {("6000", "1"), ("2310", "1")}
    assert (before["6000", "1"]["debitBC"], after["6000", "1"]["debitBC"]) == (
        "24700.00",
        "25950.005",
    )
    assert ("2310", "1") not in before
    assert after["2310", "1"] == before["6000", "1"] | {
        "glAccountCode": "2310",
        "debitBC": "0",
        "creditBC": "1250.005",
        "netBC": "-1250.005",
        "debitTC": "0",
        "creditTC": "1250.005",
        "netSC": "-1250.005",
    }


def test_a_new_balance_stands_where_its_key_belongs(qad):
    qad.tell("journals", journal())
    keys = [(row["glAccountCode"], row["costCenterCode"]) for row in qad.rows(BALANCES, JUNE)]
    assert keys == sorted(keys)
    assert len(keys) == 120


def test_the_lines_of_a_journal_are_postings(qad):
    qad.tell("journals", journal(daybook="ADJ", posting_date="2011-06-30"))
    qad.tell("journals", journal())
    rows = qad.rows(POSTINGS, JUNE, LATE)
    assert [(row["daybookCode"], row["voucher"], row["lineNumber"]) for row in rows] == [
        ("ADJ", "900000001", "1"),
        ("ADJ", "900000001", "2"),
        ("JE", "900000002", "1"),
        ("JE", "900000002", "2"),
    ]
    assert rows[0]["postingDate"] == "2011-06-30T00:00:00.000Z"
    assert (rows[0]["debitBC"], rows[0]["creditBC"]) == ("1250.005", "0")
    assert (rows[2]["postingDate"], rows[2]["description"]) == (
        "2011-07-01T00:00:00.000Z",
        "Late overtime",
    )
    assert qad.rows(POSTINGS, JUNE, LATE, "lastModified,ge,2020-01-01") == rows


def test_a_negative_debit_stays_on_its_side(qad):
    lines = [
        {"gl_account": "6000", "cost_center": "1", "debit": "-30.00"},
        {"gl_account": "6020", "cost_center": "1", "debit": 30.00},
    ]
    assert qad.tell("journals", journal(lines=lines)).status_code == 201
    assert balances(qad)["6000", "1"]["debitBC"] == "24670.00"


def test_statistics_need_no_balance(qad):
    lines = [
        {"gl_account": "9510", "cost_center": "1", "debit": "2"},
        {"gl_account": "9510", "cost_center": "7", "debit": "1"},
    ]
    before = int(float(balances(qad)["9510", "1"]["debitBC"]))
    assert qad.tell("journals", journal(lines=lines)).status_code == 201
    assert float(balances(qad)["9510", "1"]["debitBC"]) == before + 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"entity": "9"}, "There is no entity '9'."),
        ({"year_period": 201107}, "Entity 3 has no period '201107'."),
        ({"lines": []}, "A journal has at least two lines."),
        (
            {"year_period": 201101},
            "Period 201101 of entity 3 is REPORTED; say reopen to open it again.",
        ),
        (
            {"lines": [{"gl_account": "6000", "debit": "1"}, {"gl_account": "2310"}]},
            "Debits less credits are 1 USD in OFFICIAL, not 0.",
        ),
        (
            {"lines": [{"gl_account": "6", "debit": "1"}] * 2},
            "There is no account '6' in domain 10USA.",
        ),
        (
            {"lines": [{"gl_account": "6000", "cost_center": "9"}] * 2},
            "There is no cost center '9' in domain 10USA.",
        ),
        (
            {"lines": [{"gl_account": "6000", "debit": "1,5"}] * 2},
            "The debit '1,5' is no plain number.",
        ),
    ],
)
def test_a_wrong_journal_is_refused_and_changes_nothing(qad, change, reason):
    before = balances(qad)
    answer = qad.tell("journals", journal(**change))
    assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert balances(qad) == before
    assert qad.rows(POSTINGS, LATE) == []


def test_a_closed_period_is_opened_when_asked(qad):
    assert qad.tell("journals", journal(year_period=201101, reopen=True)).status_code == 201
    assert [row["status"] for row in qad.rows(PERIODS)] == [
        "FROZEN",
        "OPEN",
        "REPORTED",
        "REPORTED",
        "REPORTED",
        "OPEN",
        "OPEN",
    ]


def test_a_period_can_be_closed(qad):
    answer = qad.tell("periods", {"entity": "3", "year_period": 201106, "status": "locked"})
    assert answer.json() == {"entity": "3", "year_period": 201106, "status": "LOCKED"}
    assert qad.rows(PERIODS, JUNE)[0]["isGLPostingAllowed"] is False
    assert qad.tell("journals", journal()).status_code == 400
    answer = qad.tell("periods", {"entity": "3", "year_period": 201106, "status": "SHUT"})
    assert answer.status_code == 400


def test_balances_can_be_taken_out(qad):
    body = {"entity": "3", "year_period": 201106, "glAccountCode": "6000", "costCenterCode": "1"}
    assert qad.tell("balances", body, "DELETE").json() == {"removed": 1}
    assert ("6000", "1") not in balances(qad)
    assert qad.tell("balances", body, "DELETE").json() == {"removed": 0}
    assert qad.tell("balances", body | {"account": "1"}, "DELETE").status_code == 400


def test_a_reset_brings_the_books_of_the_folder_back(qad):
    before = qad.rows(BALANCES)
    qad.tell("journals", journal(year_period=201101, reopen=True))
    qad.tell("settings", {"page_seconds": 0.01})
    qad.fault(path="x", kind="drop")
    assert qad.tell("reset", None).status_code == 204
    assert qad.rows(BALANCES) == before
    assert qad.rows(POSTINGS, LATE) == []
    assert qad.rows(PERIODS, "yearPeriod,eq,201101")[0]["status"] == "REPORTED"
    assert (qad.look("settings")["page_seconds"], qad.look("faults")) == (0.0, [])
