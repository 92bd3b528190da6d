"""Replay a run or chosen records of it."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from integrations.management.commands.run_sync import Command as RunSync
from integrations.management.organization_command import OrganizationCommand
from integrations.services.replay import replay_records, replay_run


class Command(RunSync):
    """`manage.py replay RUN [--record ID …] [--wait | --here] [--json]`."""

    help = "Replay a run, or chosen records of it, under today's mapping."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run and its records."""
        OrganizationCommand.add_arguments(self, parser)
        parser.add_argument("run", type=int, help="the run's number")
        parser.add_argument("--record", type=int, action="append", help="a record's number")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to end it")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Start the replay and follow it."""
        if options["record"]:
            run = replay_records(
                organization=organization,
                run_id=options["run"],
                exception_ids=options["record"],
                requested_by="command line",
            )
        else:
            run = replay_run(
                organization=organization, run_id=options["run"], requested_by="command line"
            )
        self.see_through(organization, run.pk, options)
