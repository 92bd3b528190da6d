"""Print plan against actual in QAD's codes."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.plans import find_plan_sync, find_version
from integrations.services.plans.comparing import Comparison, compare, find_actuals
from integrations.services.reports import plain

COLUMNS = ("entity", "period", "account", "cost_center", "currency", "actual", "plan", "variance")


class Command(OrganizationCommand):
    """`manage.py plan_actual SYNC [--number N] [--actuals NAME] [--json]`.

    A missing plan is a gap and no zero, and so is an actual of a period that was never loaded.
    """

    help = "Print plan against actual per entity, period, account and cost center."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync of the plan and that of the actuals."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the name of the sync that brings the plan")
        parser.add_argument("--number", type=int, help="the version's number; the published one")
        parser.add_argument("--actuals", default="", help="the sync of the actuals, if several")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Print every place."""
        with tenant(organization.pk):
            version = find_version(organization, options["name"], options["number"])
            plan = find_plan_sync(organization, options["name"])
            actuals = find_actuals(organization, plan, options["actuals"])
        lines = [_line(found) for found in compare(organization, version, actuals)]
        if options["json"]:
            name = actuals.name if actuals else None
            self.print_json({"plan": version.reference, "actuals": name, "lines": lines})
            return
        table = [COLUMNS, *(tuple(line[name] or "-" for name in COLUMNS) for line in lines)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            texts = [text.ljust(width) for text, width in zip(row[:5], widths[:5], strict=True)]
            texts += [text.rjust(width) for text, width in zip(row[5:], widths[5:], strict=True)]
            self.stdout.write("  ".join(texts).rstrip())


def _line(found: Comparison) -> dict[str, str | None]:
    place = found.place
    return {
        "entity": place.entity,
        "period": str(place.year_period),
        "account": place.gl_account,
        "cost_center": place.cost_center,
        "currency": place.currency,
        "actual": plain(found.actual),
        "plan": plain(found.plan),
        "variance": plain(found.variance),
    }
