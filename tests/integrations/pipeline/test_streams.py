"""The catalogue of data sets and the text that names a source row."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.streams import DATA_SETS, GL_BALANCES, read_column
from tests.integrations.pipeline.samples import BALANCES, Row, quick, row


def test_gl_balances_are_the_first_data_set():
    amounts = [name for name, data_set in DATA_SETS.items() if not data_set.is_list]
    assert amounts == ["gl_balances", "cost_center_spend", "supplier_invoices", "plan"]
    assert BALANCES.row_field("currency") == "base_currency"
    assert GL_BALANCES.row_field("gl_account") == "gl_account"


def test_a_row_is_named_by_its_key():
    assert GL_BALANCES.row_key(row()) == "100|6100||4100||202611|OFFICIAL|USD"
    assert GL_BALANCES.row_key(row(project="a|b\\")) == (
        "100|6100||4100|a\\|b\\\\|202611|OFFICIAL|USD"
    )


@quick
@given(st.tuples(*[st.text("a|\\", max_size=4)] * 4))
def test_the_fields_of_a_key_come_back(codes):
    account, sub_account, cost_center, project = codes
    key = GL_BALANCES.row_key(
        Row(gl_account=account, sub_account=sub_account, cost_center=cost_center, project=project)
    )
    assert GL_BALANCES.key_fields(key) == (
        "100", account, sub_account, cost_center, project, "202611", "OFFICIAL", "USD"
    )  # fmt: skip


def test_any_field_can_be_read_as_a_column():
    rows = [row("1.00"), row("-2.00", sub_account="7")]
    assert read_column(rows, "net") == ["1.00", "-2.00"]
    assert read_column(rows, "sub_account") == ["", "7"]
    for field in ("entity", "gl_account", "cost_center", "project", "year_period", "currency",
                  "base_currency", "debit", "credit"):  # fmt: skip
        assert read_column(rows, field) == [getattr(item, field) for item in rows]
