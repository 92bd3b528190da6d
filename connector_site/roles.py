"""Chooses which database role a process signs in with: the owner or the runtime role."""

import os
from collections.abc import Sequence

# Commands that change or compare the schema. Every other process, the web and the workers
# included, signs in as the runtime role, which owns nothing and so obeys row-level security.
SCHEMA_COMMANDS = frozenset(
    {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "optimizemigration"}
)


def choose_database_role(arguments: Sequence[str]) -> None:
    """Sets DATABASE_ROLE from a command line such as `manage.py migrate`.

    A DATABASE_ROLE that is already set stays, so that an operator can run any command as
    the owner on purpose: `DATABASE_ROLE=owner python manage.py dbshell`.
    """
    command = arguments[1] if len(arguments) > 1 else ""
    if command in SCHEMA_COMMANDS:
        os.environ.setdefault("DATABASE_ROLE", "owner")
