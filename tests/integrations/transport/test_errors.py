"""The one error, and the entries of the catalogue behind it."""

import string

import pytest

from audit.catalogue import CATALOGUE, Kind
from integrations.transport.errors import IntegrationError

MINE = [entry for entry in CATALOGUE.values() if entry.origin in {"network", "Anaplan", "QAD"}]


def test_an_error_speaks_in_the_catalogues_words_with_its_facts():
    error = IntegrationError("unreachable_refused", host="qad.example.com", port=443)
    assert error.message == "qad.example.com accepted no connection on port 443."
    assert error.kind is Kind.TRANSIENT
    assert str(error) == f"unreachable_refused: {error.message}"


def test_a_missing_fact_shows_as_an_ellipsis():
    assert IntegrationError("unreachable_dns").message == "No address is known for …."


def test_braces_in_a_fact_are_left_alone():
    error = IntegrationError("unreachable_dns", host="{evil.__class__}")
    assert "{evil.__class__}" in error.message


def test_an_unknown_code_is_a_bug():
    with pytest.raises(KeyError):
        IntegrationError("no_such_code")


@pytest.mark.parametrize("entry", MINE, ids=lambda entry: entry.code)
def test_an_entry_is_short_and_complete(entry):
    texts = [entry.meaning, entry.data, entry.fix, entry.who, entry.retry]
    assert all(texts)
    assert entry.title
    assert sum(len(text.split()) for text in texts) <= 60
    for text in texts:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert all(name.isidentifier() for name in names)
