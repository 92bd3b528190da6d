"""Mails to people: plain text from a template, handed over once the change is made."""

import logging
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


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
        transaction.on_commit(lambda mail=mail: _hand_over(template, mail))  # type: ignore[misc]


def _hand_over(template: str, mail: EmailMessage) -> None:
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail %s was not taken: %s", template, type(error).__name__)
