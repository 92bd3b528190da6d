"""The picture of the flow: it says the same as the table, and no more."""

from decimal import Decimal

from integrations.selectors.figures import Figures
from integrations.selectors.tieouts import Total
from integrations.views.bridge import draw_bridge

EQUAL = {
    "source": Decimal(10), "sent": Decimal(10), "target": Decimal(10), "listed": Decimal(0),
    "records": 0, "lines": 3, "equal": 3, "explained": 0, "unread": 0, "sent_whole": 3,
    "arrived": 3,
}  # fmt: skip


def total(**changes) -> Total:
    return Total("USD", "debit", Figures(**{**EQUAL, **changes}))


def texts(picture, kind):
    return [text.text for text in picture.texts if text.kind.startswith(kind)]


def test_nothing_compared_is_no_picture():
    assert draw_bridge([]) == []


def test_equal_totals_show_three_times_the_same():
    wide, narrow = draw_bridge([total()])
    for picture in (wide, narrow):
        assert texts(picture, "place") == ["QAD", "Last sent", "Anaplan"]
        assert texts(picture, "amount") == ["10.00"] * 3
        assert [link.tone for link in picture.links] == ["good", "good"]
        assert picture.title == (
            "QAD, the files and Anaplan say the same: 1 of 1 totals are equal."
        )
    assert texts(wide, "loss") == ["equal", "equal"]


def test_what_is_lost_on_a_way_stands_on_its_arrow():
    held = total(sent=Decimal(8), target=Decimal(8), equal=2, explained=1, sent_whole=2)
    wide, narrow = draw_bridge([held])
    assert texts(wide, "loss") == ["2.00 less", "equal"]
    assert [link.tone for link in wide.links] == ["warn", "good"]
    assert texts(narrow, "note") == ["1 of 1 totals differ", "all equal"]


def test_sums_that_agree_over_lines_that_do_not_are_not_called_equal():
    offset = total(equal=1, arrived=1)
    wide, narrow = draw_bridge([offset])
    assert texts(wide, "loss") == ["equal", "equal in sum only"]
    assert [link.tone for link in wide.links] == ["good", "bad"]
    assert wide.title == "0 of 1 totals are the same in QAD, the files and Anaplan."
    assert [link.tone for link in narrow.links] == ["good", "bad"]


def test_what_was_not_read_is_not_called_equal():
    unread = total(target=None, equal=0, unread=3, arrived=0)
    wide, _ = draw_bridge([unread])
    assert texts(wide, "amount")[2] == "not read"
    assert texts(wide, "loss") == ["equal", "not read"]


def test_an_amount_of_thirty_digits_is_whole():
    long = Decimal("123456789012345678901234567890.12")
    wide, _ = draw_bridge([total(source=long, sent=long, target=Decimal(0), equal=2, arrived=2)])
    assert texts(wide, "amount")[1] == "123,456,789,012,345,678,901,234,567,890.12"
    assert texts(wide, "loss")[1] == "123,456,789,012,345,678,901,234,567,890.12 less"
