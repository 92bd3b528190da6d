"""Sign off what an entity and period tie out to."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.moments import as_iso
from integrations.services.sign_offs import sign_off_unit
from integrations.services.syncs import find_sync


class Command(OrganizationCommand):
    """`manage.py sign_off SYNC --entity US01 --period 202610 --by EMAIL [--note TEXT] [--json]`."""

    help = "Sign the newest tie-out of an entity and period in the name of a member."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync, QAD's codes and the member."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--entity", required=True, help="QAD's code of the entity")
        parser.add_argument("--period", type=int, required=True, help="year*100+period")
        parser.add_argument("--by", required=True, help="the member's e-mail address")
        parser.add_argument("--note", default="")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Sign, and print what was signed."""
        with tenant(organization.pk):
            sync = find_sync(organization, options["name"])
        row = sign_off_unit(
            organization=organization,
            sync=sync,
            entity=options["entity"],
            year_period=options["period"],
            email=options["by"],
            note=options["note"],
        )
        if not options["json"]:
            self.stdout.write(f"{row.entity} {row.period} of run {row.run_id} is signed off.")
            return
        self.print_json(
            {
                "run": row.run_id,
                "entity": row.entity,
                "period": row.period,
                "signed_by": row.signed_by,
                "signed_at": as_iso(row.signed_at),
                "digest": row.digest,
                "totals": row.totals,
                "note": row.note,
            }
        )
