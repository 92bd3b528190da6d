"""Files for people: nothing in them is computed, and no digit is lost."""

import csv
from io import BytesIO, StringIO

from openpyxl import load_workbook

from integrations.pipeline.peoplefiles import csv_pieces, write_xlsx

HEADER = ("entity", "account", "amount")
ROWS = [
    ("US01", "=HYPERLINK(1)", "-5"),
    ("+1", "@x", "12345678901234567890.123456789"),
    ("\t1", "-7", "0.10"),
]


def test_texts_of_a_csv_are_no_formulas_and_amounts_stay_numbers():
    text = b"".join(csv_pieces(HEADER, ROWS, 2)).decode("utf-8-sig")
    assert list(csv.reader(StringIO(text))) == [
        list(HEADER),
        ["US01", "'=HYPERLINK(1)", "-5"],
        ["'+1", "'@x", "12345678901234567890.123456789"],
        ["'\t1", "'-7", "0.10"],
    ]


def test_cells_of_a_spreadsheet_are_text_with_every_digit():
    stream = BytesIO()
    write_xlsx(stream, "Plan", HEADER, ROWS)
    rows = list(load_workbook(BytesIO(stream.getvalue())).active.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [list(HEADER), *map(list, ROWS)]
    assert {cell.data_type for row in rows for cell in row} == {"s"}
