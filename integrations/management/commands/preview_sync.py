"""Show what a sync would load, and send nothing."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.services.previewing import LINES, Preview, preview_sync
from integrations.services.sync_looking import found_for
from integrations.services.syncs import find_sync


class Command(OrganizationCommand):
    """`manage.py preview_sync NAME [--lines N] [--json]`."""

    help = "Show the first lines that a sync would send; nothing is kept and nothing is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and how much to show."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--lines", type=int, default=LINES, help="how many lines to show")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Map one page and print what it comes to."""
        with tenant(organization.pk):
            sync = find_sync(organization, options["name"])
        found = found_for(organization=organization, sync=sync)
        preview = preview_sync(
            organization=organization, sync=sync, found=found, lines=max(1, options["lines"])
        )
        if options["json"]:
            self.print_json({"sync": sync.name, **_report(preview)})
            return
        self.stdout.write(preview.text)
        for sentence in _sentences(preview):
            self.stderr.write(sentence)


def _report(preview: Preview) -> dict[str, Any]:
    return {
        **asdict(preview),
        "held": [reason._asdict() for reason in preview.held],
        "sums": dict(preview.sums),
    }


def _sentences(preview: Preview) -> list[str]:
    page = "the last kept page" if preview.is_kept else "one page"
    sums = ", ".join(f"{measure} {value}" for measure, value in preview.sums)
    return [
        f"{preview.part}, {page}: {preview.rows} rows in {preview.cells} cells, sums {sums}.",
        f"Left out {preview.left_out}, repeated {preview.repeats}, held {preview.held_rows}.",
        *(
            f"Held {reason.rows}: {reason.title}, such as {', '.join(reason.codes)}."
            for reason in preview.held
        ),
    ]
