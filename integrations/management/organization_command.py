"""What all commands on one organization share."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import Refused
from accounts.models import Organization
from audit.context import acting


class OrganizationCommand(BaseCommand):
    """A command that works inside one organization and answers in JSON on request."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the organization; it may be left out where there is only one."""
        parser.add_argument("--organization", default="", help="the organization's short name")
        parser.add_argument("--json", action="store_true", help="print JSON, see docs/commands.md")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Find the organization and do the command's work; a refusal is said in one sentence."""
        organization = self.find_organization(options["organization"])
        try:
            with acting("command line"):
                self.work(organization, options)
        except Refused as refusal:
            raise CommandError(f"{refusal.message} {refusal.fix}") from None

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Do the command's own work."""
        raise CommandError(f"{organization.slug}: nothing to do with {sorted(options)}.")

    def find_organization(self, slug: str) -> Organization:
        """Return the organization of this name, or the only one."""
        chosen = Organization.objects.order_by("slug")
        if slug:
            chosen = chosen.filter(slug=slug)
        found = list(chosen[:2])
        if len(found) != 1:
            known = ", ".join(Organization.objects.values_list("slug", flat=True)[:20])
            raise CommandError(f"Name one organization with --organization: {known or 'none'}.")
        return found[0]

    def print_json(self, answer: object) -> None:
        """Print an answer as JSON."""
        self.stdout.write(json.dumps(answer, indent=2))
