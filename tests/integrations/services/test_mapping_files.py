"""Mapping files: read as documented, refused with the line."""

from decimal import Decimal

import pytest

from accounts.errors import Refused
from integrations.pipeline.rules import Rule
from integrations.services.mapping_files import read_mapping_file

DATED = "dimension,code,member,weight,valid_from\n"


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "mapping.csv"
        path.write_bytes(text.encode())
        return path

    return make


def test_rules_columns_and_actions_are_told_apart(write):
    found = read_mapping_file(
        write(
            "dimension,code,member\r\n"
            "gl_account,0100,A_0100\r\n"
            'cost_center,,"CC, none"\r\n'
            "column,Monat,period\r\n"
            "column,Version,=Actual\r\n"
            "action,import,Actuals from QAD\r\n"
        )
    )
    assert found.rules == [
        Rule("gl_account", "0100", "A_0100"),
        Rule("cost_center", "", "CC, none"),
    ]
    assert found.bindings == {"Monat": "period", "Version": "=Actual"}
    assert found.actions == {"import": "Actuals from QAD"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dimension;code;member\n", "Line 1 .*header"),
        ("dimension,code,member\nentity,1\n", "Line 2 .*2 columns"),
        ("dimension,code,member\ncolour,1,x\n", "Line 2 .*no dimension 'colour'"),
        ("dimension,code,member\nentity,1,a\nentity,1,b\n", "Line 3 .*“a” and to “b”"),
        ("dimension,code,member,colour\n", "Line 1 .*no column 'colour'; behind .* weight"),
        ("dimension,code,member,weight,weight\n", "Line 1 .*weight stands twice"),
        (f"{DATED}cost_center,1,a,0.6,\ncost_center,1,b,0.3,\n", "Line 3 .*up to 0.9, not to 1"),
        (f"{DATED}cost_center,1,a,60%,\n", "Line 2 .*'60%' is no number; write 60% as 0.6"),
        (f"{DATED}cost_center,1,a,,7/26\n", "Line 2 .*'7/26' is no period; .* such as 202607"),
        (f"{DATED}period,1,a,0.6,\nperiod,1,b,0.4,\n", "Line 2 .*period can't be split, only gl_a"),
    ],
)
def test_a_bad_line_is_named(write, text, words):
    with pytest.raises(Refused, match=words):
        read_mapping_file(write(text))


def test_a_byte_order_mark_is_no_part_of_the_header(write):
    path = write("dimension,code,member\nentity,1,a\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_mapping_file(path).rules == [Rule("entity", "1", "a")]


def test_further_columns_stand_in_any_order(write):
    found = read_mapping_file(
        write(
            "dimension,code,member,weight,valid_to,kind,code_to,domain,valid_from\n"
            "cost_center,100,CC_100,,202606,,,,\n"
            "cost_center,100,CC_A,0.6,,exact,,,202607\n"
            "cost_center,100,CC_B,0.4,,,,,202607\n"
            "gl_account,6000,A_WAGES,,,range,6999,10USA,\n"
            "gl_account,7,A_OTHER,1,,prefix,,,\n"
            "gl_account,,A_REST,,,default,,,\n"
            "action,import,Actuals,,,,,,\n"
        )
    )
    assert found.actions == {"import": "Actuals"}
    assert found.rules == [
        Rule("cost_center", "100", "CC_100", valid_to=202606),
        Rule("cost_center", "100", "CC_A", weight=Decimal("0.6"), valid_from=202607),
        Rule("cost_center", "100", "CC_B", weight=Decimal("0.4"), valid_from=202607),
        Rule("gl_account", "6000", "A_WAGES", "range", "6999", "10USA"),
        Rule("gl_account", "7", "A_OTHER", "prefix"),
        Rule("gl_account", "", "A_REST", "default"),
    ]
