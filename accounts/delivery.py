"""How a mail leaves: handed to the mail server, and logged where that does not take it."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)


def deliver(kind: str, message: EmailMessage) -> bool:
    """Hand a mail over; return whether the mail server took it.

    `kind` names the mail in the log: its subject may hold a person's address.
    """
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.error("mail “%s” was not taken: %s", kind, type(error).__name__)
        return False
    return True
