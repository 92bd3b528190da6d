"""Start a run of a sync, or of all of them, and see it through."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import RunState, Sync
from integrations.services.reports import run_report
from integrations.services.syncs import find_sync, has_periods, in_order, start_run
from integrations.services.waiting import drive, follow, read_progress


class Command(OrganizationCommand):
    """`manage.py run_sync (NAME | --all) [--period 202611 …] [--wait | --here] [--json]`.

    With --wait or --here the exit code is 0 only when every run is reconciled.
    """

    help = "Start a run of a sync, or of all; with --wait see it through."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and its periods."""
        super().add_arguments(parser)
        parser.add_argument("name", nargs="?", default="", help="the sync's name")
        parser.add_argument("--all", action="store_true", help="every sync: lists, data, plans")
        parser.add_argument("--period", type=int, action="append", help="year*100+period")
        parser.add_argument("--all-periods", action="store_true", help="all of QAD's calendar")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to end it")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Start the run and follow it."""
        if bool(options["period"]) == options["all_periods"]:
            raise CommandError("Name periods with --period, or take --all-periods.")
        if bool(options["name"]) == options["all"]:
            raise CommandError("Name a sync, or take --all.")
        if options["all"]:
            self.run_all(organization, options)
            return
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

    def run_all(self, organization: Organization, options: dict[str, Any]) -> None:
        """Run every sync in order; what is refused of one does not keep the others."""
        with tenant(organization.pk):
            syncs = in_order(organization)
        waits, runs, refused = options["wait"] or options["here"], [], []
        for sync in syncs:
            try:
                runs.append(self._start(organization, sync, options))
            except Refused as refusal:
                refused.append({"sync": sync.name, "code": refusal.code, "message": str(refusal)})
                continue
            if options["here"]:
                self._follow(organization, runs[-1], here=True)
        for run_id in runs if options["wait"] and not options["here"] else ():
            self._follow(organization, run_id, here=False)
        reports = [run_report(organization, run_id) for run_id in runs]
        if options["json"]:
            self.print_json({"runs": reports, "refused": refused})
        else:
            for report in reports:
                self.stdout.write(f"{report['sync']}: {_sentence(report)}")
            for one in refused:
                self.stdout.write(f"{one['sync']} was not started: {one['message']}")
        if refused or (waits and any(r["state"] != RunState.RECONCILED for r in reports)):
            sys.exit(1)

    def _start(self, organization: Organization, sync: Sync, options: dict[str, Any]) -> int:
        run = start_run(
            organization=organization,
            sync_id=sync.pk,
            periods=options["period"] if has_periods(sync) else None,
            requested_by="command line",
        )
        return run.pk

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
            self.stdout.write(_sentence(report))
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


def _sentence(report: dict[str, Any]) -> str:
    reason = f": {report['error']['message']}" if report["error"] else "."
    return f"Run {report['run']} is {report['state']}{reason}"
