"""Replay a run, chosen records of it, or all that a sync holds."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.commands.run_sync import Command as RunSync
from integrations.management.organization_command import OrganizationCommand
from integrations.models import Run
from integrations.selectors.exceptions import open_record_ids
from integrations.services.replay import replay_held, replay_records, replay_run
from integrations.services.replay_preview import preview_held, preview_records, preview_report
from integrations.services.reports import find_run
from integrations.services.syncs import find_sync

BY = "command line"


class Command(RunSync):
    """`manage.py replay (RUN [--record ID … | --code C | --member DIM=CODE] | --held SYNC)`.

    With --preview nothing is started. Otherwise as `run_sync`.
    """

    help = "Replay a run, chosen records of it, or all that a sync holds, under today's mapping."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run and its records."""
        OrganizationCommand.add_arguments(self, parser)
        parser.add_argument("run", type=int, nargs="?", help="the run's number")
        parser.add_argument("--record", type=int, action="append", help="a record's number")
        parser.add_argument("--code", default="", help="all open records with this reason")
        parser.add_argument("--member", default="", help="all held for one code: DIMENSION=CODE")
        parser.add_argument("--held", default="", help="all open records of this sync")
        parser.add_argument("--preview", action="store_true", help="show it and start nothing")
        parser.add_argument("--wait", action="store_true", help="wait for the workers to end it")
        parser.add_argument("--here", action="store_true", help="do the work in this process")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Show or start the replay, and follow it."""
        if bool(options["held"]) == (options["run"] is not None):
            raise CommandError("Name a run, or a sync with --held.")
        if options["held"]:
            with tenant(organization.pk):
                sync_id = find_sync(organization, options["held"]).pk
            if options["preview"]:
                preview = preview_held(organization=organization, sync_id=sync_id)
                self.print_json(preview_report(preview))
                return
            run = replay_held(organization=organization, sync_id=sync_id, requested_by=BY)
        else:
            chosen = self._chosen(organization, options)
            wish: dict[str, Any] = {"organization": organization, "run_id": options["run"]}
            if options["preview"]:
                preview = preview_records(exception_ids=chosen or [], **wish)
                self.print_json(preview_report(preview))
                return
            run = self._begin(chosen, wish)
        self.see_through(organization, run.pk, options)

    def _begin(self, chosen: list[int] | None, wish: dict[str, Any]) -> Run:
        if chosen is None:
            return replay_run(requested_by=BY, **wish)
        return replay_records(exception_ids=chosen, requested_by=BY, **wish)

    def _chosen(self, organization: Organization, options: dict[str, Any]) -> list[int] | None:
        """Return the chosen records; None for the whole run."""
        dimension, _, code = options["member"].partition("=")
        if options["record"]:
            return list(options["record"])
        is_narrowed = options["code"] or dimension
        if not is_narrowed and not options["preview"]:
            return None
        with tenant(organization.pk):
            run = find_run(organization, options["run"])
            found = open_record_ids(
                run, code=options["code"], dimension=dimension, member_code=code
            )
        if not found and is_narrowed:
            raise Refused("replay_nothing_open")
        return found
