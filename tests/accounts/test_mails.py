"""The mails about one's own account, and where they are kept when none may leave."""

import re
from pathlib import Path

import allauth
import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from accounts.mailbox import KEPT, MailboxBackend, list_mails
from accounts.mails import MAILS, build_mail, send_mail
from accounts.notices import NOTICES, REFUSALS
from tests.names import unique

APPS = ("account", "mfa", "usersessions")
LIBRARY = Path(allauth.__file__).parent
# Ways to sign in that are not offered here.
NOT_OFFERED = {"account/email/login_code", "account/email/password_reset_key"}


def named_in_library(kind: str) -> set[str]:
    """The mails or notices that the library's code names."""
    pattern = re.compile(rf'"((?:account|mfa|usersessions)/{kind}/[a-z_.]+)"')
    sources = [path for app in APPS for path in (LIBRARY / app).rglob("*.py")]
    return {name for path in sources for name in pattern.findall(path.read_text("utf-8"))}


def test_every_mail_that_the_library_may_send_has_words_of_the_house():
    assert named_in_library("email") == set(MAILS) | NOT_OFFERED


def test_every_notice_of_the_house_is_one_that_the_library_gives():
    assert set(NOTICES) <= named_in_library("messages")
    assert all(words.endswith(".") for words in [*NOTICES.values(), *REFUSALS.values()])


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_says_the_same_in_text_and_in_html(name, settings):
    settings.PUBLIC_ORIGIN = "https://connector.example"
    mail = MAILS[name]
    code = "ABCD-EFGH" if mail.is_needed and not mail.page else ""
    message = build_mail(mail, "ada@example.com", code=code)
    [(page, kind)] = message.alternatives
    assert (message.to, kind) == (["ada@example.com"], "text/html")
    wanted = [mail.opening, mail.closing, code, "https://connector.example"]
    if mail.page:
        wanted.append(f"https://connector.example{reverse(mail.page)}")
    plain = page.replace("&#x27;", "'")
    assert [words for words in wanted if words not in message.body or words not in plain] == []
    assert "<" not in message.body


def test_a_name_with_markup_stays_text(settings):
    settings.PUBLIC_ORIGIN = "https://connector.example"
    [(page, _kind)] = build_mail(
        MAILS["account/email/email_confirmation"], "a@example.com", code="<b>x</b>"
    ).alternatives
    assert "&lt;b&gt;x" in page


def test_kept_mails_are_shown_newest_first_and_the_oldest_go(settings, tmp_path):
    settings.MAILBOX_FOLDER = tmp_path / "mail"
    subjects = [f"Mail {number}" for number in range(KEPT + 5)]
    box = MailboxBackend()
    box.send_messages([EmailMessage(subject, "Text", to=["a@example.com"]) for subject in subjects])
    assert [mail.subject for mail in list_mails()] == subjects[:4:-1]
    assert list_mails()[0].sent_at.tzinfo is not None


def test_a_kept_mail_runs_nothing_on_its_page(settings, tmp_path, engines):
    settings.MAILBOX_FOLDER = tmp_path
    subject = unique("<script>alert(1)</script>")
    MailboxBackend().send_messages([EmailMessage(subject, "<img onerror=x>", to=["a@example.com"])])
    page = Client().get("/demo/mail/").content.decode()
    assert "<script>alert" not in page
    assert "<img onerror" not in page
    assert "&lt;img onerror=x&gt;" in page


def test_a_mail_that_only_tells_is_given_up_where_no_server_takes_it(settings, caplog):
    settings.EMAIL_BACKEND = "tests.accounts.mail.NoServer"
    assert send_mail(MAILS["mfa/email/totp_activated"], "ada@example.com") is False
    assert "mail “An authenticator app was added” was not taken" in caplog.text
    assert "ada@example.com" not in caplog.text
