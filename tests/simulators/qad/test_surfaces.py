"""Browses, the entity API, metadata and form login of the stand-in QAD, and their switches."""

import pytest

from tests.simulators.qad.conftest import BALANCES, DEMO, LEDGER

PERIODS = "urn:browse:mfg:gl111"
PAGING = {"page": 1, "pageAction": "first"}
CENTER = {"viewUri": "urn:be:com.qad.base.coa.ICostCenter", "costCenterCode": "1"}
METADATA = "api/qracore/entitymetadatas"
CONTROL = "api/qracore/securityControl"
NOISE = {
    "local_variables.local-var00": "",
    "local_variables.uniqueId": "1",
    "local_variables.BrowseRowOrderIndex": 0,
    "period.decoration_cell": "",
    "period.oid_period": "0x0000000000000000",
}


def browse(qad, identity=PERIODS, path="api/qracore/browses", **query):
    headers = {"x-qad-workspace-id": "10USA_3"}
    return qad.call("GET", path, params={"browseId": identity} | query, headers=headers)


def test_a_browse_shows_the_same_rows_under_its_own_keys(qad):
    answer = browse(qad, filter="period.PeriodYearPeriod,eq,201102,literal", **PAGING).json()
    assert answer == {
        "data": [
            {
                "period.PeriodDomainCode": "10USA",
                "period.PeriodEntityCode": "3",
                "period.PeriodYear": 2011,
                "period.PeriodPeriod": 2,
                "period.PeriodYearPeriod": 201102,
                "period.PeriodStartDate": "2011-01-30T00:00:00.000Z",
                "period.PeriodEndDate": "2011-03-01T00:00:00.000Z",
                "period.PeriodTypeCode": "NORMAL",
                "period.PeriodStatus": "REPORTED",
                "period.PeriodIsGLPostingAllowed": False,
                "period.PeriodIsPurchasePostingAllowed": False,
                "period.PeriodClosingDate": "2011-03-01T00:00:00.000Z",
                "period.PeriodIsReportChecked": True,
            }
            | NOISE
        ]
    }
    qad.tell("settings", {"browse_noise": False, "browse_total": True})
    answer = browse(qad, **PAGING).json()
    assert (answer["totalCount"], set(answer["data"][0]) & set(NOISE)) == (7, set())


@pytest.mark.parametrize(
    "query",
    [
        {"page": 1},
        {"pageAction": "first"},
        PAGING | {"browseId": "urn:browse:mfg:zz999"},
        PAGING | {"filter": "yearPeriod,eq,201102,literal"},
    ],
)
def test_a_browse_that_is_asked_wrongly_is_200_and_empty(qad, query):
    answer = browse(qad, **query)
    assert (answer.status_code, answer.json()) == (200, {"data": []})


def test_the_traps_of_browses_are_switches(qad):
    qad.tell("settings", {"browse_needs_paging": False, "unknown_browse": "404"})
    assert len(browse(qad).json()["data"]) == 7
    assert browse(qad, "urn:browse:mfg:zz999").status_code == 404
    assert len(browse(qad, "mfg:gl111").json()["data"]) == 7
    qad.tell("settings", {"browse_short_ids": False})
    assert browse(qad, "mfg:gl111").status_code == 404
    qad.tell("settings", {"browse_needs_paging": True, "browse_strict_action": True})
    second = {"page": 2, "pageSize": 5}
    assert browse(qad, pageAction="first", **second).json() == {"data": []}
    assert len(browse(qad, pageAction="next", **second).json()["data"]) == 2
    assert len(browse(qad, **PAGING).json()["data"]) == 7


def test_a_browse_tells_how_many_rows_it_has(qad):
    path = "api/qracore/browses/totalCount/"
    assert browse(qad, path=path).json() == {"data": {"totalCount": 7}}
    qad.tell("settings", {"total_count_shape": "number"})
    assert browse(qad, path=path).json() == 7
    assert browse(qad, "nothing", path=path).json() == 0


def test_a_browse_tells_its_fields(qad):
    lookup, wanted = "urn:browse:custom:lookupBrowseFields", f"browseURI,eq,{PERIODS},literal"
    rows = browse(qad, lookup, filter=wanted, **PAGING).json()["data"]
    assert rows[4] == {
        "field": "period.PeriodYear",
        "fieldLabel": "Gl Calendar Year",
        "fieldDataType": "integer",
    }
    assert {row["field"] for row in rows} | set(NOISE) == set(
        browse(qad, **PAGING).json()["data"][0]
    )
    assert browse(qad, lookup, **PAGING).json() == {"data": []}
    wanted = wanted.replace("urn:browse:", "")
    assert browse(qad, lookup, filter=wanted, **PAGING).json()["data"] == rows
    qad.tell("settings", {"browse_short_ids": False})
    assert browse(qad, lookup, filter=wanted, **PAGING).json() == {"data": []}


def test_the_entity_api_gets_one_record_by_its_key(qad):
    answer = qad.call("GET", "api/erp/costCenters", params=CENTER).json()
    record = answer["data"]["costCenters"][0]
    assert (record["description"], record["dataOperation"]) == ("Corporate", "U")
    assert len(record["concurrencyHash"]) == 32
    answer = qad.call("GET", "api/erp/costCenters", params=CENTER | {"costCenterCode": "zz"})
    assert (answer.status_code, answer.json()) == (200, {"data": {"costCenters": []}})
    assert qad.call("GET", "api/erp/nothings").status_code == 404
    assert qad.call("GET", "api/erp/costCenters").status_code == 400
    qad.tell("settings", {"entity_needs_view_uri": False})
    assert len(qad.call("GET", "api/erp/costCenters").json()["data"]["costCenters"]) == 7


def test_metadata_writes_field_codes_with_a_capital(qad):
    query = {"entityURI": "urn:be:com.qad.base.coa.IGLAccount"}
    found = qad.call("GET", METADATA, params=query).json()["data"]["entityMetadatas"][0]
    assert (found["bdocumentCode"], found["apiUrl"]) == ("GLAccounts", "api/erp/glAccounts")
    assert found["entityFields"][1] == {
        "entityFieldCode": "GlAccountCode",
        "fieldLabel": "Gl Account Code",
        "dataType": "character",
        "maxLength": 80,
        "displayFormat": "",
        "currencyField": "",
        "isRequired": True,
        "primaryKey": True,
    }
    qad.tell("settings", {"metadata_at": "top"})
    assert qad.call("GET", METADATA, params={"entityURI": "x"}).json() == {"entityMetadatas": []}


@pytest.mark.parametrize(
    "path",
    ["api/qracore/browses", "api/erp/costCenters", METADATA, f"api/bdoc/{BALANCES}"],
)
def test_every_surface_tells_its_verbs_and_refuses_others(qad, path):
    assert qad.call("OPTIONS", path).headers["Allow"] == "GET,HEAD,OPTIONS"
    assert qad.call("POST", path).status_code == 500
    qad.tell("settings", {"wrong_verb": "405"})
    assert qad.call("POST", path).status_code == 405


def sessions(qad):
    qad.http.auth = None
    return qad.call("POST", "login", data={"username": "demo", "password": "demo"})


def test_a_form_login_gives_a_session_that_ends(qad):
    answer = sessions(qad)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/clouderp/")
    assert "Path=/clouderp" in answer.headers["Set-Cookie"]
    assert qad.call("GET", CONTROL).status_code == 200
    qad.tell("settings", {"clock_ahead_seconds": 30 * 60})
    answer = qad.call("GET", CONTROL)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/clouderp/resources/login.jsp",
    )
    qad.tell("settings", {"cookie_signed_out": "login_page"})
    assert "Log In" in qad.call("GET", CONTROL).text
    qad.tell("settings", {"cookie_signed_out": "401"})
    answer = qad.call("GET", CONTROL)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_the_older_form_signs_in_and_a_wrong_password_does_not(qad):
    qad.http.auth = None
    query = {"j_username": "demo", "j_password": "wrong"}
    answer = qad.call("POST", "j_spring_security_check", params=query)
    assert answer.headers["Location"] == "/clouderp/login.jsp?error=1"
    assert qad.call("GET", CONTROL).status_code == 401
    qad.call("POST", "j_spring_security_check", params=query | {"j_password": "demo"})
    assert qad.call("GET", CONTROL).status_code == 200


def test_ways_to_sign_in_can_be_switched_off(qad):
    qad.tell("settings", {"basic_allowed": False, "form_allowed": False})
    qad.tell("settings", {"token_values_in_query": False})
    assert qad.call("GET", CONTROL).status_code == 401
    assert sessions(qad).headers["Location"] == "/clouderp/login.jsp?error=1"
    query = {
        "grant_type": "password",
        "client_id": "ml-connector",
        "username": "demo",
        "password": "demo",
    }
    assert qad.call("POST", "oauth/token", params=query).status_code == 401
    assert qad.call("POST", "oauth/token", data=query).status_code == 200


def test_users_have_workspaces_and_forbidden_documents(serve, write_books):
    users = "user,password,workspaces,forbidden\ndemo,demo,D1_E2 D1_E1,metadata GLBalances\n"
    qad = serve(write_books(users=users + "other,demo,D1_E2,\n"))
    assert qad.get(BALANCES, workspace="D1_E1").status_code == 403
    assert qad.call("GET", METADATA).status_code == 403
    rows = qad.rows(f"{LEDGER}/GLPeriods", workspace=None)
    assert {row["entityCode"] for row in rows} == {"E2"}
    qad.http.auth = ("other", "demo")
    assert qad.get(BALANCES, workspace="D1_E1").status_code == 403
    qad.tell("settings", {"unknown_workspace": "default"})
    assert qad.get(BALANCES, workspace="D1_E1").status_code == 200
    qad.tell("settings", {"missing_workspace": "403"})
    assert qad.get(BALANCES, workspace=None).status_code == 403


def test_the_traps_of_lists_are_switches(qad):
    assert len(qad.rows(f"{LEDGER}/GLPeriods", "status,eq,reported")) == 0
    qad.tell("settings", {"filter_ignores_case": True, "unknown_filter": "400"})
    assert len(qad.rows(f"{LEDGER}/GLPeriods", "status,eq,reported")) > 0
    assert qad.get(BALANCES, "nothing,eq,1").status_code == 400
    qad.tell("settings", {"documents_need_paging": True, "sort_offered": False})
    assert qad.get(BALANCES).json()["data"] == []
    rows = qad.rows(f"{LEDGER}/GLPeriods", sort="yearPeriod,desc", **PAGING)
    assert rows[0]["yearPeriod"] == "201012"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("closingDate,isNull,", 2),
        ("closingDate,isNotNull,", 5),
        ("status,endsWith,ZEN", 1),
        ("yearPeriod,contains,11", 0),
    ],
)
def test_absence_and_endings_can_be_filtered(qad, text, rows):
    assert len(qad.rows(f"{LEDGER}/GLPeriods", text)) == rows


def test_currencies_are_those_of_the_entities(qad):
    rows = qad.rows("qad/base/currency/Currencies")
    assert [row["currencyCode"] for row in rows] == ["CAD", "USD"]


def test_the_context_root_is_that_of_the_cookie_too(serve):
    qad = serve(DEMO / "books", context_root="/qad-central")
    assert "Path=/qad-central" in sessions(qad).headers["Set-Cookie"]
