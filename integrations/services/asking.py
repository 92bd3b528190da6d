"""Asking another system while a person waits: whatever keeps it from answering has words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.errors import Refused
from integrations.encryption import SealBroken
from integrations.transport.errors import IntegrationError

PERSON_SECONDS = 30.0
"""How long a person who waits for a page is kept waiting for another system."""


def soon() -> float:
    """Return the moment of `time.monotonic()` by which a page has to be answered."""
    return time.monotonic() + PERSON_SECONDS


@contextmanager
def refusing() -> Iterator[None]:
    """Raise as Refused what a client raises; a secret that does not open is `secret_unreadable`."""
    try:
        yield
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    except SealBroken:
        raise Refused("secret_unreadable") from None
