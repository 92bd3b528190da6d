"""Start a run of a sync, and see it through."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import RunState
from integrations.services.reports import run_report
from integrations.services.syncs import find_sync, start_run
from integrations.services.waiting import drive, follow, read_progress


class Command(OrganizationCommand):
    """`manage.py run_sync NAME [--period 202611 …] [--wait | --here] [--json]`.

    With --wait or --here the exit code is 0 only when the run is reconciled.
    """

    help = "Start a run of a sync; with --wait see it through."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and its periods."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--period", type=int, action="append", help="year*100+period")
        parser.add_argument("--all-periods", action="store_true", help="all of QAD's calendar")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to end it")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Start the run and follow it."""
        if bool(options["period"]) == options["all_periods"]:
            raise CommandError("Name periods with --period, or take --all-periods.")
        with tenant(organization.pk):
            sync = find_sync(organization, options["name"])
        run = start_run(
            organization=organization,
            sync_id=sync.pk,
            periods=options["period"],
            requested_by="command line",
            may_join=False,
        )
        self.see_through(organization, run.pk, options)

    def see_through(
        self, organization: Organization, run_id: int, options: dict[str, Any], **more: Any
    ) -> None:
        """Follow a run with a progress bar and report its end, with `more` in its JSON."""
        waits = options["wait"] or options["here"]
        if waits:
            self._follow(organization, run_id, here=options["here"])
        report = run_report(organization, run_id)
        if options["json"]:
            self.print_json(report | more)
        else:
            reason = f": {report['error']['message']}" if report["error"] else "."
            self.stdout.write(f"Run {run_id} is {report['state']}{reason}")
        if waits and report["state"] != RunState.RECONCILED:
            sys.exit(1)

    def _follow(self, organization: Organization, run_id: int, *, here: bool) -> None:
        with tqdm(
            total=100,
            disable=None,
            unit="%",
            bar_format="{desc:<10}{percentage:3.0f}% |{bar}| {elapsed}",
        ) as bar:

            def show() -> None:
                progress = read_progress(organization, run_id)
                bar.set_description_str(progress.phase)
                bar.update(round(progress.share * 100) - bar.n)

            if here:
                drive(organization, run_id, on_step=show)
                return
            for _ in follow(organization, run_id):
                show()
