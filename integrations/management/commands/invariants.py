"""Check what must always hold among the rows, and name every place where it does not."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from integrations.services.invariants import (
    STALLED_MINUTES,
    Violation,
    check_invariants,
    list_checked,
)


class Command(BaseCommand):
    """`manage.py invariants [--organization SLUG] [--deep] [--json]`.

    The exit code is 1 when a rule does not hold.
    """

    help = "Check what must always hold among the rows, and name where it does not."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one organization's slug; all of them without it."""
        parser.add_argument("--organization", default="", help="the organization's short name")
        parser.add_argument("--json", action="store_true", help="print JSON, see docs/commands.md")
        parser.add_argument("--deep", action="store_true", help="open every kept block as well")
        parser.add_argument(
            "--stalled-minutes",
            type=int,
            default=STALLED_MINUTES,
            help="how long a run may be due without being moved",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check each organization; fail after all were checked."""
        organizations = list_checked(options["organization"])
        if options["organization"] and not organizations:
            raise CommandError(f"There is no organization {options['organization']!r}.")
        found = list[Violation]()
        wish = {"deep": options["deep"], "stalled_minutes": options["stalled_minutes"]}
        for organization in tqdm(organizations, "rows", unit="organization", disable=None):
            found += check_invariants(organization, **wish)
        if options["json"]:
            report = {
                "organizations": len(organizations),
                "violations": [asdict(violation) for violation in found],
            }
            self.stdout.write(json.dumps(report, indent=2))
        else:
            for one in found:
                self.stdout.write(f"{one.organization}: {one.rule}: {one.place}: {one.problem}.")
            self.stdout.write(f"{len(organizations):,} organizations, {len(found):,} violations.")
        if found:
            sys.exit(1)
