"""List the changes of closed periods, or approve one that waits."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from accounts.selectors import find_member_by_address
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.closed_changes import list_decided, list_waiting
from integrations.services.closed_changes import approve_change
from integrations.services.reports import change_report


class Command(OrganizationCommand):
    """`manage.py closed_changes [--approve ID --by EMAIL] [--json]`."""

    help = "List the changes of closed periods, or approve one that waits."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the change and who approves it."""
        super().add_arguments(parser)
        parser.add_argument("--approve", type=int, metavar="ID", help="the change's number")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the member who approves it")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Approve, or print those that wait and those that were decided last."""
        if (options["approve"] is None) != (not options["by"]):
            raise CommandError("An approval takes both: --approve ID and --by EMAIL.")
        if options["approve"] is not None:
            self._approve(organization, options)
            return
        with tenant(organization.pk):
            changes = [*list_waiting(organization), *list_decided(organization)]
            reports = [change_report(change) for change in changes]
        if options["json"]:
            self.print_json({"changes": reports})
            return
        for report in reports:
            self.stdout.write(_line(report))
        waiting = sum(report["state"] == "waiting" for report in reports)
        self.stdout.write(f"{waiting:,} wait, {len(reports) - waiting:,} were decided.")

    def _approve(self, organization: Organization, options: dict[str, Any]) -> None:
        with tenant(organization.pk):
            actor = find_member_by_address(organization, options["by"])
        if actor is None:
            raise CommandError(f"{options['by']} is no member of {organization.name}.")
        run = approve_change(organization=organization, change_id=options["approve"], actor=actor)
        if options["json"]:
            self.print_json({"change": options["approve"], "replay": run.pk})
        else:
            self.stdout.write(f"Change {options['approve']} is approved; run {run.pk} sends it.")


def _line(report: dict[str, Any]) -> str:
    by = (
        ", ".join(f"{measure} {amount}" for measure, amount in report["by"].items())
        or "several currencies"
    )
    decided = f" {report['decided_at']} {report['decided_by']}" if report["decided_at"] else ""
    return (
        f"{report['change']}: {report['state']}{decided}: {report['sync']}, {report['entity']} "
        f"{report['period']} by {by} {report['currency']}".rstrip()
        + f" in {report['cells']:,} cells since {report['since']}, found by run {report['run']}"
    )
