"""Look-ins of the stand-in QAD: the page for people, settings, balances, recorded calls."""

import pytest

from tests.simulators.qad.conftest import BALANCES, PERIODS

FORM = {
    "entity": "3",
    "year_period": "201105",
    "gl_account": "6000",
    "offset_account": "2310",
    "cost_center": "1",
    "amount": "100.10",
    "description": "From the page",
}


def page(qad, **query):
    answer = qad.http.get(f"{qad.origin}/_sim/", params=query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def test_the_page_shows_the_books_of_an_entity_and_period(qad):
    text = page(qad, entity="8", period="201012")
    assert "Balances of 8 in 201012" in text
    assert '<a href="?entity=8&amp;period=201012" aria-current="page">121</a>' in text
    assert text.count('<tr><th scope="row">1110<small>Cash</small></th>') == 1
    assert '<th scope="row" colspan="3">CAD</th>' in text
    assert '<th scope="row" colspan="3">Quantities</th>' in text


def test_the_page_starts_with_the_last_period_and_reads_nothing_else(qad):
    assert "Balances of 3 in 201106" in page(qad)
    assert "Balances of 3 in 201106" in page(qad, entity="99", period="x")
    assert "pages" not in qad.look("counters")


def test_texts_of_the_books_cannot_break_the_page(serve, write_books):
    entities = "domain,entity,description,base_currency\nD1,E1,<script>x</script>,EUR\n"
    qad = serve(write_books(entities=entities))
    text = page(qad, posted="<b>")
    assert "<script>" not in text
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "Posted as &lt;b&gt;." in text


def test_the_button_posts_a_balanced_journal(qad):
    answer = qad.http.post(f"{qad.origin}/_sim/journal", data=FORM, allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/_sim/?entity=3&period=201105&posted=JE/900000001"
    rows = qad.rows(BALANCES, "yearPeriod,eq,201105", "costCenterCode,eq,1")
    found = {row["glAccountCode"]: row for row in rows}
    assert found["2310"]["creditBC"] == "100.10"
    text = qad.http.get(f"{qad.origin}{answer.headers['Location']}").text
    assert "Posted as JE/900000001." in text


def test_a_negative_amount_changes_the_sides(qad):
    qad.http.post(f"{qad.origin}/_sim/journal", data=FORM | {"amount": "-5"})
    rows = qad.rows(BALANCES, "yearPeriod,eq,201105", "glAccountCode,eq,2310")
    assert {row["debitBC"] for row in rows if row["costCenterCode"] == "1"} == {"5"}


@pytest.mark.parametrize("amount", ["", "0.00", "ten", "1,50"])
def test_a_wrong_amount_is_told_on_the_page(qad, amount):
    answer = qad.http.post(f"{qad.origin}/_sim/journal", data=FORM | {"amount": amount})
    assert f"Not posted: The amount &#x27;{amount}&#x27; is no number other than 0." in answer.text


def test_the_form_opens_a_closed_period_only_when_ticked(qad):
    closed = FORM | {"year_period": "201101"}
    answer = qad.http.post(f"{qad.origin}/_sim/journal", data=closed)
    assert "Not posted: Period 201101 of entity 3 is REPORTED" in answer.text
    answer = qad.http.post(f"{qad.origin}/_sim/journal", data=closed | {"reopen": "yes"})
    assert "Posted as JE/" in answer.text
    assert qad.rows(PERIODS, "yearPeriod,eq,201101")[0]["status"] == "OPEN"


def test_balances_can_be_looked_at(qad):
    found = qad.look("balances", entity="3", year_period="201012")
    assert found["count"] == 121
    assert (found["balances"][0]["debitBC"], found["balances"][0]["costCenterCode"]) == (
        "76978.00",
        "7",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"pages": 1},
        {"page_seconds": "1"},
        {"page_seconds": -1},
        {"largest_page_size": 0},
        {"expires_in": 1},
        {"signed_out": "smile"},
        [],
        "x",
    ],
)
def test_a_wrong_setting_changes_nothing(qad, wrong):
    before = qad.look("settings")
    answer = qad.tell("settings", wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert qad.look("settings") == before


def test_whole_seconds_are_taken(qad):
    assert qad.tell("settings", {"page_seconds": 0}).json()["page_seconds"] == 0


def test_calls_are_counted_and_recorded(qad):
    qad.get(BALANCES, "yearPeriod,eq,201012", page=2, pageSize=5)
    counters = qad.look("counters")
    assert (counters["pages"], counters["pages_GLBalances"]) == (1, 1)
    found = qad.look("requests", path="GLBalances")["requests"]
    assert [(call["method"], call["status"], call["authorization"]) for call in found] == [
        ("GET", 200, "Basic")
    ]
    assert "pageSize=5" in found[0]["query"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "periods", []),
        ("POST", "periods", {"entity": "3", "year_period": {}, "status": "OPEN"}),
        ("DELETE", "balances", None),
        ("GET", "balances?year_period=x", None),
        ("POST", "tokens/revoke", [1]),
        ("POST", "reversals", {"entity": "3", "year_period": [], "daybook": "JE", "voucher": 1}),
        ("POST", "layers", {"entity": "3", "year_period": 201012, "daybook": "JE", "voucher": {}}),
    ],
)
def test_calls_that_cannot_be_read_are_400(qad, method, path, body):
    answer = qad.tell(path, body, method)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_endless_setting_is_refused(qad):
    answer = qad.http.post(f"{qad.origin}/_sim/settings", data='{"idle_minutes": 1e999}')
    assert answer.status_code == 400
    assert qad.look("settings")["idle_minutes"] == 30
