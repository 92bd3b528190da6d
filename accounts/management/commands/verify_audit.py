"""Check the organizations' chains of events and name the first bad link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from audit.trail import verify_chain


class Command(BaseCommand):
    """`manage.py verify_audit [--organization SLUG]`; exit code 1 when a chain does not hold."""

    help = "Check the audit trail's chains and name the first bad link of each."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one organization's slug; all of them without it."""
        parser.add_argument("--organization", default="", help="the organization's short name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check each chain; fail after all were checked."""
        chosen = Organization.objects.order_by("slug")
        if options["organization"]:
            chosen = chosen.filter(slug=options["organization"])
            if not chosen:
                raise CommandError(f"There is no organization {options['organization']!r}.")
        broken = 0
        for organization in chosen:
            count, bad = verify_chain(organization.pk)
            if bad is None:
                self.stdout.write(f"{organization.slug}: {count:,} events, chain intact.")
            else:
                broken += 1
                self.stderr.write(f"{organization.slug}: broken at {bad.sequence:,}: {bad.reason}.")
        if broken:
            raise CommandError(f"{broken} chain(s) do not hold.")
