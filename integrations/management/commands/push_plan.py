"""Send the published version of a plan to QAD once more."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.commands.run_sync import Command as RunSync
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.plans import find_plan_sync
from integrations.services.plans.pushing import push_plan


class Command(RunSync):
    """`manage.py push_plan SYNC [--wait | --here] [--json]`."""

    help = "Send the published version of a plan to QAD once more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync."""
        OrganizationCommand.add_arguments(self, parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to end it")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Start the run and follow it."""
        with tenant(organization.pk):
            sync = find_plan_sync(organization, options["name"])
        run = push_plan(organization=organization, sync_id=sync.pk, requested_by="command line")
        self.see_through(organization, run.pk, options)
