"""The file's columns: bound by name, written and read back without loss."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.pipeline.frames import Frame
from integrations.pipeline.layout import Layout, LineParser, default_bindings
from integrations.pipeline.streams import GL_BALANCES
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import HEADERS, WITH_QUANTITY, layout, quick

KEY = "E_1,A_6100,CC_1,Nov 26,USD"


def refusal(*args, **kwargs):
    """The code with which a layout is refused."""
    with pytest.raises(IntegrationError) as caught:
        layout(*args, **kwargs)
    return caught.value


def test_known_words_bind_themselves():
    headers = ["Company", "GL Account Code", "Cost Centre", "Month", "Currencies", "Amount"]
    assert default_bindings(headers) == {
        "Company": "entity",
        "GL Account Code": "gl_account",
        "Cost Centre": "cost_center",
        "Month": "period",
        "Currencies": "currency",
        "Amount": "net",
    }


def test_two_headers_for_one_field_bind_neither():
    assert default_bindings(["Account", "GL Account", "Version"]) == {}


def test_a_line_is_key_and_amounts():
    form = layout()
    assert (
        form.header_line() == "Entity,Account,Cost Center,Time,Currency,Debit,Credit,Net,Quantity"
    )
    assert form.line(KEY, ("1.50", "0", "1.50", "0")) == f"{KEY},1.50,0,1.50,0"
    assert form.dimensions == ("entity", "gl_account", "cost_center", "period", "currency")
    assert form.measures == ("debit", "credit", "net", "quantity")
    assert form.members(KEY) == ("E_1", "A_6100", "CC_1", "Nov 26", "USD")


def test_permuted_headers_with_constants():
    headers = ["Net", "Time", "Version", "Account", "Entity", "Cost Center"]
    form = layout(headers, {"Version": "=Actual, final"})
    assert form.dimensions == ("period", "gl_account", "entity", "cost_center")
    key = form.key({"period": "Nov 26", "gl_account": "A,1", "entity": "E_1", "cost_center": ""})
    assert key == 'Nov 26,"A,1",E_1,'
    assert form.line(key, ("-3.10",)) == '-3.10,Nov 26,"Actual, final","A,1",E_1,'
    assert form.constants == {"Version": "Actual, final"}
    assert form.members(key) == ("Nov 26", "A,1", "E_1", "")


def test_members_are_quoted_only_where_needed():
    form = layout()
    assert form.quote("A 6100") == "A 6100"
    assert form.quote("a,b") == '"a,b"'
    assert form.quote('5" pipe') == '"5"" pipe"'
    assert form.quote(" led") == '" led"'
    assert form.quote("two\nlines") == '"two\nlines"'
    assert layout(separator=";").quote("a,b") == "a,b"
    assert layout(separator="\t").quote("a\tb") == '"a\tb"'


def test_without_a_text_delimiter_a_separator_cannot_be_written():
    form = layout(delimiter="")
    assert form.quote('say "x"') == 'say "x"'
    with pytest.raises(IntegrationError) as caught:
        form.quote("a,b")
    assert caught.value.code == "member_not_writable"


def test_a_control_code_in_a_member_is_refused():
    with pytest.raises(IntegrationError) as caught:
        layout().quote("a\x1eb")
    assert caught.value.code == "member_not_writable"


def test_a_character_that_the_encoding_lacks_is_named():
    form = layout(encoding="ISO-8859-1")
    assert form.quote("Köln") == "Köln"
    with pytest.raises(IntegrationError) as caught:
        form.quote("Kraków €")
    assert caught.value.code == "member_not_encodable"
    assert caught.value.facts["character"] == "€"
    assert "€" in caught.value.message


def test_a_decimal_comma_is_written_and_read_back():
    form = layout(HEADERS, decimal_separator=",")
    line = form.line(KEY, ("1.50", "0", "-1.50"))
    assert line == f'{KEY},"1,50",0,"-1,50"'
    fields = next(csv.reader([line]))
    assert LineParser(form).parse([[field] for field in fields]) == Frame(
        [KEY], [["1.50"], ["0"], ["-1.50"]]
    )
    semicolon = layout(HEADERS, separator=";", decimal_separator=",")
    assert semicolon.line(KEY.replace(",", ";"), ("1.50", "0", "2")).endswith(";1,50;0;2")


def test_a_decimal_comma_needs_another_separator_or_quotes():
    error = refusal(HEADERS, delimiter="", decimal_separator=",")
    assert error.code == "file_format_unsupported"
    assert refusal(HEADERS, decimal_separator="'").code == "file_format_unsupported"


@pytest.mark.parametrize(
    ("headers", "bindings", "code"),
    [
        ((*HEADERS, "Version"), {}, "import_header_unbound"),
        (HEADERS, {"Versoin": "=Actual"}, "import_header_unknown"),
        ((*HEADERS, "Net"), {}, "import_header_repeated"),
        ((*HEADERS, "Version"), {"Version": "version"}, "binding_field_unknown"),
        ((*HEADERS, "Balance "), {"Net": "net", "Balance ": "net"}, "binding_repeated"),
        (("Account", "Time", "Net"), {}, "layout_incomplete"),
        (("Entity", "Account", "Time", "Debit"), {}, "layout_incomplete"),
        (("Entity", "Account", "Time", "Quantity"), {}, "layout_incomplete"),
    ],
)
def test_a_binding_that_does_not_fit_has_a_name(headers, bindings, code):
    assert refusal(headers, bindings).code == code


def test_debit_and_credit_stand_for_net():
    assert layout(("Entity", "Account", "Time", "Debit", "Credit")).measures == ("debit", "credit")


@pytest.mark.parametrize("form", [{"encoding": "EBCDIC"}, {"separator": "ab"}, {"delimiter": "''"}])
def test_an_unknown_file_format_is_refused(form):
    assert refusal(**form).code == "file_format_unsupported"


def test_a_tab_may_be_written_as_a_word():
    assert layout(separator="\\t").separator == "\t"


MEMBERS = st.text(
    st.characters(exclude_characters="\x00\x1c\x1d\x1e\x1f", exclude_categories=("Cs",)),
    max_size=12,
)


@quick
@example(("=HYPERLINK(1)", "+1", "@x", "\tx", "-5"), ",")
@given(st.tuples(*[MEMBERS] * 5), st.sampled_from([",", ";", "\t"]))
def test_any_member_survives_the_key_and_the_line(members, separator):
    form = layout(separator=separator)
    key = form.key(dict(zip(form.dimensions, members, strict=True)))
    assert form.members(key) == members
    line = form.line(key, ("1", "0", "1", "0"))
    fields = next(
        csv.reader(io.StringIO(line + "\n", newline=""), delimiter=separator, strict=True)
    )
    assert tuple(fields) == (*members, "1", "0", "1", "0")
    assert LineParser(form).parse([[field] for field in fields]).keys == [key]


@quick
@given(st.permutations([*WITH_QUANTITY, "Version"]), st.tuples(*[MEMBERS] * 5))
def test_any_order_of_columns_carries_the_same_fields(headers, members):
    bindings = {**default_bindings(headers), "Version": "=Actual"}
    form = Layout.build(headers, bindings, GL_BALANCES)
    names = ("entity", "gl_account", "cost_center", "period", "currency")
    texts = dict(zip(names, members, strict=True))
    amounts = {"debit": "1.5", "credit": "0", "net": "1.5", "quantity": "7"}
    line = form.line(form.key(texts), tuple(amounts[name] for name in form.measures))
    fields = next(csv.reader(io.StringIO(line + "\n", newline="")))
    found = dict(zip(headers, fields, strict=True))
    assert found.pop("Version") == "Actual"
    assert {bindings[header]: text for header, text in found.items()} == texts | amounts
