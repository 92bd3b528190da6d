"""How a movement is read: in the file's own order, exact, and never summed over currencies."""

from decimal import Decimal

from integrations.selectors.movements import Columns, read_movement

PLAN = {
    "headers": ["Time", "Cur", "Net", "Acct", "Version", "Entity", "Debit"],
    "bindings": {
        "Time": "period", "Cur": "currency", "Net": "net", "Acct": "gl_account",
        "Version": "=Actual", "Entity": "entity", "Debit": "debit",
    },
    "separator": ";", "delimiter": '"',
}  # fmt: skip
# As the database gives it back: its own order of names, not the file's.
MOVED = {
    "cells": 3, "by": {"debit": "0.10", "net": "0.00000000000000000001"},
    "since": "2026-11-04T09:30:00+00:00", "run": 7,
    "first": [
        ['Oct 26;USD;"A;1 ""x""";E_1', ["0.2", "1"], ["0.20", "1.10"]],
        ["Oct 26;USD;A_2;E_1", [], ["0", "0"]],
    ],
}  # fmt: skip


def test_a_movement_is_read_in_the_order_of_the_file():
    movement = read_movement(MOVED, Columns.of(PLAN, MOVED), {"USD", ""})
    assert movement.by == [("net", Decimal("0.00000000000000000001")), ("debit", Decimal("0.10"))]
    assert (movement.currency, movement.is_mixed, movement.run_id) == ("USD", False, 7)
    first, new = movement.first
    assert (first.members, first.currency) == (['A;1 "x"'], "USD")
    # Measures that are equal as numbers have not moved.
    assert [(amount.measure, amount.difference) for amount in first.amounts] == [
        ("debit", Decimal("0.10"))
    ]
    assert (new.members, new.amounts[0].before) == (["A_2"], None)


def test_sums_over_several_currencies_are_not_made():
    movement = read_movement(MOVED, Columns.of(PLAN, MOVED), {"EUR"})
    assert (movement.is_mixed, movement.by, movement.currency) == (True, [], "")
    assert movement.currencies == ["EUR", "USD"]


def test_a_file_without_a_delimiter_takes_quotes_as_they_are():
    plan = {**PLAN, "delimiter": ""}
    moved = {**MOVED, "first": [['Oct 26;USD;"A;E_1', ["0", "1"], ["1", "1"]]]}
    assert read_movement(moved, Columns.of(plan, moved), ()).first[0].members == ['"A']
