"""Mail as tests read it: Django's own outbox, which every test begins empty."""

import re

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend


def mails_to(email: str) -> list[mail.EmailMessage]:
    """Return the mails to one address, oldest first."""
    return [message for message in mail.outbox if message.to == [email]]


def code_in(message: mail.EmailMessage) -> str:
    """Return the code that a mail shows on a line of its own."""
    found = re.search(r"^ {4}(\S+)$", message.body, re.MULTILINE)
    assert found, message.body
    return found[1]


class NoServer(BaseEmailBackend):
    """A mail server that takes no mail."""

    def send_messages(self, email_messages):
        raise ConnectionRefusedError
