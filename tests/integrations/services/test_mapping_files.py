"""Mapping files: read as documented, refused with the line."""

import pytest

from accounts.errors import Refused
from integrations.services.mapping_files import read_mapping_file


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
    assert found.rules == {
        ("gl_account", "0100"): "A_0100",
        ("cost_center", ""): "CC, none",
    }
    assert found.bindings == {"Monat": "period", "Version": "=Actual"}
    assert found.actions == {"import": "Actuals from QAD"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dimension;code;member\n", "Line 1 .*header"),
        ("dimension,code,member\nentity,1\n", "Line 2 .*2 columns"),
        ("dimension,code,member\ncolour,1,x\n", "Line 2 .*no dimension 'colour'"),
        ("dimension,code,member\nentity,1,a\nentity,1,b\n", "Line 3 .*stands twice"),
    ],
)
def test_a_bad_line_is_named(write, text, words):
    with pytest.raises(Refused, match=words):
        read_mapping_file(write(text))


def test_a_byte_order_mark_is_no_part_of_the_header(write):
    path = write("dimension,code,member\nentity,1,a\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_mapping_file(path).rules == {("entity", "1"): "a"}
