"""Faults of whole pages, of tokens and of messages, on each system's own way of answering."""

import pytest
import requests
from aiohttp import web

from simulators import server
from simulators.faults import WeakPoints
from tests.simulators.anaplan.client import ACTUALS_FILE, Client
from tests.simulators.qad.conftest import BALANCES, PERIODS

DECEMBER = "yearPeriod,eq,201012"
ROWS = [f'{{"n": {number}, "amount": {number}.10}}' for number in range(7)]


@pytest.fixture(scope="module")
def paged():
    """Seven rows in pages of three, with amounts that no float would keep."""

    async def get_rows(request: web.Request) -> web.Response:
        first = (int(request.query["page"]) - 1) * 3
        body = f'{{"rows": [{", ".join(ROWS[first : first + 3])}]}}'
        return web.Response(text=body, content_type="application/json")

    def other_page(address, step):
        number = int(address.query["page"]) + step
        return address.update_query(page=str(number)) if number else None

    app = server.build_app(weak_points=WeakPoints(other_page=other_page))
    app.router.add_get("/rows", get_rows)
    with server.start(app) as running:
        yield running


def pages(running: server.Running, **fault: object) -> list[list[int]]:
    requests.delete(f"{running.origin}/_sim/faults", timeout=5)
    requests.post(f"{running.origin}/_sim/faults", json=fault | {"times": -1}, timeout=5)
    found = [
        requests.get(f"{running.origin}/rows", params={"page": page}, timeout=5).json()["rows"]
        for page in (1, 2, 3, 4)
    ]
    return [[row["n"] for row in rows] for rows in found]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "repeat_page"}, [[0, 1, 2], [0, 1, 2], [3, 4, 5], [6]]),
        ({"kind": "shift_rows"}, [[0, 1, 2], [2, 3, 4], [5, 6], []]),
        ({"kind": "shift_rows", "by": -1}, [[1, 2, 3], [4, 5, 6], [], []]),
        ({"kind": "shift_rows", "by": 2}, [[0, 1, 2], [1, 2, 3], [4, 5, 6], []]),
        ({"kind": "duplicate_rows"}, [[0, 0, 1, 2], [3, 3, 4, 5], [6, 6], []]),
        (
            {"kind": "duplicate_rows", "row": 1, "rows": 2},
            [[0, 1, 2, 1, 2], [3, 4, 5, 4, 5], [6], []],
        ),
    ],
)
def test_rows_are_repeated_shifted_or_twice(paged, fault, expected):
    assert pages(paged, path="/rows", **fault) == expected


def test_amounts_keep_their_digits(paged):
    pages(paged, path="/rows", kind="duplicate_rows")
    text = requests.get(f"{paged.origin}/rows?page=2", timeout=5).text
    assert text.count('"amount": 3.10}') == 2


def test_pages_of_documents_shift_and_repeat(qad):
    first = qad.rows(BALANCES, DECEMBER, page=1, pageSize=10)
    second = qad.rows(BALANCES, DECEMBER, page=2, pageSize=10)
    qad.fault(path="page=2", kind="shift_rows", by=3)
    assert qad.rows(BALANCES, DECEMBER, page=2, pageSize=10) == [*first[7:], *second[:7]]
    qad.fault(path="page=2", kind="duplicate_rows", rows=2)
    assert qad.rows(BALANCES, DECEMBER, page=2, pageSize=10) == [*second[:2], *second]


def test_pages_of_browses_and_entities_repeat(qad):
    headers = {"x-qad-workspace-id": "10USA_3"}

    def browse(page):
        query = {"browseId": "mfg:gl111", "page": page, "pageSize": 3, "pageAction": "first"}
        if page > 1:
            query["pageAction"] = "next"
        return qad.call("GET", "api/qracore/browses", params=query, headers=headers).json()["data"]

    def entities(page):
        query = {"viewUri": "urn:be:com.qad.base.coa.ICostCenter", "page": page, "pageSize": 2}
        answer = qad.call("GET", "api/erp/costCenters", params=query, headers=headers)
        return answer.json()["data"]["costCenters"]

    qad.tell("settings", {"browse_strict_action": True})
    for ask in (browse, entities):
        first, second = ask(1), ask(2)
        assert first != second
        qad.fault(path="page=2", kind="repeat_page")
        assert ask(2) == first
        assert ask(2) == second


def test_pages_of_anaplan_shift_by_their_limit(anna):
    names = [row["name"] for row in anna.model("GET", "/imports?limit=9").json()["imports"]]
    anna.tell("faults", {"path": "/imports", "kind": "shift_rows"})
    page = anna.model("GET", "/imports?limit=2&offset=2").json()
    assert [row["name"] for row in page["imports"]] == names[1:3]
    assert page["meta"]["paging"]["offset"] == 2
    anna.tell("faults", {"path": "/imports", "kind": "repeat_page"})
    page = anna.model("GET", "/imports?limit=2&offset=2").json()
    assert [row["name"] for row in page["imports"]] == names[:2]


def test_a_chunk_of_anaplan_is_repeated(anna):
    path = f"/files/{ACTUALS_FILE}"
    anna.model("POST", path, json={"chunkCount": 2})
    for number in (0, 1):
        anna.model("PUT", f"{path}/chunks/{number}", data=f"part {number}\n".encode())
    anna.tell("faults", {"path": "/chunks/", "kind": "repeat_page", "times": -1})
    chunks = [anna.model("GET", f"{path}/chunks/{number}").text for number in (0, 1)]
    assert chunks == ["part 0\n", "part 0\n"]


def test_a_page_that_has_no_other_stays_as_it_is(anna):
    names = anna.model("GET", "/imports").json()["imports"]
    anna.tell("faults", {"path": "/imports", "kind": "repeat_page"})
    assert anna.model("GET", "/imports").json()["imports"] == names


def test_tokens_of_qad_end_on_the_way(qad):
    token = qad.sign_in()
    qad.fault(path="/api/", kind="token_revoked", after=1)
    assert [qad.get(PERIODS).status_code for _ in range(3)] == [200, 401, 401]
    refresh = {"grant_type": "refresh_token", "client_id": "ml-connector"}
    answer = qad.ask_token(**refresh, refresh_token=token["refresh_token"])
    assert answer.status_code == 200
    token = answer.json()
    qad.use(token["access_token"])
    qad.fault(path="/api/", kind="token_revoked", refresh=True)
    assert qad.get(PERIODS).status_code == 401
    assert qad.ask_token(**refresh, refresh_token=token["refresh_token"]).status_code == 400


def test_tokens_of_anaplan_end_on_the_way(anna):
    anna.tell("faults", {"path": "/2/0/", "kind": "token_revoked", "after": 1})
    assert [anna.call("GET", "/users/me").status_code for _ in range(3)] == [200, 401, 401]
    again = Client(anna.origin, ("anna@lamps.example", "pass:wörd"))
    assert again.call("GET", "/users/me").status_code == 200
    again.http.close()


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, {"code": 404, "message": {"text": "Not Found"}}),
        ({"as": "list"}, {"code": 404, "message": ["Not Found"]}),
        ({"as": "null"}, {"code": 404, "message": None}),
        ({"as": "missing"}, {"code": 404}),
        ({"text": "Nicht gefunden"}, {"code": 404, "message": "Nicht gefunden"}),
        ({"names": ["code"]}, {"code": 404, "message": "Not Found"}),
    ],
)
def test_messages_take_another_form(anna, form, status):
    anna.tell("faults", {"path": "/2/0/", "kind": "message_form"} | form)
    assert anna.call("GET", "/nothing").json()["status"] == status


def test_errors_of_qad_take_another_form(qad):
    plain = qad.call("GET", "api/nothing").json()
    qad.fault(path="/api/", kind="message_form")
    assert qad.call("GET", "api/nothing").json() == {"errors": [{"text": plain["errors"][0]}]}
