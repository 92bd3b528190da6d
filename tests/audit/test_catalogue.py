"""What the catalogue of errors says whatever is known."""

import pytest

from accounts.errors import Refused
from audit.catalogue import CATALOGUE, fill
from integrations.transport.errors import IntegrationError


@pytest.mark.parametrize("code", CATALOGUE)
def test_no_missing_fact_keeps_an_error_from_being_told(code):
    refused, error = Refused(code), IntegrationError(code)
    assert (refused.message, refused.fix) == (error.message, error.fix)


def test_a_missing_fact_is_an_ellipsis():
    assert fill("{count} rows of {place}", {"count": 3}) == "3 rows of …"
