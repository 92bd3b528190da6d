"""A mapping as a file: nothing is lost on the way out and in, and every error is told."""

import zipfile
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.pipeline.mapping_changes import Part, group_parts
from integrations.pipeline.mapping_results import compare_sheet
from integrations.pipeline.mapping_rows import csv_of, mapping_rows
from integrations.pipeline.mapping_sheets import read_mapping_sheet, unusual_texts
from integrations.pipeline.packed_xml import MOST_BYTES
from integrations.pipeline.peoplefiles import write_xlsx
from integrations.pipeline.rules import Rule, RuleKey
from integrations.pipeline.sheet_columns import COLUMNS
from integrations.pipeline.sheet_rows import SheetTooLarge, SheetUnreadable

HEADER = "dimension,code,member"
LINE = "x,1,A\n"
TEXTS = st.text(
    st.one_of(st.sampled_from("=+-@'\"\t\r\n;,  _x000A"), st.characters(exclude_categories=["Cs"])),
    max_size=12,
)
SPLIT = (("A", "0.6", None, 202612), ("=B", "0.4", None, 202612), ("", "1", 202701, None))


@st.composite
def rule_sets(draw):
    """Rules of different keys in any order, with texts that files trip over."""
    rules = []
    for code in draw(st.lists(TEXTS, unique=True, max_size=6)):
        kind = draw(st.sampled_from(["exact", "prefix", "range"])) if code else "exact"
        if kind == "exact" and draw(st.booleans()):
            domain = draw(TEXTS)
            rules += [
                Rule("project", code, member, "exact", "", domain, Decimal(weight), *dates)
                for member, weight, *dates in SPLIT
            ]
        else:
            last = f"{code}9" if kind == "range" else ""
            rules.append(Rule("supplier", code, draw(TEXTS), kind, last))
    return rules


def csv_bytes(rules, *, is_safe=False):
    return b"".join(csv_of(mapping_rows(rules), is_safe=is_safe))


def xlsx_bytes(rows):
    stream = BytesIO()
    write_xlsx(stream, "Mapping", rows[0], rows[1:])
    return stream.getvalue()


def rules_of(content, known=()):
    sheet = read_mapping_sheet(content, known)
    assert sheet.errors == []
    return [rule for _, rule in sheet.rules]


def told(content):
    return [(error.line, error.column, error.value) for error in read_mapping_sheet(content).errors]


@settings(max_examples=60, deadline=None)
@given(rule_sets())
def test_what_is_written_is_read_again_and_written_with_the_same_bytes(rules):
    known = unusual_texts(rules)
    rows = [COLUMNS, *mapping_rows(rules)]
    for content in (csv_bytes(rules), csv_bytes(rules, is_safe=True), xlsx_bytes(rows)):
        read = rules_of(content, known)
        assert group_parts(read) == group_parts(rules)
        assert csv_bytes(read) == csv_bytes(rules)


def test_a_safe_file_has_no_formula_and_a_plain_one_no_marks():
    rules = [Rule("project", "=1+1", "@A"), Rule("project", "-2", "'+B")]
    assert csv_bytes(rules).decode().splitlines()[1:] == [
        "project,-2,''+B,exact,,,,,",
        "project,=1+1,@A,exact,,,,,",
    ]
    assert csv_bytes(rules, is_safe=True).decode().splitlines()[1:] == [
        "project,'-2,''+B,exact,,,,,",
        "project,'=1+1,'@A,exact,,,,,",
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_separators_of_spreadsheets_are_understood(codec, separator):
    lines = (
        ("QAD Dimension", "QAD code", "Anaplan member", "Name", "Share", "From period"),
        ("GL account", " 0100 ", "Zürich\u00a0", "x", '"60,0 %"', "2026-07"),
        ("gl_account", "0100", "Köln", "=1", ".4", "202607"),
        ("", "", "", " ", "", ""),
        ("Sub-account", "1", '"A;B,\tC"', "", "", ""),
    )
    text = "\r\n".join(separator.join(cells) for cells in lines)
    expected = [
        Rule("gl_account", "0100", "Zürich", weight=Decimal("0.6"), valid_from=202607),
        Rule("gl_account", "0100", "Köln", weight=Decimal("0.4"), valid_from=202607),
        Rule("sub_account", "1", "A;B,\tC".replace("\t", " "), "exact"),
    ]
    assert rules_of(text.replace("\tC", " C").encode(codec)) == expected
    assert read_mapping_sheet(f"{HEADER}\nentity,1,Köln".encode("cp1252")).encoding == "cp1252"
    assert rules_of(f"sep=;\r\n{HEADER.replace(',', ';')}\r\nentity;1;A".encode()) == [
        Rule("entity", "1", "A")
    ]


def test_every_error_is_told_with_its_line_and_column():
    text = f"""{HEADER},kind,code_to,weight,valid_from,note
colour,1,A,,,,,
project,1,A,sort,,,,
project,2,A,,,half,,
project,3,A,,,,July,
project,4,A,range,,,,
project,5,A,,,,,
project,5,B,,,,,"twice
over"
project,6,A,,,0.5,,
project,6,B,,,0.4,,
project,7,A,,,1.5,,
entity,8,{"x" * 201},,,,,
project,9,,,,,,
column,Entity,entity,,,,,
"""
    sheet = read_mapping_sheet(text.encode())
    assert [(error.line, error.column) for error in sheet.errors] == [
        (2, "dimension"), (3, "kind"), (4, "weight"), (5, "valid_from"), (6, "code_to"),
        (8, "member"), (11, "weight"), (12, "weight"), (13, "member"),
    ]  # fmt: skip
    assert all(error.problem and error.fix for error in sheet.errors)
    assert sheet.errors[5].problem == ("project 5 is mapped to “A” and to “B” (lines 7, 8)")
    assert (sheet.errors[6].value, sheet.errors[6].problem) == (
        "0.4",
        "The weights of project 6 add up to 0.9, not to 1 (lines 10, 11)",
    )
    assert sheet.blank == [(14, RuleKey("project", "", "exact", "9", ""))]
    assert (sheet.passed, sheet.error_count) == (1, 9)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel"),
        (b"entity,1,A\n", "no header"),
        (b"dimension,code\n", "lacks the column member"),
        (b"dimension,code,member,valid_form\n", "write valid_from"),
        (b"dimension,code,QAD code,member\n", "stands twice"),
        (b'dimension,code,member\nentity,"1"2,A\n', "quotes of line 2"),
        (b"\xff\xfed\x00", "no header"),
        (b"\xef\xbb\xbf\xff", "encoding that it begins with"),
        (b"PK\x03\x04 nothing", "damaged"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_in_words(content, said):
    with pytest.raises(SheetUnreadable, match=said):
        read_mapping_sheet(content)


def test_of_many_errors_the_first_are_told_and_all_are_counted():
    sheet = read_mapping_sheet(f"{HEADER}\n{LINE * 5_001}".encode())
    assert (len(sheet.errors), sheet.error_count) == (5_000, 5_001)


def test_a_hundred_thousand_lines_are_read_and_one_more_is_not():
    lines = "".join(f"project,{number},M_{number}\n" for number in range(100_000))
    content = f"{HEADER}\n{lines}".encode()
    assert len(read_mapping_sheet(content).rules) == 100_000
    with pytest.raises(SheetTooLarge, match="100,000 lines"):
        read_mapping_sheet(content + b"project,last,M\n")
    with pytest.raises(SheetTooLarge, match="60 columns in line 1"):
        read_mapping_sheet(b"x," * 61)
    with pytest.raises(SheetTooLarge, match="characters in line 2"):
        read_mapping_sheet(f"{HEADER}\n{'x' * 20_001}".encode())


WIDE = " ".join(f'a{number}="{number * 7919}"' for number in range(90_000))
SHEET = '<worksheet><sheetData><row r="1">{}</row></sheetData></worksheet>'
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0&quot; days&quot;"/>'
    '<numFmt numFmtId="165" formatCode="[Red]yyyy\\-mm"/></numFmts><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
BOOK = {
    "xl/workbook.xml": '<workbook xmlns:r="urn:r"><sheets><sheet name="A" r:id="i1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="i1" '
    'Target="/xl/worksheets/one.xml"/></Relationships>',
    "xl/styles.xml": STYLES,
    "xl/sharedStrings.xml": "<sst><si><r><t>dimen</t></r><r><t>sion</t></r></si></sst>",
}


def book(sheet):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in {**BOOK, "xl/worksheets/one.xml": sheet}.items():
            packed.writestr(name, text)
    return stream.getvalue()


def test_cells_are_read_as_they_are_shown_and_odd_ones_are_errors():
    def cells(*values):
        return "".join(
            value if value.startswith("<c") else f'<c t="inlineStr"><is><t>{value}</t></is></c>'
            for value in values
        )

    def number(text, style=0):
        return f'<c s="{style}"><v>{text}</v></c>'

    sheet = '</row><row r="{}">'.join(
        [
            cells('<c t="s"><v>0</v></c>', "code", "member", "weight"),
            cells("project", number("100.0"), number("1E+5", 1), number("0.59999999999999998")),
            cells("project", number("100"), "B", number("0.4")),
            cells("project", "<c><f>1+1</f><v>2</v></c>", "C"),
            cells("project", number("46204", 2), "D"),
            cells("project", number("1.2345678901234567E+19"), "E"),
            cells("project", '<c t="e"><v>#N/A</v></c>', "F"),
        ]
    ).format(2, 3, 5, 6, 7, 8)
    read = read_mapping_sheet(book(SHEET.format(sheet)))
    assert read.rules == [
        (2, Rule("project", "100", "100000", weight=Decimal("0.6"))),
        (3, Rule("project", "100", "B", weight=Decimal("0.4"))),
    ]
    assert [(error.line, error.column, error.problem) for error in read.errors[:3]] == [
        (5, "code", "is a formula"),
        (6, "code", "is a date"),
        (7, "code", "is a number of more than fifteen digits, which the spreadsheet has rounded"),
    ]
    assert read.errors[3].problem == "is a failed formula"


@pytest.mark.parametrize(
    ("sheet", "refusal", "said"),
    [
        (" " * 2_000_000, SheetTooLarge, "unpacked"),
        ("<a>" * 60, SheetTooLarge, "inside each other"),
        (f"<a {WIDE}", SheetTooLarge, "in one element"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', SheetUnreadable, "entities"),
        ("<worksheet><row>", SheetUnreadable, "damaged"),
    ],
    ids=["packed", "deep", "wide", "entities", "cut"],
)
def test_a_file_that_is_made_to_fill_the_memory_is_refused(sheet, refusal, said):
    with pytest.raises(refusal, match=said):
        read_mapping_sheet(book(sheet))


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr("integrations.pipeline.packed_xml.MOST_BYTES", 100)
    assert MOST_BYTES == 120_000_000
    with pytest.raises(SheetTooLarge):
        read_mapping_sheet(book(SHEET.format("")))


def test_a_file_is_compared_key_by_key_and_replaces_its_dimensions_where_that_is_asked():
    had = group_parts(
        [Rule("project", code, "A") for code in ("1", "2", "3", "4")] + [Rule("entity", "9", "E")]
    )
    text = f"{HEADER}\nproject,1,A\nproject,2,B\nproject,3,\nproject,5,C\nproject,5,C\n"
    sheet = read_mapping_sheet(text.encode())
    added, replaced = (
        compare_sheet(sheet, lambda key: had.get(key, ()), had, replaces=replaces)
        for replaces in (False, True)
    )
    assert (added.same, added.blank, added.counts()) == (1, 1, {"changed": 1, "new": 1})
    assert replaced.counts() == {"changed": 1, "new": 1, "removed": 1}
    assert [(change.word, change.line, change.key.code) for change in replaced.changes] == [
        ("changed", 3, "2"), ("new", 5, "5"), ("removed", None, "4"),
    ]  # fmt: skip
    assert replaced.changes[0][3:] == ((Part("A"),), (Part("B"),))
    assert added.digest() != replaced.digest()
