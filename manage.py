#!/usr/bin/env python
"""Runs the management commands of ml-connector."""

import os
import sys

from connector_site.env import WrongSettings
from connector_site.roles import choose_database_role


def main() -> None:
    """Chooses settings and database role, then hands over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector_site.settings")
    choose_database_role(sys.argv)
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except WrongSettings as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
