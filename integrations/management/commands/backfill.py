"""Load past periods of a sync, one run each, the oldest first."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.commands.run_sync import Command as RunSync
from integrations.management.organization_command import OrganizationCommand
from integrations.services.backfilling import Loaded, backfill, read_calendar
from integrations.services.reports import run_report
from integrations.services.syncs import find_sync
from integrations.templatetags.amounts import period_name


class Command(RunSync):
    """`manage.py backfill NAME --from 202601 --to 202606 [--again] [--here] [--json]`.

    The exit code is 0 only when every period is reconciled.
    """

    help = "Load past periods of a sync, the oldest first; go on where it was at the next call."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and the range."""
        OrganizationCommand.add_arguments(self, parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--from", dest="first", type=int, required=True, help="year*100+period")
        parser.add_argument("--to", dest="last", type=int, required=True, help="year*100+period")
        parser.add_argument("--again", action="store_true", help="load green periods as well")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Load period by period, and say of each what became of it."""
        if options["first"] > options["last"]:
            raise CommandError("--from is later than --to.")
        with tenant(organization.pk):
            sync = find_sync(organization, options["name"])
        calendar = read_calendar(sync, first=options["first"], last=options["last"])
        done: list[Loaded] = []
        for loaded in backfill(
            organization=organization,
            sync=sync,
            calendar=calendar,
            requested_by="command line",
            see_through=lambda run_id: self._follow(organization, run_id, here=options["here"]),
            again=options["again"],
        ):
            done.append(loaded)
            if not options["json"]:
                self.stdout.write(_sentence(organization, loaded))
        is_complete = len(done) == len(calendar) and done[-1].is_green
        if options["json"]:
            self.print_json(_report(sync.name, done, is_complete=is_complete))
        if not is_complete:
            self.stderr.write(
                f"Stopped at {period_name(done[-1].period)}. Mend it, then call the same command "
                "again: it goes on there."
            )
            sys.exit(1)


def _sentence(organization: Organization, loaded: Loaded) -> str:
    period = period_name(loaded.period)
    if loaded.is_skipped:
        return f"{period} was reconciled by run {loaded.run_id} already."
    report = run_report(organization, loaded.run_id)
    reason = f": {report['error']['message']}" if report["error"] else "."
    return f"{period}: run {loaded.run_id} is {loaded.state}{reason}"


def _report(name: str, done: list[Loaded], *, is_complete: bool) -> dict[str, Any]:
    return {
        "sync": name,
        "periods": [
            {
                "period": loaded.period,
                "run": loaded.run_id,
                "state": loaded.state,
                "skipped": loaded.is_skipped,
            }
            for loaded in done
        ],
        "complete": is_complete,
    }
