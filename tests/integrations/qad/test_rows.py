"""Rows from page bodies: every digit kept, every odd shape named."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.qad.profile import Profile, default_profile
from integrations.qad.rows import RowReader
from integrations.transport.errors import IntegrationError

RECORD = {
    "entityCode": "10USACO",
    "glAccountCode": "06100",
    "subAccountCode": "",
    "costCenterCode": "4100",
    "projectCode": "",
    "yearPeriod": 202611,
    "periodType": "NORMAL",
    "layerCode": "OFFICIAL",
    "layerType": "OFFICIAL",
    "currencyCode": "USD",
    "baseCurrencyCode": "USD",
    "debitBC": "@1",
    "creditBC": "@2",
    "netBC": "@3",
    "unknownToUs": {"deep": [1, 2.5, None]},
}
AMOUNTS = ("12500.00", "250.00", "12250.00")


def record(amounts=AMOUNTS, drop=(), **changes) -> str:
    made = {name: value for name, value in {**RECORD, **changes}.items() if name not in drop}
    text = json.dumps(made)
    for number, amount in enumerate(amounts, 1):
        text = text.replace(f'"@{number}"', amount)
    return text


def body(*records: str, **more) -> bytes:
    tail = "".join(f',"{name}":{json.dumps(value)}' for name, value in more.items())
    return f'{{"data":[{",".join(records)}]{tail}}}'.encode()


def reader(document="gl_balance", fields=None, **changes) -> RowReader:
    data = default_profile()
    data["documents"][document] |= changes
    return RowReader(Profile.parse(data), document, fields)


def error_of(work) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value


@pytest.fixture(scope="module")
def balances() -> RowReader:
    return reader()


def digits(row, *names):
    """The amounts of a row as text."""
    return tuple(bytes(getattr(row, name)).decode() for name in names or ("debit", "credit", "net"))


def test_a_row_has_canonical_names_and_its_own_digits(balances):
    reading = balances.read(body(record(), page=1, pageSize=500, totalCount="7"))
    row = reading.rows[0]
    assert (row.entity, row.gl_account, row.cost_center, row.sub_account) == (
        "10USACO",
        "06100",
        "4100",
        "",
    )
    assert (row.year_period, *digits(row)) == (202611, *AMOUNTS)
    assert (reading.total, reading.page_size) == (7, 500)
    assert not hasattr(row, "unknownToUs")


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "-0",
        "0.00",
        "-0.01",
        "1E5",
        "1.5e-7",
        "12345678901234567890123456789.99",
        "1234567890123456789012345678901234",
    ],
)
def test_an_amount_of_any_length_or_form_stays_character_equal(balances, amount):
    row = balances.rows(body(record((amount, "1.0", "2"))))[0]
    assert digits(row) == (amount, "1.0", "2")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4), min_size=1, max_size=8)
)
def test_any_decimal_comes_through_exactly(amounts):
    texts = [f"{amount:f}" for amount in amounts]
    rows = reader(fields=["net"]).rows(body(*(record(("1", "2", text)) for text in texts)))
    assert [digits(row, "net") for row in rows] == [(text,) for text in texts]
    assert [Decimal(*digits(row, "net")) for row in rows] == amounts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"12.50"', "the text “12.50”"),
        ('"1.234,50"', "1.234,50"),
        ("null", "null"),
        ("true", "True"),
        ("{}", "object"),
    ],
)
def test_an_amount_that_is_no_number_is_named_with_row_and_field(balances, value, shown):
    error = error_of(lambda: balances.rows(body(record(), record((value, "1", "2"))), page=4))
    assert error.code == "qad_amount_is_text"
    assert shown in error.message
    assert {"row": 2, "page": 4, "wire": "debitBC", "field": "debit"}.items() <= error.facts.items()


def test_quoted_amounts_are_taken_where_the_profile_says_so():
    texts = reader(amounts_as_text=True)
    rows = texts.rows(body(record(('"12.50"', '" -3 "', "7.10"))))
    assert digits(rows[0]) == ("12.50", "-3", "7.10")
    for bad in ('"1.234,50"', '""', '"abc"', '"1 000"', "null", '"\\"5\\""'):
        assert error_of(lambda bad=bad: texts.rows(body(record((bad, "1", "2"))))).code == (
            "qad_amount_is_text"
        )


@pytest.mark.parametrize(
    "changes", [{"drop": ["glAccountCode"]}, {"glAccountCode": None}, {"glAccountCode": ""}]
)
def test_a_row_without_key_is_named_by_its_row(balances, changes):
    drop = changes.pop("drop", ())
    bad = record(drop=drop, **changes)
    error = error_of(lambda: balances.rows(body(record(), record(), bad), page=2))
    assert error.code == "qad_row_without_key"
    assert (error.facts["row"], error.facts["page"], error.facts["field"]) == (3, 2, "gl_account")
    changes["drop"] = drop


def test_a_field_that_no_row_has_is_missing_from_the_instance(balances):
    bad = record(drop=["netBC"], netBaseCurrency=1.5)
    error = error_of(lambda: balances.rows(body(bad, bad)))
    assert error.code == "qad_field_missing"
    assert error.facts["wire"] == "netBC"
    assert "netBaseCurrency" in error.message


def test_optional_text_that_is_null_or_absent_is_empty(balances):
    rows = balances.rows(
        body(record(costCenterCode=None), record(drop=["projectCode"], subAccountCode=None))
    )
    assert [(r.cost_center, r.sub_account, r.project) for r in rows] == [
        ("", "", ""),
        ("4100", "", ""),
    ]
    assert balances.rows(body(record()))[0].cost_center == "4100"


@pytest.mark.parametrize("value", [6100, [], {}, True])
def test_a_code_that_is_no_text_is_named(balances, value):
    error = error_of(lambda: balances.rows(body(record(glAccountCode=value)), page=3))
    assert error.code == "qad_value_unreadable"
    assert error.facts["page"] == 3


def test_a_period_given_as_text_is_read(balances):
    assert balances.rows(body(record(yearPeriod="202611")))[0].year_period == 202611


@pytest.mark.parametrize("cut", [1, 40, 200, -1, -2])
def test_a_cut_page_is_named(balances, cut):
    whole = body(record(), record(), totalCount=2)
    assert error_of(lambda: balances.rows(whole[:cut], page=9)).code == "qad_truncated_json"


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[]",
        b'"x"',
        b"7",
        b'{"data":{}}',
        b'{"data":null}',
        b'{"rows":[]}',
        b'{"errors":["x"]}',
    ],
)
def test_an_answer_without_a_list_is_named(balances, answer):
    assert error_of(lambda: balances.rows(answer)).code == "qad_unexpected_shape"


@pytest.mark.parametrize(
    "rows", [b'{"data":[null]}', b'{"data":[1]}', b'{"data":[[]]}', b'{"data":["x"]}']
)
def test_rows_that_are_no_objects_are_named(balances, rows):
    assert error_of(lambda: balances.rows(rows)).code.startswith("qad_")


def test_deep_json_is_refused_and_not_followed(balances):
    deep = b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert error_of(lambda: balances.rows(deep)).code in {
        "qad_truncated_json",
        "qad_unexpected_shape",
        "qad_value_unreadable",
    }


def test_an_empty_list_has_no_rows(balances):
    assert balances.rows(b'{"data":[]}') == []


def test_rows_may_stand_deeper_or_at_the_top():
    inside = reader("gl_account", style="entity", plural="glAccounts", entity_uri="urn:be:x")
    answer = b'{"data":{"glAccounts":[{"glAccountCode":"1","glTypeCode":"S"}]}}'
    assert inside.rows(answer)[0].code == "1"
    assert error_of(lambda: inside.rows(b'{"data":[]}')).code == "qad_unexpected_shape"
    top = reader("gl_account", rows_at="")
    assert top.rows(b'[{"glAccountCode":"1","glTypeCode":"S"}]')[0].code == "1"


def test_a_browses_dotted_names_are_taken_whole():
    browse = reader(
        "gl_account",
        style="browse",
        browse_id="urn:browse:mfg:gl001",
        map={"code": "ac_mstr.ac_code", "gl_type": "ac_mstr.ac_type"},
        key=["code"],
    )
    answer = b'{"data":[{"ac_mstr.ac_code":"1","ac_mstr.ac_type":"S","oid_x":5}]}'
    assert browse.rows(answer)[0].code == "1"


NESTED = {
    "map": {
        "entity": "header.entityCode",
        "gl_account": "line.account.code",
        "cost_center": "line.costCenter",
        "year_period": "yearPeriod",
        "debit": "amounts.debit",
        "net": "amounts.net",
    },
    "key": ["entity", "gl_account", "year_period"],
    "sort": [],
    "required": ["entity", "gl_account", "year_period"],
    "static_filters": [],
}


def nested(debit="1234567890123456789012.10", net="7", account='"06100"') -> str:
    return (
        f'{{"header":{{"entityCode":"E"}},"line":{{"account":{{"code":{account}}},"costCenter":null}},'
        f'"yearPeriod":"202611","amounts":{{"debit":{debit},"net":{net}}}}}'
    )


def test_dotted_names_are_followed_as_paths_where_the_instance_nests():
    made = reader(**NESTED)
    reading = made.read(body(nested(), nested(), totalCount=2))
    row = reading.rows[1]
    assert (row.entity, row.gl_account, row.cost_center, row.year_period) == (
        "E",
        "06100",
        "",
        202611,
    )
    assert (*digits(row, "debit", "net"), reading.total) == ("1234567890123456789012.10", "7", 2)
    whole = json.dumps(dict.fromkeys(NESTED["map"].values(), "E")).replace('"E"', "202611")
    assert error_of(lambda: reader(**NESTED).rows(body(whole))).code == "qad_value_unreadable"


def test_nested_faults_have_the_same_names():
    made = reader(**NESTED)
    assert error_of(lambda: made.rows(body(nested(debit='"1"')))).code == "qad_amount_is_text"
    assert error_of(lambda: made.rows(body(nested(), nested(account="null")))).code == (
        "qad_row_without_key"
    )
    assert error_of(lambda: made.rows(body(nested(account="{}")))).code == "qad_value_unreadable"
    assert error_of(lambda: made.rows(body(nested())[:-5])).code == "qad_truncated_json"


def test_only_chosen_fields_and_the_key_are_read():
    row = reader(fields=["net"]).rows(body(record()))[0]
    assert digits(row, "net") == ("12250.00",)
    assert row.gl_account == "06100"
    assert not hasattr(row, "debit")
    assert error_of(lambda: reader(fields=["supplier"])).code == "profile_invalid"


def test_dates_are_cut_and_values_are_mapped():
    periods = reader("gl_period", value_map={"status": {"Periodfrozen": "FROZEN"}})
    made = (
        b'{"data":[{"entityCode":"E","yearPeriod":202611,"startDate":"2026-11-01T00:00:00.000Z",'
        b'"endDate":null,"periodType":"NORMAL","status":"Periodfrozen"}]}'
    )
    row = periods.rows(made)[0]
    assert (row.start_date, row.end_date, row.status) == ("2026-11-01", "", "FROZEN")


def test_a_key_is_text_that_tells_rows_apart(balances):
    odd = record(glAccountCode="A/B", costCenterCode="C~/")
    keys = balances.keys(balances.rows(body(record(), odd)))
    assert keys == [
        "10USACO/06100//4100//202611/OFFICIAL/USD",
        "10USACO/A~1B//C~0~1//202611/OFFICIAL/USD",
    ]
    one = reader("gl_account", key=["code"])
    assert one.keys(one.rows(b'{"data":[{"glAccountCode":"a/b","glTypeCode":"S"}]}')) == ["a~1b"]


def outcome(made: RowReader, answer: bytes) -> str:
    try:
        return f"rows {len(made.rows(answer))}"
    except IntegrationError as error:
        return error.code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_rows_or_a_named_error(noise):
    made = reader()
    for answer in (noise, b'{"data":[' + noise + b"]}"):
        assert outcome(made, answer).startswith(("rows", "qad_"))
