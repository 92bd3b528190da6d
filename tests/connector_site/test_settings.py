"""What a start accepts, and how it is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector_site.new_keys import new_encryption_key, new_secret_key
from connector_site.places import CHECKOUT


def valid(**changes: str | None) -> dict[str, str]:
    given = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": new_secret_key(),
        "ENCRYPTION_KEYS": new_encryption_key(),
        "PUBLIC_ORIGIN": "https://connector.example",
        "DATABASE_URL": "postgresql://connector_app:secret@127.0.0.1:1/connector",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "MAIL_URL": "smtp://sender:secret@127.0.0.1:1",
        "MAIL_FROM": "ml-connector <no-reply@connector.example>",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=valid(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


def problems(**changes: str | None) -> list[str]:
    done = manage("check", **changes)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return [line[4:] for line in done.stderr.splitlines() if line.startswith("  - ")]


def test_a_complete_production_environment_passes_the_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")


def test_every_missing_setting_is_named_at_once():
    names = ("SECRET_KEY", "ENCRYPTION_KEYS", "PUBLIC_ORIGIN", "MAIL_URL", "MAIL_FROM")
    missing = dict.fromkeys((*names, "DATABASE_URL", "REDIS_URL"))
    assert problems(**missing) == [f"{name} is not set." for name in missing]


def test_every_wrong_setting_is_named_at_once_and_no_value_is_shown():
    done = manage(
        "check",
        SECRET_KEY="short-canary",
        ENCRYPTION_KEYS="canary",
        PUBLIC_ORIGIN="http://canary.example/path",
        DATABASE_URL="mysql://root:canary@host/x",
        REDIS_URL="http://canary",
        MAIL_URL="pop3://root:canary@host",
        MAIL_FROM="canary",
        RUN_LEASE_SECONDS="soon",
        LOG_LEVEL="loud",
        DEBUG="perhaps",
    )
    named = [line.split()[1] for line in done.stderr.splitlines() if line.startswith("  - ")]
    assert sorted(named) == [
        "DATABASE_URL",
        "DEBUG",
        "ENCRYPTION_KEYS",
        "LOG_LEVEL",
        "MAIL_FROM",
        "MAIL_URL",
        "PUBLIC_ORIGIN",
        "REDIS_URL",
        "RUN_LEASE_SECONDS",
        "SECRET_KEY",
    ]
    assert "canary" not in done.stderr


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ALLOW_LOOPBACK_ADDRESSES": "1"}, "ALLOW_LOOPBACK_ADDRESSES must be off"),
        ({"PUBLIC_ORIGIN": "http://connector.example"}, "PUBLIC_ORIGIN must start with https"),
        ({"DEBUG": "1"}, "DEBUG may be on only with MODE=development"),
    ],
)
def test_production_refuses_what_only_a_trial_may_have(changes: dict[str, str], problem: str):
    [found] = problems(**changes)
    assert found.startswith(problem)


def test_a_secret_may_lie_in_a_file(tmp_path: Path):
    path = tmp_path / "key"
    path.write_text(new_secret_key() + "\n")
    assert manage("check", SECRET_KEY=None, SECRET_KEY_FILE=str(path)).returncode == 0


def test_a_secret_set_twice_or_in_a_missing_file_is_refused(tmp_path: Path):
    path = tmp_path / "key"
    path.write_text(new_secret_key())
    assert problems(SECRET_KEY_FILE=str(path)) == [
        "SECRET_KEY is set twice: remove either SECRET_KEY or SECRET_KEY_FILE."
    ]
    assert problems(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "none")) == [
        "SECRET_KEY_FILE cannot be read (FileNotFoundError)."
    ]


def test_only_schema_commands_ask_for_the_owner_of_the_database():
    done = manage("showmigrations")
    assert "DATABASE_OWNER_URL is not set." in done.stderr
    assert manage("check").returncode == 0


def test_authorities_that_are_no_certificates_are_named():
    assert problems(TRUSTED_AUTHORITIES="-----BEGIN no-----") == [
        "TRUSTED_AUTHORITIES holds no certificate in PEM form."
    ]


MAIL_SETTINGS = (
    "import django; django.setup(); from django.conf import settings as s; from django.urls import"
    " NoReverseMatch, reverse\n"
    "try: print(reverse('kept_mail'))\n"
    "except NoReverseMatch: print('no page')\n"
    "print(s.EMAIL_BACKEND.split('.')[-1], s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS)"
)


def mail_of(**changes: str | None) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", MAIL_SETTINGS],
        cwd=CHECKOUT,
        env=valid(DJANGO_SETTINGS_MODULE="connector_site.settings", **changes),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_production_sends_mail_with_tls_and_shows_none():
    assert mail_of() == ["no page", "EmailBackend 127.0.0.1 1 True"]


def test_a_trial_without_a_mail_server_keeps_its_mail_on_a_page():
    answer = mail_of(MODE="demo", PUBLIC_ORIGIN="http://127.0.0.1:8000", MAIL_URL=None)
    assert answer[0] == "/demo/mail/"
    assert answer[1].startswith("MailboxBackend")
