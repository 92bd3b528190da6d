"""Reading a QAD over real HTTP: rows arrive once and in order, and every fault has a name."""

import pytest

from integrations.qad.types import Filter, Workspace
from integrations.transport.errors import IntegrationError
from integrations.transport.tokens import MemoryTokenStore
from simulators import server
from simulators.qad.app import build_app
from tests.integrations.qad.conftest import (
    ACCOUNTS,
    HOME,
    LOGIN,
    NOVEMBER,
    make_client,
    profile,
)


def november(client, **options):
    return list(client.iter_pages("gl_balance", workspace=HOME, filters=[NOVEMBER], **options))


def error_of(work) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value


def test_a_unit_arrives_whole_once_and_in_order(client):
    pages = november(client)
    rows = [row for page in pages for row in page.items]
    assert [page.number for page in pages] == [1, 2, 3, 4, 5]
    assert [page.rows for page in pages] == [5, 5, 5, 5, 3]
    assert {page.total for page in pages} == {ACCOUNTS}
    assert [row.gl_account for row in rows] == [f"{6000 + n:05d}" for n in range(ACCOUNTS)]
    assert client.reader("gl_balance").rows(pages[0].body) == list(pages[0].items)


def test_amounts_are_qads_own_digits(client):
    last = november(client)[-1].items[-1]
    assert bytes(last.debit) == b"12345678901234567890123456.78"
    assert bytes(last.credit) == b"-0.50"
    assert bytes(last.net) == b"12345678901234567890123457.28"
    assert last.cost_center == "A/B~1"


def test_a_page_body_is_kept_as_it_came(client):
    body = november(client)[0].body
    assert body.startswith(b'{"data":[{')
    assert b'"totalCount":23' in body


def test_reading_goes_on_from_a_later_page(client):
    assert [page.number for page in november(client, first_page=4)] == [4, 5]
    assert [page.rows for page in november(client, first_page=6)] == [0]


def test_calls_say_paging_filters_and_order(client, qad):
    november(client)
    asked = sorted(qad.calls("GLBalances"), key=lambda call: call["query"])
    first, second = asked[:2]
    assert "page=1&pageSize=5&pageAction=first" in first["query"]
    assert "page=2&pageSize=5&pageAction=next" in second["query"]
    assert "filter=layerType,eq,OFFICIAL,literal" in first["query"]
    assert "filter=yearPeriod,eq,202611,literal" in first["query"]
    assert "sort=glAccountCode,asc" in first["query"]


def test_pages_are_fetched_ahead_as_far_as_the_profile_lets_calls_be_under_way(qad):
    qad.settings(page_seconds=0.05)
    made = profile(limits__concurrency=3, paging__size=1)
    assert len(november(make_client(qad.url, made))) == ACCOUNTS
    assert qad.count("max_parallel") == 3


def test_a_short_page_ends_the_list_without_a_total(qad):
    qad.settings(total_count=False)
    pages = november(make_client(qad.url, profile(limits__concurrency=1)))
    assert [page.rows for page in pages] == [5, 5, 5, 5, 3]
    assert pages[0].total is None
    assert qad.count("pages_GLBalances") <= 7


def test_a_list_that_fills_its_last_page_ends_with_an_empty_one(qad):
    qad.settings(total_count=False)
    made = profile(paging__size=ACCOUNTS)
    assert [page.rows for page in november(make_client(qad.url, made))] == [ACCOUNTS]


def test_pages_smaller_than_asked_are_not_taken_for_the_end(qad):
    qad.settings(largest_page_size=4)
    pages = november(make_client(qad.url))
    assert sum(page.rows for page in pages) == ACCOUNTS


@pytest.mark.parametrize("stop", ["empty_page", "total_count"])
def test_other_stop_rules_read_all(qad, stop):
    made = profile(paging__stop=stop)
    assert sum(page.rows for page in november(make_client(qad.url, made))) == ACCOUNTS


def test_a_total_that_is_off_is_passed_on_and_never_a_proof(qad, client):
    qad.fault("total_off", by=-20)
    pages = november(client)
    assert sum(page.rows for page in pages) == ACCOUNTS
    assert pages[0].total == 3


def test_nothing_is_read_where_nothing_is(client):
    pages = list(
        client.iter_pages(
            "gl_balance", workspace=HOME, filters=[Filter("year_period", "eq", "209901")]
        )
    )
    assert [(page.number, page.rows, page.total) for page in pages] == [(1, 0, 0)]


def test_reference_documents_are_read_whole(client):
    accounts = client.read_all("gl_account", workspace=HOME)
    assert len(accounts) == ACCOUNTS + 1
    assert [a.code for a in accounts if a.gl_type == "STATISTICAL"] == ["9000"]
    assert accounts[0].is_balance_sheet is False
    periods = client.read_all("gl_period", workspace=HOME)
    assert [(p.year_period, p.start_date, p.status) for p in periods] == [
        (202610, "2026-10-01", "FROZEN"),
        (202611, "2026-11-01", "OPEN"),
    ]
    assert [c.is_active for c in client.read_all("cost_center", workspace=HOME)] == [True, False]


def test_workspaces_are_listed_without_one(client):
    found = client.workspaces()
    assert found == [Workspace("10USA", "10USACO"), Workspace("20EUR", "20EURCO")]
    assert [w.base_currency for w in found] == ["USD", "EUR"]


def test_a_ping_asks_for_one_row(client, qad):
    ping = client.ping()
    assert (ping.document, ping.rows) == ("entity", 1)
    assert qad.count("requests") == 2


@pytest.mark.parametrize("entity", ["US\r\nX-Other: 1", "Łódź", ""])
def test_an_entity_that_no_header_can_carry_is_named_and_not_sent(client, qad, entity):
    found = Workspace(" US" if not entity else "10USA", entity)
    error = error_of(lambda: client.probe("gl_account", found))
    assert (error.code, error.facts["path"]) == ("profile_invalid", "workspace.format")
    assert qad.calls("GLAccounts") == []


def test_basic_sign_in_reads_too(qad):
    made = profile(auth__mode="basic")
    assert make_client(qad.url, made).ping().rows == 1
    assert qad.count("tokens") == 0


def test_a_pasted_token_reads_too(qad):
    store = MemoryTokenStore()
    make_client(qad.url, store=store).ping()
    pasted = profile(auth__mode="bearer_static")
    credentials = {"token": store.read().value}
    assert make_client(qad.url, pasted, credentials=credentials).ping().rows == 1


def test_one_token_serves_all_pages(client, qad):
    november(client)
    client.ping()
    assert qad.count("tokens") == 1


@pytest.mark.parametrize("manner", ["401", "redirect", "login_page"])
def test_a_sign_in_lost_in_mid_run_is_renewed_once_and_the_run_goes_on(qad, client, manner):
    qad.settings(signed_out=manner)
    pages = client.iter_pages("gl_balance", workspace=HOME, filters=[NOVEMBER])
    found = [next(pages).rows]
    qad.look("tokens/revoke", {}, "POST")
    found += [page.rows for page in pages]
    assert sum(found) == ACCOUNTS
    assert qad.count("tokens") == 2


@pytest.mark.parametrize(
    ("manner", "code"),
    [
        ("401", "qad_unauthorized"),
        ("redirect", "qad_not_logged_in"),
        ("login_page", "qad_not_logged_in"),
    ],
)
def test_a_sign_in_that_never_holds_is_tried_twice_and_named(qad, monkeypatch, manner, code):
    qad.settings(signed_out=manner)
    client = make_client(qad.url)
    monkeypatch.setattr(client._tokens, "refresh", lambda _bad: "also-bad")
    monkeypatch.setattr(client._tokens, "get", lambda: "bad")
    assert error_of(client.ping).code == code
    assert len(qad.calls("Entities")) == 2


@pytest.mark.parametrize("wrong", ["user", "password", "client_id"])
def test_a_wrong_secret_is_named_and_tried_once(qad, wrong):
    client = make_client(qad.url, credentials={**LOGIN, wrong: "Canary & odd #"})
    errors = [error_of(client.ping) for _ in range(3)]
    assert {error.code for error in errors} == {"qad_unauthorized"}
    assert "Canary" not in repr(errors) + "".join(error.detail for error in errors)
    assert qad.count("tokens_refused") == 1


def test_a_wrong_basic_password_is_named(qad):
    client = make_client(
        qad.url, profile(auth__mode="basic"), credentials={**LOGIN, "password": "x"}
    )
    assert error_of(client.ping).code == "qad_unauthorized"


@pytest.mark.parametrize("mode", ["oauth2_password", "basic"])
@pytest.mark.parametrize("root", ["", "/qad-central", "/clouderp/test"])
def test_a_wrong_context_root_is_named(qad, mode, root):
    client = make_client(qad.running.origin + root, profile(auth__mode=mode))
    error = error_of(client.ping)
    assert error.code == "qad_wrong_base"
    assert "/clouderp" in error.fix


@pytest.mark.parametrize("mode", ["oauth2_password", "basic"])
def test_a_wrong_path_under_a_right_url_is_named(qad, mode):
    made = profile(auth__mode=mode)
    made.documents["entity"] = profile().documents["gl_account"]
    bad = type(made.documents["entity"])(
        path="api/bdoc/qad/no/Such", scope="instance", key=("code",), map={"code": "code"}
    )
    made.documents["entity"] = bad
    error = error_of(make_client(qad.url, made).ping)
    assert error.code == "qad_path_not_found"
    assert "api/bdoc/qad/no/Such" in error.message


def test_an_unknown_entity_is_named(client):
    error = error_of(lambda: client.read_all("gl_period", workspace=Workspace("10USA", "NOPE")))
    assert error.code == "qad_unknown_workspace"
    assert "10USA_NOPE" in error.message
    assert "demo" in error.message


def test_a_qad_that_is_off_is_named(books):
    with server.start(build_app(books)) as running:
        url = running.url
    assert error_of(make_client(url).ping).code == "unreachable_refused"


FAULTS = [
    ("html", {}, "qad_not_json"),
    (
        "html",
        {"body": "<html><form><input type='password'>Login</form></html>"},
        "qad_not_logged_in",
    ),
    ("status", {"status": 200, "body": ""}, "qad_not_json"),
    ("truncate", {}, "qad_truncated_json"),
    ("truncate", {"length": "whole"}, "connection_lost"),
    ("reset", {}, "connection_lost"),
    ("drop", {}, "connection_lost"),
    ("slow", {"seconds": 4}, "answer_timeout"),
    ("status", {"status": 400}, "qad_bad_request"),
    ("status", {"status": 403}, "qad_forbidden"),
    ("status", {"status": 405}, "qad_not_readable"),
    ("status", {"status": 500}, "qad_error"),
    ("status", {"status": 502}, "qad_error"),
    ("status", {"status": 429, "headers": {"Retry-After": "30"}}, "qad_busy"),
    ("status", {"status": 503, "headers": {"Retry-After": "30"}}, "qad_busy"),
    ("status", {"status": 200, "body": {"rows": []}}, "qad_unexpected_shape"),
    ("status", {"status": 200, "body": []}, "qad_unexpected_shape"),
    (
        "status",
        {"status": 302, "headers": {"Location": "https://elsewhere.example.com/x"}},
        "redirect_refused",
    ),
    ("row_without_key", {}, "qad_row_without_key"),
    ("row_without_key", {"as": "null", "row": 2}, "qad_row_without_key"),
    ("amount_text", {}, "qad_amount_is_text"),
    ("rename_field", {"field": "glAccountCode"}, "qad_field_missing"),
    ("rename_field", {"field": "netBC", "to": "netBaseCurrency"}, "qad_field_missing"),
    ("repeat_page", {"after": 1}, "qad_paging_ignored"),
]


@pytest.mark.parametrize(("kind", "params", "code"), FAULTS)
def test_each_fault_has_its_name(qad, kind, params, code):
    qad.fault(kind, **params)
    made = profile(limits__read_s=1)
    error = error_of(lambda: november(make_client(qad.url, made)))
    assert error.code == code
    assert "?" not in error.message
    if error.kind == "transient" and code in {"qad_busy", "qad_error"}:
        assert error.retry_after > 0


def test_a_passing_fault_is_passed_over(qad, client):
    qad.look("faults", [{"path": "GLBalances", "kind": "status", "status": 503, "times": 2}])
    qad.look("faults", [{"path": "GLBalances", "kind": "reset", "after": 4, "times": 1}])
    assert sum(page.rows for page in november(client)) == ACCOUNTS


def test_a_renamed_field_is_named_with_the_closest_names(qad, client):
    qad.fault("rename_field", field="costCenterCode", to="costCentreCode")
    assert {row.cost_center for row in november(client)[0].items} == {""}
    qad.look("faults", None, "DELETE")
    qad.fault("rename_field", field="glAccountCode", to="glAccountCodeV2")
    error = error_of(lambda: november(client))
    assert error.facts["found"].startswith("glAccountCodeV2")
    assert error.facts["field"] == "gl_account"


def test_a_filter_that_is_not_heeded_is_named(qad):
    made = profile(filter__param="condition")
    error = error_of(
        lambda: list(
            make_client(qad.url, made).iter_pages("gl_period", workspace=HOME, filters=[NOVEMBER])
        )
    )
    assert error.code == "qad_filter_ignored"
    assert "202610" in error.message


def test_a_workspace_that_is_not_heeded_is_named(qad):
    made = profile(workspace__header="x-other-header")
    error = error_of(
        lambda: make_client(qad.url, made).read_all(
            "gl_period", workspace=Workspace("20EUR", "20EURCO")
        )
    )
    assert error.code == "qad_filter_ignored"


def test_a_filter_value_that_qads_grammar_cannot_hold_is_refused_before_a_call(qad, client):
    error = error_of(
        lambda: client.iter_pages(
            "gl_balance", workspace=HOME, filters=[Filter("gl_account", "eq", "1,2")]
        )
    )
    assert error.code == "profile_invalid"
    assert qad.count("requests") == 0


def test_an_unmapped_filter_and_a_document_switched_off_are_named(client):
    unmapped = Filter("supplier", "eq", "1")
    for work in (
        lambda: client.iter_pages("gl_balance", workspace=HOME, filters=[unmapped]),
        lambda: client.iter_pages("no_such", workspace=HOME),
    ):
        assert error_of(work).code == "profile_invalid"


def test_leaving_early_stops_the_look_ahead(qad):
    made = profile(paging__size=1, limits__concurrency=2)
    pages = make_client(qad.url, made).iter_pages("gl_balance", workspace=HOME, filters=[NOVEMBER])
    next(pages)
    next(pages)
    pages.close()
    assert qad.count("pages_GLBalances") < 10


def test_no_secret_stands_in_any_url(client, qad):
    november(client)
    for call in qad.calls(".*"):
        assert "demo" not in call["query"]
        assert "password" not in call["query"]
