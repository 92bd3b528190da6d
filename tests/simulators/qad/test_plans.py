"""Plan references: kept by their key, refused row by row with status 200, never doubled."""

import pytest

from tests.simulators.qad.conftest import BALANCES

PLANS = "extensions/anaplanconnector/PlanReferences"
ENTITIES = (
    "domain,entity,description,base_currency,is_active\n"
    "D1,E1,One,EUR,true\nD1,E2,Two,EUR,false\nD2,E3,Three,USD,true\n"
)
ACCOUNTS = (
    "domain,gl_account,description,is_active\n,100,Cash,true\n,600,Wages,true\n,700,Old,false\n"
)
CENTERS = (
    "domain,cost_center,description,is_active\n,C1,Shop,true\nD2,C2,Bar,true\n,C3,Gone,false\n"
)
WHAT_IS_KEPT = {
    "domainCode": "D1",
    "entityCode": "E1",
    "planVersion": "FY27-A1",
    "planType": "BUDGET",
    "glAccountCode": "600",
    "subAccountCode": "",
    "costCenterCode": "C1",
    "projectCode": "",
    "currencyCode": "EUR",
    "sourceSystem": "ANAPLAN",
    "sourceModel": "",
    "syncRunId": "",
    "externalKey": "",
    "yearPeriod": "202701",
    "amount": "12000.00",
    "approvedAt": "2026-11-20",
}


PERIODS = (
    "entity,year_period,start_date,end_date\n,202601,2026-01-01,2026-01-31\n"
    ",202701,2027-01-01,2027-01-31\n,202702,2027-02-01,2027-02-28\n"
    "E3,202713,2027-12-31,2027-12-31\n"
)
CURRENCIES = "currency,description,is_active\nUSD,Dollar,true\nDEM,Mark,false\n"
LISTS = {
    "entities": ENTITIES,
    "accounts": ACCOUNTS,
    "cost_centers": CENTERS,
    "periods": PERIODS,
    "currencies": CURRENCIES,
}


@pytest.fixture
def qad(serve, write_books):
    return serve(write_books(**LISTS))


def row(amount="12000.00", **changes):
    """One plan reference as JSON text, its amount with the digits as given."""
    values = {
        "domainCode": "D1",
        "entityCode": "E1",
        "planVersion": "FY27-A1",
        "planType": "BUDGET",
        "glAccountCode": "600",
        "costCenterCode": "C1",
        "yearPeriod": 202701,
        "currencyCode": "EUR",
        "sourceSystem": "ANAPLAN",
        "approvedAt": "2026-11-20",
    } | changes
    members = [f'"{n}":{v}' if isinstance(v, int) else f'"{n}":"{v}"' for n, v in values.items()]
    return "{" + ",".join([*members, f'"amount":{amount}']) + "}"


def post(qad, *rows, workspace="D1_E1"):
    headers = {"x-qad-workspace-id": workspace, "Content-Type": "application/json"}
    body = "[" + ",".join(rows) + "]"
    return qad.call("POST", f"api/bdoc/{PLANS}", data=body, headers=headers)


def kept(qad, *filters):
    return qad.rows(PLANS, *filters, workspace="D1_E1")


def refusals(answer):
    assert answer.status_code == 200
    result = answer.json()["submitResult"]
    assert (result["success"], result["errorSeverity"]) == (False, 1)
    return [(error["row"], error["fieldName"], error["message"]) for error in result["errors"]]


def test_a_batch_is_created_and_can_be_read_with_its_own_digits(qad):
    answer = post(qad, row(), row("-0.10", yearPeriod=202702))
    assert answer.status_code == 201
    assert answer.json()["submitResult"] == {"success": True, "errorSeverity": 0, "errors": []}
    rows = kept(qad)
    assert [item["amount"] for item in rows] == ["12000.00", "-0.10"]
    assert len(rows[0].pop("concurrencyHash")) == 32
    assert rows[0].pop("lastModified").endswith(".000Z")
    assert rows[0] == WHAT_IS_KEPT
    assert kept(qad, "yearPeriod,eq,202702") == rows[1:]
    assert qad.rows(PLANS, workspace="D2_E3") == []


def test_the_same_batch_again_changes_nothing(qad):
    post(qad, row())
    before = kept(qad)
    assert post(qad, row()).status_code == 201
    assert kept(qad) == before
    counters = qad.look("counters")
    assert (counters["plans_created"], counters["plans_unchanged"]) == (1, 1)


def test_a_row_takes_the_place_of_the_one_with_its_key(qad):
    post(qad, row(), row(planType="FORECAST"))
    answer = post(qad, row("7.5"))
    assert [item["amount"] for item in answer.json()["data"]] == [7.5]
    found = qad.look("plans", planType="BUDGET")
    assert (found["count"], found["plans"][0]["amount"]) == (1, "7.5")
    assert len(kept(qad)) == 2


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"glAccountCode": "999"}, "glAccountCode", "Field is mandatory"),
        ({"glAccountCode": ""}, "glAccountCode", "Field is mandatory"),
        ({"glAccountCode": "700"}, "glAccountCode", "700 is not active"),
        ({"costCenterCode": "C9"}, "costCenterCode", "Field is mandatory"),
        ({"costCenterCode": "C2"}, "costCenterCode", "Field is mandatory"),
        ({"costCenterCode": "C3"}, "costCenterCode", "C3 is not active"),
        ({"entityCode": "E2"}, "entityCode", "Entity E2 is closed"),
        ({"entityCode": "E9"}, "entityCode", "Field is mandatory"),
        ({"domainCode": "D2"}, "entityCode", "Field is mandatory"),
        ({"planType": "WISH"}, "planType", "Field is mandatory"),
        ({"planVersion": ""}, "planVersion", "Field is mandatory"),
        ({"planVersion": " "}, "planVersion", "Field is mandatory"),
        ({"approvedAt": "never"}, "approvedAt", "The date is not valid"),
        ({"yearPeriod": 27}, "yearPeriod", "Field is mandatory"),
        ({"yearPeriod": 202713}, "yearPeriod", "Field is mandatory"),
        ({"yearPeriod": 202799}, "yearPeriod", "Field is mandatory"),
        (
            {"yearPeriod": "\uff12\uff10\uff12\uff17\uff10\uff11"},
            "yearPeriod",
            "Field is mandatory",
        ),
        ({"currencyCode": "XXX"}, "currencyCode", "Field is mandatory"),
        ({"currencyCode": "eur"}, "currencyCode", "Field is mandatory"),
        ({"currencyCode": "DEM"}, "currencyCode", "DEM is not active"),
        ({"amount": '"12"'}, "amount", "The amount is not a number"),
        ({"dataOperation": "X"}, "dataOperation", "Unknown operation X"),
        ({"dataOperation": "U"}, "planVersion", "Plan reference does not exist"),
    ],
)
def test_a_wrong_row_is_refused_with_status_200_and_nothing_is_kept(qad, change, field, message):
    assert refusals(post(qad, row(planVersion="B"), row(**change))) == [(1, field, message)]
    assert kept(qad) == []


def test_any_period_and_any_currency_can_do(qad):
    odd = row(yearPeriod=202799, currencyCode="XXX")
    assert refusals(post(qad, odd))[0][1] == "currencyCode"
    qad.tell("settings", {"plan_currencies": "any"})
    assert refusals(post(qad, odd))[0][1] == "yearPeriod"
    qad.tell("settings", {"plan_periods": "any"})
    assert post(qad, odd, row(currencyCode="USD")).status_code == 201
    assert [item["yearPeriod"] for item in kept(qad)] == ["202701", "202799"]
    assert refusals(post(qad, row(yearPeriod=99999)))[0][1] == "yearPeriod"
    assert refusals(post(qad, row(currencyCode="")))[0][1] == "currencyCode"


def test_rows_can_be_held_to_the_workspace_of_the_call(qad):
    other = row(domainCode="D2", entityCode="E3", costCenterCode="C2", yearPeriod=202713)
    assert post(qad, other).status_code == 201
    qad.tell("settings", {"plan_entities": "workspace"})
    assert refusals(post(qad, other)) == [(0, "entityCode", "Field is mandatory")]
    assert post(qad, row()).status_code == 201
    assert post(qad, other, workspace="D2_E3").status_code == 201


def test_every_refused_row_is_named_and_good_rows_can_stand(qad):
    batch = (row(glAccountCode="1"), row(), row(costCenterCode="C9"))
    wanted = [(0, "glAccountCode"), (2, "costCenterCode")]
    assert [item[:2] for item in refusals(post(qad, *batch))] == wanted
    assert kept(qad) == []
    qad.tell("settings", {"plan_batches": "partial"})
    assert [item[:2] for item in refusals(post(qad, *batch))] == wanted
    assert len(kept(qad)) == 1
    assert qad.look("counters")["plans_refused"] == 4


def test_a_fault_takes_the_number_of_the_row_out_of_a_refusal(qad):
    qad.tell("faults", {"path": "PlanReferences", "kind": "missing_fields", "fields": ["row"]})
    (error,) = post(qad, row(glAccountCode="1")).json()["submitResult"]["errors"]
    assert error == {"message": "Field is mandatory", "fieldName": "glAccountCode"}


def test_a_creation_of_what_is_there_already_exists(qad):
    assert post(qad, row(dataOperation="C")).status_code == 201
    exists = [(0, "planVersion", "Plan reference already exists")]
    assert refusals(post(qad, row("1", dataOperation="C"))) == exists
    assert kept(qad)[0]["amount"] == "12000.00"
    qad.tell("settings", {"plan_upsert": False})
    assert refusals(post(qad, row("1"))) == exists
    twice = row(planVersion="C", dataOperation="C")
    assert refusals(post(qad, twice, twice)) == [(1, "planVersion", exists[0][2])]


def test_an_update_needs_the_hash_that_was_read(qad):
    post(qad, row())
    lock = kept(qad)[0]["concurrencyHash"]
    assert post(qad, row("2", dataOperation="U", concurrencyHash=lock)).status_code == 201
    late = post(qad, row("3", dataOperation="U", concurrencyHash=lock))
    message = "The record was changed by another user"
    assert refusals(late) == [(0, "concurrencyHash", message)]
    assert [item["amount"] for item in kept(qad)] == ["2"]


def test_an_entity_can_be_closed_while_the_stand_in_runs(qad):
    post(qad, row())
    assert qad.tell("entities", {"entity": "E1", "is_active": False}).status_code == 200
    assert refusals(post(qad, row("1"))) == [(0, "entityCode", "Entity E1 is closed")]
    rows = qad.rows("qad/base/organization/Entities", "entityCode,eq,E1", workspace="D1_E1")
    assert [item["isActive"] for item in rows] == [False]
    qad.tell("entities", {"entity": "E1", "is_active": True})
    assert post(qad, row("1")).status_code == 201
    for wrong in ({"entity": "E9", "is_active": True}, {"entity": "E1", "is_active": 1}, {}):
        assert qad.tell("entities", wrong).status_code == 400


def test_a_batch_has_a_largest_size(qad):
    rows = [row(planVersion=str(number)) for number in range(201)]
    assert post(qad, *rows).status_code == 400
    assert post(qad, *rows[1:]).status_code == 201
    qad.tell("settings", {"largest_plan_batch": 1})
    answer = post(qad, *rows[:2])
    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": ["At most 1 plan references at once"]},
    )
    assert len(kept(qad)) == 200


@pytest.mark.parametrize("body", ["{}", "[", "", "[1]"])
def test_a_body_that_is_no_batch_is_refused(qad, body):
    answer = qad.call("POST", f"api/bdoc/{PLANS}", data=body)
    assert answer.status_code == (200 if body == "[1]" else 400)
    assert qad.look("plans") == {"plans": [], "count": 0}


def test_only_plan_references_are_written_and_only_by_whom_they_are_allowed(serve, write_books):
    users = "user,password,workspaces,forbidden\ndemo,demo,D1_E1,\nother,demo,,PlanReferences\n"
    qad = serve(write_books(users=users, **LISTS))
    allow = qad.call("OPTIONS", f"api/bdoc/{PLANS}").headers["Allow"]
    assert allow == "GET,HEAD,POST,OPTIONS"
    assert qad.call("POST", f"api/bdoc/{BALANCES}", data="[]").status_code == 500
    assert post(qad, workspace="D2_E3").status_code == 403
    assert refusals(post(qad, row(domainCode="D2", entityCode="E3")))[0][1] == "entityCode"
    qad.http.auth = ("other", "demo")
    assert post(qad, row()).status_code == 403


def test_sub_accounts_and_projects_are_checked_where_the_books_list_them(serve, write_books):
    folder = write_books(
        **LISTS,
        sub_accounts="domain,sub_account,description\nD1,S1,North\n",
        projects="domain,project,description,status_code\nD1,P1,Roof,OPEN\n",
    )
    qad = serve(folder)
    assert refusals(post(qad, row(subAccountCode="S2")))[0][1] == "subAccountCode"
    assert refusals(post(qad, row(projectCode="P2")))[0][1] == "projectCode"
    assert post(qad, row(subAccountCode="S1", projectCode="P1")).status_code == 201


@pytest.mark.parametrize("name", ["planVersion", "costCenterCode", "sourceModel"])
@pytest.mark.parametrize("odd", ['{"a":1}', '["a"]', "true"])
def test_an_object_or_a_truth_is_no_text(qad, name, odd):
    answer = post(qad, row()[:-1] + f',"{name}":{odd}}}')
    assert answer.status_code == 200
    error = answer.json()["submitResult"]["errors"][0]
    assert (error["message"], error["fieldName"]) == ("Field is mandatory", name)
    assert kept(qad) == []


def test_a_batch_that_is_nested_too_deep_is_400(qad):
    answer = post(qad, "[" * 5000)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    deep = {"data": "[" * 5000, "headers": {"Content-Type": "application/json"}}
    assert qad.http.post(f"{qad.origin}/_sim/periods", **deep).status_code == 400
