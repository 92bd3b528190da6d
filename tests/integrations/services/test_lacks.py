"""Codes without a member in words: the gravest first, currencies and quantities apart."""

from integrations.models import RunGroup
from integrations.services.lacks import HELD, SUSPENSE, add_lacks, in_words


def lack(code, currency="USD", rows=1, fate=HELD, dimension="gl_account", **amounts):
    return {
        "fate": fate, "dimension": dimension, "code": code, "currency": currency, "rows": rows,
        "amounts": {"debit": "0", "credit": "0", "net": "0", "quantity": "0", **amounts},
    }  # fmt: skip


def test_amounts_add_up_per_currency_and_a_net_of_zero_shows_both_sides():
    groups = [
        RunGroup(lacking=[lack("7", net="1.10"), lack("8", debit="5.00", credit="5.00")]),
        RunGroup(lacking=[lack("7", "EUR", 2, net="-2.00"), lack("7", rows=3, net="0.05")]),
        RunGroup(lacking=[lack("", dimension="cost_center", quantity="12.5")]),
        RunGroup(lacking=[lack("9", fate=SUSPENSE, net="99")]),
    ]
    codes = add_lacks(groups, HELD)
    assert list(map(str, codes)) == [
        "cost center (blank) (1 row, quantity 12.5)",
        "gl account 8 (1 row, credit 5.00 USD, debit 5.00 USD)",
        "gl account 7 (6 rows, net -2.00 EUR, net 1.15 USD)",
    ]
    assert in_words(add_lacks(groups, SUSPENSE)) == "gl account 9 (1 row, net 99 USD)"


def test_the_first_codes_are_named_and_the_others_counted():
    codes = add_lacks([RunGroup(lacking=[lack(str(n), net=str(n)) for n in range(1, 9)])], HELD)
    assert in_words(codes).startswith("gl account 8 (1 row, net 8 USD); gl account 7")
    assert in_words(codes).endswith("; and 3 more")
