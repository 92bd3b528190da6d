"""Corrections of posted journals: each reaches postings and balances, or changes nothing."""

from decimal import Decimal

import pytest

from tests.simulators.qad.conftest import BALANCES, PERIODS, POSTINGS

CENTERS = "qad/base/coa/CostCenters"
HEADER = "entity,year_period,daybook,voucher,line,posting_date,gl_account,cost_center"
BOOKS = {
    "gl_balances": None,
    "postings": f"{HEADER},layer,currency,debit,credit,debit_tc,credit_tc\n"
    "E1,202601,JE,7,1,2026-01-20,600,C1,TRANSIENT,USD,108.00,0,100.00,0\n"
    "E1,202601,JE,7,2,2026-01-20,100,,TRANSIENT,USD,0,108.00,0,100.00\n"
    "E1,202601,JE,8,1,2026-01-21,600,C1,OFFICIAL,EUR,5,0,,\n"
    "E1,202601,JE,8,2,2026-01-21,100,,OFFICIAL,EUR,0,5,,\n",
    "cost_centers": "domain,shared_set,cost_center,description,last_modified\n"
    "D1,S1,C1,Shop,2025-01-01T00:00:00.000Z\nD2,S2,C1,Bar,2025-01-01T00:00:00.000Z\n",
}
SEVENTH = {"entity": "E1", "year_period": 202601, "daybook": "JE", "voucher": 7}
EIGHTH = SEVENTH | {"voucher": 8}


@pytest.fixture
def qad(serve, write_books):
    return serve(write_books(**BOOKS))


def rows(qad, document, *filters):
    return qad.rows(document, *filters, workspace="D1_E1")


def wages(qad, period=202601):
    """Debit and credit of the account 600 by layer and currency."""
    found = rows(qad, BALANCES, f"yearPeriod,eq,{period}", "glAccountCode,eq,600")
    return {
        (row["layerCode"], row["currencyCode"]): (row["debitBC"], row["creditBC"]) for row in found
    }


def check_balances_follow_from_postings(qad):
    """Balances are the sums of the postings, and balanced, in every layer."""
    sums, layers = {}, {}
    for row in rows(qad, POSTINGS):
        unit = (row["yearPeriod"], row["layerType"])
        key = (*unit, row["glAccountCode"], row["costCenterCode"], row["currencyCode"])
        net = Decimal(row["debitBC"]) - Decimal(row["creditBC"])
        sums[key] = sums.get(key, 0) + net
        layers[unit] = layers.get(unit, 0) + net
    balances = {
        (
            *(row["yearPeriod"], row["layerType"], row["glAccountCode"]),
            *(row["costCenterCode"], row["currencyCode"]),
        ): Decimal(row["netBC"])
        for row in rows(qad, BALANCES)
    }
    assert balances == sums
    assert set(layers.values()) == {0}


def test_a_late_transfer_makes_an_old_posting_official_today(qad):
    before = rows(qad, POSTINGS)
    answer = qad.tell("layers", SEVENTH)
    assert answer.json() == {"entity": "E1", "year_period": 202601, "lines": 2, "to": "OFFICIAL"}
    after = rows(qad, POSTINGS)
    assert [row["layerType"] for row in after] == ["OFFICIAL"] * 4
    assert after[0]["postingDate"] == before[0]["postingDate"] == "2026-01-20T00:00:00.000Z"
    assert after[0]["lastModified"] > "2026-06" > before[0]["lastModified"]
    assert after[2:] == before[2:]
    assert wages(qad) == {("OFFICIAL", "EUR"): ("5", "0"), ("OFFICIAL", "USD"): ("108.00", "0")}
    check_balances_follow_from_postings(qad)


def test_a_reversal_changes_the_sides_and_names_its_original(qad):
    made = qad.tell("reversals", EIGHTH).json()
    assert (made["daybook"], made["reversal"]) == ("JE", 900000001)
    lines = rows(qad, POSTINGS, "isReversing,eq,true")
    assert [(row["debitBC"], row["creditBC"]) for row in lines] == [("0", "5"), ("5", "0")]
    assert {row["originatorReference"] for row in lines} == {"2026/JE/000000008"}
    assert {(row["voucher"], row["layerType"]) for row in lines} == {("900000001", "OFFICIAL")}
    assert wages(qad)["OFFICIAL", "EUR"] == ("5", "5")
    check_balances_follow_from_postings(qad)


def test_a_correction_can_be_a_negative_debit_in_every_currency(qad):
    qad.tell("reversals", SEVENTH | {"style": "negative"})
    first = rows(qad, POSTINGS, "isReversing,eq,true")[0]
    assert (first["debitBC"], first["creditBC"], first["debitTC"]) == ("-108.00", "0", "-100.00")
    assert ("TRANSIENT", "USD") not in wages(qad)


def test_a_reversal_can_replace_and_go_into_a_later_period(qad):
    lines = [
        {"gl_account": "600", "cost_center": "C1", "debit": "6.10"},
        {"gl_account": "100", "credit": "6.10"},
    ]
    made = qad.tell("reversals", EIGHTH | {"into": 202602, "lines": lines}).json()
    assert (made["reversal"], made["replacement"]) == (900000001, 900000002)
    found = rows(qad, POSTINGS, "yearPeriod,eq,202602")
    flags = [(row["isReversing"], row["isReplacement"], row["isAutoReversal"]) for row in found]
    assert flags == [(True, False, False)] * 2 + [(False, True, False)] * 2
    assert {row["originatorReference"] for row in found} == {"2026/JE/000000008"}
    assert found[0]["postingDate"] == "2026-02-01T00:00:00.000Z"
    assert wages(qad, 202602) == {("OFFICIAL", "EUR"): ("6.10", "5")}
    check_balances_follow_from_postings(qad)


def test_an_auto_reversal_says_so(qad):
    qad.tell("reversals", EIGHTH | {"into": 202602, "auto": True})
    found = rows(qad, POSTINGS, "yearPeriod,eq,202602")
    assert {(row["isReversing"], row["isAutoReversal"]) for row in found} == {(False, True)}


@pytest.mark.parametrize(
    ("look_in", "change", "reason"),
    [
        ("reversals", {"voucher": 9}, "There is no voucher 2026/JE/000000009 in period 202601."),
        ("reversals", {"style": "up"}, "A style is one of swap, negative."),
        ("reversals", {"into": 202701}, "Entity E1 has no period 202701."),
        ("reversals", {"lines": [{}, 1]}, "There is no account '' in domain D1."),
        ("layers", {"to": "TRANSIENT"}, "The voucher is in layer TRANSIENT already."),
        ("layers", {"from": "MANAGEMENT"}, "The voucher is not in layer MANAGEMENT."),
        ("layers", {"to": "INVENTED"}, "There is no layer 'INVENTED'."),
        ("layers", {"from": "INVENTED"}, "There is no layer 'INVENTED'."),
        ("reversals", {"layer": "INVENTED"}, "There is no layer 'INVENTED'."),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_changes_nothing(qad, look_in, change, reason):
    before = rows(qad, POSTINGS), rows(qad, BALANCES)
    answer = qad.tell(look_in, SEVENTH | change)
    assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert (rows(qad, POSTINGS), rows(qad, BALANCES)) == before


def test_a_closed_period_is_corrected_only_when_reopened(qad):
    qad.tell("periods", {"entity": "E1", "year_period": 202601, "status": "FROZEN"})
    assert qad.tell("reversals", EIGHTH).status_code == 400
    assert qad.tell("reversals", EIGHTH | {"reopen": True}).status_code == 200
    assert rows(qad, PERIODS, "yearPeriod,eq,202601")[0]["status"] == "OPEN"


def test_a_journal_has_amounts_in_all_currencies(qad):
    sides = {"debit": 108.00, "debit_tc": "100.00", "debit_sc": "1234567890123456789.0001"}
    other = {name.replace("debit", "credit"): amount for name, amount in sides.items()}
    lines = [{"gl_account": "600", "currency": "USD"} | sides]
    lines += [{"gl_account": "100", "currency": "USD"} | other]
    qad.tell("journals", {"entity": "E1", "year_period": 202602, "lines": lines})
    found = rows(qad, POSTINGS, "yearPeriod,eq,202602")[0]
    amounts = (found["debitBC"], found["debitTC"], found["debitSC"])
    assert amounts == ("108.0", "100.00", "1234567890123456789.0001")
    check_balances_follow_from_postings(qad)


def test_a_transfer_goes_to_the_layers_that_the_books_name(serve, write_books):
    balances = "entity,year_period,gl_account,layer,layer_type,debit,credit\n"
    balances += "E1,202601,100,BUDGET,MANAGEMENT,1,0\n"
    qad = serve(write_books(**BOOKS | {"gl_balances": balances}))
    assert qad.tell("layers", EIGHTH | {"to": "BUDGET"}).status_code == 200
    found = rows(qad, POSTINGS, "voucher,eq,8")
    assert {row["layerType"] for row in found} == {"MANAGEMENT"}
    assert wages(qad)["BUDGET", "EUR"] == ("5", "0")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"posting_date": "x"}, "The posting_date 'x' is no date like 2026-11-30."),
        ({"posting_date": "20260131"}, "The posting_date '20260131' is no date like 2026-11-30."),
        (
            {"posting_date": "2026-02-30"},
            "The posting_date '2026-02-30' is no date like 2026-11-30.",
        ),
        ({"layer": "INVENTED"}, "There is no layer 'INVENTED'."),
    ],
)
def test_a_journal_with_an_invented_date_or_layer_is_refused(qad, change, reason):
    layer = {"layer": change.pop("layer")} if "layer" in change else {}
    lines = [
        {"gl_account": "600", "debit": "1"} | layer,
        {"gl_account": "100", "credit": "1"} | layer,
    ]
    body = {"entity": "E1", "year_period": 202602, "lines": lines} | change
    before = rows(qad, POSTINGS)
    answer = qad.tell("journals", body)
    assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert rows(qad, POSTINGS) == before


def test_a_cost_center_is_renamed_and_deactivated_in_one_shared_set(qad):
    body = {"cost_center": "C1", "description": "Store", "is_active": False, "shared_set": "S1"}
    assert qad.tell("cost_centers", body).json()["changed"] == 1
    center = rows(qad, CENTERS)[0]
    assert (center["description"], center["isActive"]) == ("Store", False)
    assert center["lastModified"] > "2026-06"
    assert qad.tell("cost_centers", {"cost_center": "C1", "is_active": True}).json()["changed"] == 2
    number = {"cost_center": "C1", "description": 5}
    for wrong in (number, {"cost_center": "C1"}, {"cost_center": "C9", "description": "x"}, [], {}):
        assert qad.tell("cost_centers", wrong).status_code == 400


def test_a_cost_center_is_added_beside_another_and_taken_off_all_lists(qad):
    body = {"cost_center": "C2", "like": "C1", "description": "Annex"}
    for wrong in ({"cost_center": "C2", "like": "C9"}, {"cost_center": "C1", "like": "C1"}, {}):
        assert qad.tell("cost_centers", wrong, "PUT").status_code == 400
    assert qad.tell("cost_centers", body, "PUT").json()["added"] == 2
    found = [(row["costCenterCode"], row["description"]) for row in rows(qad, CENTERS)]
    assert found == [("C1", "Shop"), ("C2", "Annex")]
    assert qad.tell("cost_centers", {"cost_center": "C1"}, "DELETE").json()["removed"] == 2
    assert qad.tell("cost_centers", {"cost_center": "C1"}, "DELETE").status_code == 400
    assert [row["costCenterCode"] for row in rows(qad, CENTERS)] == ["C2"]
