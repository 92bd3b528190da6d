"""Raw rows: read and renamed at once as if one by one, whatever stands in them."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.qad.amounts import Number, to_json
from simulators.qad.rawrows import read_field, rename_fields

NAMES = {"code": "gl.GLCode", "text": "GLText", "net": "x.net", "closed": "x.closed"}
TRICKY = st.sampled_from(["", "code", '"code":', '","code":"', "}\n{", "a:b", "ü", "\\"])
ROW = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["1", "2"]),
        "text": TRICKY,
        "net": st.sampled_from([Number("1.50"), Number("1.5"), Number("-7")]),
        "closed": st.none() | st.booleans(),
        "other": st.just("same"),
    }
)


@given(st.lists(ROW, max_size=8), st.integers(0, 9), st.sampled_from(list(NAMES)))
def test_every_field_of_every_row_has_its_new_name(rows, lacking, gone):
    for row in rows[lacking : lacking + 1]:
        del row[gone]
    given_rows = "\n".join(map(to_json, rows)).encode()
    wanted = [{NAMES.get(name, name): value for name, value in row.items()} for row in rows]
    assert rename_fields(given_rows, NAMES) == [to_json(row).encode() for row in wanted]


@given(st.lists(ROW, max_size=8), st.sampled_from(["code", "text", "net", "closed", "other"]))
def test_a_field_is_read_from_every_row(rows, name):
    given_rows = "\n".join(map(to_json, rows)).encode()
    assert read_field(given_rows, name) == [row[name] for row in rows]
