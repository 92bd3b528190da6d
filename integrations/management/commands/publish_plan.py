"""Publish a version of a plan in a member's name, and see it through to QAD."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import Refused
from accounts.models import Organization, User
from audit.tenancy import tenant
from integrations.management.commands.run_sync import Command as RunSync
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.plans import find_draft
from integrations.services.plans.publishing import publish_plan
from integrations.services.plans.pushing import find_push


class Command(RunSync):
    """`manage.py publish_plan SYNC --by EMAIL [--number N] [--accept-shrink] [--wait | --here]`.

    The member must hold the right to publish plans. With --wait or --here the exit code is 0 only
    when QAD holds the plan to the cent, or has no document for plans.
    """

    help = "Publish a version of a plan in a member's name."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync, the version and the member."""
        OrganizationCommand.add_arguments(self, parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--by", required=True, help="e-mail address of the member who approves")
        parser.add_argument("--number", type=int, help="the version's number; the newest draft")
        parser.add_argument("--accept-shrink", action="store_true", help="although it has shrunk")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to send it")
        parser.add_argument("--here", action="store_true", help="send it in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Publish the version, and follow its run where there is one."""
        actor = User.objects.filter(
            email=options["by"], memberships__organization=organization
        ).first()
        if actor is None:
            raise Refused("plan_person_unknown", email=options["by"])
        with tenant(organization.pk):
            version = find_draft(organization, options["name"], options["number"])
        version = publish_plan(
            organization=organization,
            version_id=version.pk,
            actor=actor,
            accepts_shrink=options["accept_shrink"],
        )
        if not options["json"]:
            self.stdout.write(f"{version.reference} is published by {actor.email}.")
        with tenant(organization.pk):
            run = find_push(version)
        if run is not None:
            self.see_through(organization, run.pk, options, **_said_of(version))
        elif options["json"]:
            self.print_json({"run": None, **_said_of(version)})


def _said_of(version: Any) -> dict[str, Any]:
    names = ("period", "currency", "amount")
    totals = [dict(zip(names, total, strict=True)) for total in version.totals]
    return {"plan": version.reference, "totals": totals}
