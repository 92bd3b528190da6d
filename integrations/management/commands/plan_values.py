"""Print the values of a plan in QAD's codes."""

from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.plans import HEADER, find_version, iter_rows
from integrations.services.plans.files import write_plan


class Command(OrganizationCommand):
    """`manage.py plan_values SYNC [--number N] [--format csv|xlsx|json] [--output FILE]`.

    Without a number it is the published version; drafts are printed only where they are named.
    """

    help = "Print the values of a plan version in QAD's codes, in an import layout."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync, the version and the form."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--number", type=int, help="the version's number; the published one")
        parser.add_argument("--format", choices=("csv", "xlsx", "json"), default="csv")
        parser.add_argument("--output", default="", help="write to this file")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Print the values, or write them to a file."""
        form = "json" if options["json"] else options["format"]
        if form == "xlsx" and not options["output"]:
            raise CommandError("A spreadsheet needs a file: name one with --output.")
        with tenant(organization.pk):
            version = find_version(organization, options["name"], options["number"])
            if form == "json":
                rows = [dict(zip(HEADER, row, strict=True)) for row in iter_rows(version)]
                state = {"plan": version.reference, "state": version.state, "values": rows}
                self.print_json(state)
            elif options["output"]:
                with Path(options["output"]).open("wb") as stream:
                    write_plan(version, form, stream)
            else:
                text = BytesIO()
                write_plan(version, form, text)
                self.stdout.write(text.getvalue().decode("utf-8-sig"), ending="")
