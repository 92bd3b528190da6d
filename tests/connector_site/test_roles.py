"""Only commands that change the schema sign in as the owner of the database."""

import pytest

from connector_site.roles import choose_database_role


@pytest.mark.parametrize(
    ("command", "role"),
    [
        (["manage.py", "migrate"], "owner"),
        (["manage.py", "makemigrations", "--check"], "owner"),
        (["manage.py", "run_sync", "migrate"], None),
        (["manage.py", "shell"], None),
        (["manage.py"], None),
    ],
)
def test_the_role_follows_the_command(
    monkeypatch: pytest.MonkeyPatch, command: list[str], role: str | None
):
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    choose_database_role(command)
    assert environment.get("DATABASE_ROLE") == role


def test_a_role_chosen_on_purpose_stays(monkeypatch: pytest.MonkeyPatch):
    environment = {"DATABASE_ROLE": "runtime"}
    monkeypatch.setattr("os.environ", environment)
    choose_database_role(["manage.py", "migrate"])
    assert environment["DATABASE_ROLE"] == "runtime"
