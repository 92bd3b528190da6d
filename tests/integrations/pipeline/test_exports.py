"""Reading back: every row of the export is a cell, whatever form the file has."""

import csv
import io
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.exports import ExportReader
from integrations.pipeline.members import MemberDirectory
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import (
    HEADERS,
    WITH_QUANTITY,
    amounts,
    layout,
    quick,
)

KEY = "E_1,A_6100,CC_1,Nov 26,USD"


@dataclass(frozen=True)
class Definition:
    """An export's definition."""

    headers: tuple[str, ...] = HEADERS
    data_types: tuple[str, ...] = ()
    encoding: str = "UTF-8"
    separator: str = ","
    delimiter: str = '"'


@dataclass(frozen=True)
class Item:
    """A list item."""

    name: str
    code: str = ""


def reader(definition=None, form=None, items=None, used=None, **options):
    """A reader with the lists of the model."""
    directory = MemberDirectory(items or {}, used or {})
    return ExportReader(definition or Definition(), form or layout(HEADERS), directory, **options)


def cells(export, *pieces):
    """The cells of a file: keys and amounts."""
    return [
        (key, values)
        for _, keys, columns in export.read(pieces)
        for key, values in zip(keys, zip(*columns, strict=True), strict=True)
    ]


def refusal(call):
    """The error that a call ends in."""
    with pytest.raises(IntegrationError) as caught:
        call()
    return caught.value


def test_a_row_is_a_cell():
    export = reader()
    text = f"{','.join(HEADERS)}\n{KEY},1.50,0,1.50\n{KEY.replace('CC_1', 'CC_2')},0,2,-2\n"
    assert cells(export, text.encode()) == [
        (KEY, ("1.50", "0", "1.50")),
        (KEY.replace("CC_1", "CC_2"), ("0", "2", "-2")),
    ]
    assert (export.rows, export.skipped, export.unknown) == (2, 0, {})


def test_columns_are_found_by_name_and_not_by_place():
    headers = (
        "Net",
        "Currency",
        "Month",
        "Cost Centre",
        "GL Account",
        "Company",
        "Debit",
        "Credit",
    )
    row = "1.50,USD,Nov 26,CC_1,A_6100,E_1,1.50,0"
    export = reader(Definition(headers))
    assert cells(export, f"{','.join(headers)}\r\n{row}\r\n".encode()) == [
        (KEY, ("1.50", "0", "1.50"))
    ]


def test_names_become_the_codes_that_the_file_uses():
    items = {
        "gl_account": [Item("Travel", "A_6100"), Item("Rent", "A_6200")],
        "entity": [Item("Plant One", "E_1")],
        "cost_center": [Item("CC_1")],
    }
    used = {"gl_account": {"A_6100", "Rent"}, "entity": {"E_1"}, "cost_center": {"CC_1"}}
    export = reader(items=items, used=used)
    text = (
        f"{','.join(HEADERS)}\nPlant One,Travel,CC_1,Nov 26,USD,1,0,1\n"
        "E_1,A_6100,CC_1,Nov 26,USD,2,0,2\nE_1,A_6200,CC_1,Nov 26,USD,3,0,3\n"
    )
    assert [key for key, _ in cells(export, text.encode())] == [
        KEY,
        KEY,
        KEY.replace("A_6100", "Rent"),
    ]
    assert export.unknown == {}


def test_an_unknown_member_is_listed_and_its_cell_stays():
    export = reader(items={"gl_account": [Item("Travel", "A_6100")]})
    text = f"{','.join(HEADERS)}\n{KEY},1,0,1\nE_1,Misc,CC_1,Nov 26,USD,2,0,2\n"
    assert cells(export, text.encode()) == [
        (KEY, ("1", "0", "1")),
        (KEY.replace("A_6100", "Misc"), ("2", "0", "2")),
    ]
    assert export.unknown == {("gl_account", "Misc"): 1}


def test_a_member_that_the_file_could_not_hold_is_listed_too():
    form = layout(HEADERS, encoding="ISO-8859-1")
    export = reader(form=form)
    text = f"{','.join(HEADERS)}\nE_1,A €,CC_1,Nov 26,USD,2,0,2\n"
    assert [key for key, _ in cells(export, text.encode())] == ["E_1,A??,CC_1,Nov 26,USD"]
    assert export.unknown == {("gl_account", "A €"): 1}


def test_only_the_scope_comes_back():
    export = reader(scope={("E_1", "Nov 26"): "one", ("E_1", "Oct 26"): "two"})
    text = f"{','.join(HEADERS)}\n{KEY},1,0,1\n" + f"{KEY.replace('Nov', 'Dec')},1,0,1\n" * 2
    (batch,) = export.read([text.encode()])
    assert batch == (["one"], [KEY], [["1"], ["0"], ["1"]])
    assert (export.rows, export.skipped) == (3, 2)


def test_rows_of_another_version_are_left_out():
    form = layout((*HEADERS, "Version"), {"Version": "=Actual"})
    headers = ("Version", *HEADERS)
    export = reader(Definition(headers), form)
    text = f"{','.join(headers)}\nActual,{KEY},1,0,1\nBudget,{KEY},5,0,5\n"
    assert cells(export, text.encode()) == [(KEY, ("1", "0", "1"))]
    assert export.skipped == 1


def test_bindings_name_what_words_do_not():
    headers = ("Firma", *HEADERS[1:], "Stand")
    export = reader(Definition(headers), bindings={"Firma": "entity", "Stand": "=Ist"})
    text = f"{','.join(headers)}\n{KEY},1,0,1,Ist\n{KEY},7,0,7,Plan\n"
    assert cells(export, text.encode()) == [(KEY, ("1", "0", "1"))]


def test_a_column_of_plain_numbers_may_be_left_out():
    headers = (*HEADERS, "Head count")
    types = ("ENTITY",) * 5 + ("NUMBER",) * 4
    export = reader(Definition(headers, types))
    text = f"{','.join(headers)}\n{KEY},1,0,1,17\n"
    assert cells(export, text.encode()) == [(KEY, ("1", "0", "1"))]


@pytest.mark.parametrize("types", [(), ("ENTITY",) * 9])
def test_a_column_that_may_be_a_dimension_must_be_bound(types):
    error = refusal(lambda: reader(Definition((*HEADERS, "Product"), types)))
    assert (error.code, error.facts) == ("export_header_unbound", {"header": "Product"})


def test_a_missing_column_is_named():
    error = refusal(lambda: reader(Definition(HEADERS[1:])))
    assert (error.code, error.facts) == ("export_incomplete", {"missing": "entity"})


def test_headers_are_those_of_the_file():
    export = reader(Definition(()))
    text = f"{','.join(HEADERS[::-1])}\n1,0,1,USD,Nov 26,CC_1,A_6100,E_1\n"
    assert [key for key, _ in cells(export, text.encode())] == [KEY]
    error = refusal(lambda: cells(reader(), b"A,B\n1,2\n"))
    assert error.code == "export_header_unbound"


def test_a_file_without_rows_has_no_cells_but_a_header():
    assert cells(reader(), ",".join(HEADERS).encode()) == []
    error = refusal(
        lambda: cells(
            reader(),
        )
    )
    assert (error.code, error.facts["reason"]) == ("export_unreadable", "the file is empty")


def test_a_row_that_is_cut_is_an_error():
    text = f"{','.join(HEADERS)}\n{KEY},1,0,1\n\n{KEY},1,0\n"
    error = refusal(lambda: cells(reader(), text.encode()))
    assert error.code == "export_unreadable"
    assert "row 3 has 7 columns instead of 8" in error.message


@pytest.mark.parametrize("raw", [b'"a\n', b"\xff\xfe\xff\n"])
def test_bytes_that_are_no_such_file_are_an_error(raw):
    text = f"{','.join(HEADERS)}\n".encode()
    assert refusal(lambda: cells(reader(), text, raw)).code == "export_unreadable"


def test_amounts_in_other_forms():
    text = f"{','.join(HEADERS)}\n{KEY},1.5E3, ,-7 \n"
    assert cells(reader(), text.encode()) == [(KEY, ("1500", "0", "-7"))]
    bad = f'{",".join(HEADERS)}\n{KEY},"1,234.50",0,1\n'
    error = refusal(lambda: cells(reader(), bad.encode()))
    assert (error.code, error.facts["given"]) == ("export_amount_unreadable", "1,234.50")


def test_an_ambiguous_text_is_an_error_when_it_is_met():
    items = {"gl_account": [Item("A", "B"), Item("B", "C"), Item("D", "E")]}
    directory = MemberDirectory(items, {})
    assert directory.resolve("gl_account", "A") == "B"
    assert directory.resolve("gl_account", "D") == "E"
    assert directory.resolve("gl_account", "X") is None
    assert directory.resolve("period", "Nov 26") == "Nov 26"
    error = refusal(lambda: directory.resolve("gl_account", "B"))
    assert error.code == "member_ambiguous"


def test_one_member_mapped_under_two_texts_is_an_error():
    items = {"gl_account": [Item("Travel", "A_6100")]}
    error = refusal(lambda: MemberDirectory(items, {"gl_account": {"Travel", "A_6100"}}))
    assert error.code == "member_written_two_ways"


MEMBER = st.text(
    st.characters(exclude_characters="\x00\x1c\x1d\x1e\x1f\r\ufeff", exclude_categories=("Cs",)),
    max_size=6,
)
ROWS = st.lists(st.tuples(st.tuples(*[MEMBER] * 5), st.tuples(*[amounts()] * 4)), max_size=15)


@quick
@given(
    ROWS,
    st.sampled_from(["UTF-8", "UTF-16LE"]),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_any_file_cut_anywhere_comes_back(rows, encoding, separator, all_quoted, mark, data):
    form = layout(WITH_QUANTITY)
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerows([WITH_QUANTITY, *([*members, *nets] for members, nets in rows)])
    raw = (("\ufeff" if mark else "") + text.getvalue()).encode(
        {"UTF-8": "utf-8", "UTF-16LE": "utf-16-le"}[encoding]
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    ends = [0, *cuts, len(raw)]
    pieces = [raw[start:end] for start, end in pairwise(ends)]
    export = reader(Definition(WITH_QUANTITY, (), encoding, separator), form)
    assert [(form.members(key), values) for key, values in cells(export, *pieces)] == rows
    assert export.rows == len(rows)


def test_a_file_without_text_delimiter_takes_quotes_as_they_are():
    form = layout(HEADERS, delimiter="")
    export = reader(Definition(delimiter=""), form)
    text = f'{",".join(HEADERS)}\nE_1,5" pipe,CC_1,Nov 26,USD,1,0,1\n'
    assert [key for key, _ in cells(export, text.encode())] == ['E_1,5" pipe,CC_1,Nov 26,USD']
