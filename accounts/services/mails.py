"""Mails to people: plain text from a template, handed over once the change is made."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from accounts.delivery import deliver


def send_after_commit(template: str, *, to: Sequence[str], facts: dict[str, Any]) -> None:
    """Send one mail to each person after the commit; the template's first line is the subject.

    A mail that nobody takes is logged and changes nothing: what it tells of has happened.
    """
    text = render_to_string(
        f"accounts/mail/{template}.txt", {**facts, "origin": settings.PUBLIC_ORIGIN}
    )
    subject, _, body = text.strip().partition("\n")
    for person in to:
        mail = EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[person])
        transaction.on_commit(partial(deliver, template, mail))
