"""Mail that does not leave: kept in a folder that every process of this machine shares."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as SentMessage
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 200


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One mail as the page shows it."""

    to: str
    subject: str
    sent_at: datetime
    text: str


class MailboxBackend(BaseEmailBackend):
    """Writes each message as a file; the newest ones stay. Not for production."""

    def send_messages(self, email_messages: Sequence[SentMessage]) -> int:
        """Keep the messages."""
        folder = _folder()
        for message in email_messages:
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
            unfinished = folder / f"{name}.part"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.replace(folder / f"{name}.eml")
        for path in sorted(folder.glob("*.eml"))[:-KEPT]:
            path.unlink(missing_ok=True)
        return len(email_messages)


def list_mails() -> list[KeptMail]:
    """Return the kept mails, newest first."""
    paths = sorted(_folder().glob("*.eml"), reverse=True)
    return [_read(path) for path in paths]


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)
    body = message.get_body(("plain",))
    return KeptMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9, UTC),
        text=body.get_content() if body else "",
    )


def _folder() -> Path:
    folder: Path = settings.MAILBOX_FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
