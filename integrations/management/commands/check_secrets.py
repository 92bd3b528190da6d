"""Open every sealed field and second factor, and name those that stay shut."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from integrations.services.keys import (
    BrokenSeal,
    check_organization,
    check_second_factors,
    list_keyed,
)


class Command(BaseCommand):
    """`manage.py check_secrets [--organization SLUG] [--json]`; exit code 1 for a broken seal."""

    help = "Open every stored secret and name those that do not open, never their value."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one organization's slug; all of them without it."""
        parser.add_argument("--organization", default="", help="the organization's short name")
        parser.add_argument("--json", action="store_true", help="print JSON, see docs/commands.md")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check all organizations; fail after all were checked."""
        organizations, secrets = list_keyed(options["organization"]), 0
        broken = list[BrokenSeal]()
        for organization in tqdm(organizations, "secrets", unit="organization", disable=None):
            count, found = check_organization(organization)
            secrets += count
            broken += found
        if not options["organization"]:
            count, found = check_second_factors()
            secrets += count
            broken += found
        totals = {"organizations": len(organizations), "secrets": secrets}
        if options["json"]:
            report = {**totals, "broken": [asdict(seal) for seal in broken]}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            for seal in broken:
                owner = seal.organization or "a person"
                self.stdout.write(f"{owner}: {seal.place}: {seal.reason}.")
            self.stdout.write(
                f"{secrets:,} secrets of {len(organizations):,} organizations, "
                f"{len(broken):,} seals are broken."
            )
        if broken:
            sys.exit(1)
