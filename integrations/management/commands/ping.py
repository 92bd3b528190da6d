"""Ping a connection from the command line, and see each step as it ends."""

import sys
import time
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import PingState
from integrations.selectors.connections import find_connection
from integrations.selectors.ping_words import WORDS, headline
from integrations.selectors.pings import PingSeen, StepSeen, StepState, get_ping, ping_report
from integrations.services.pinging.asking import start_ping
from integrations.services.pinging.carrying import carry_out

PAUSE_SECONDS = 0.3
_OPEN = (StepState.WAITING, StepState.RUNNING)


class Command(OrganizationCommand):
    """`manage.py ping CONNECTION [--json]`; exit code 0 only when all is well."""

    help = "Look at a connected system step by step, as a run would meet it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the connection."""
        super().add_arguments(parser)
        parser.add_argument("connection", help="the connection's name or number")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Carry the ping out in this process, or follow the one that runs."""
        with tenant(organization.pk):
            connection = find_connection(organization, options["connection"])
        ping = start_ping(
            organization=organization,
            connection_id=connection.pk,
            asked_by="command line",
            is_here=True,
        )
        told: set[str] = set()

        def look() -> PingSeen:
            with tenant(organization.pk):
                return get_ping(organization, connection.pk, ping.pk)

        def tell() -> None:
            if not options["json"]:
                self._tell_steps(look(), told)

        carry_out(organization.pk, ping.pk, on_step=tell)
        while (seen := look()).is_running:
            tell()
            time.sleep(PAUSE_SECONDS)
        tell()
        if options["json"]:
            self.print_json(ping_report(seen))
        else:
            self.stdout.write(headline(seen).text)
        if seen.state != PingState.OK:
            sys.exit(1)

    def _tell_steps(self, ping: PingSeen, told: set[str]) -> None:
        """Print the steps that have ended and were not told yet."""
        for step in ping.steps:
            if step.state not in _OPEN and step.name not in told:
                told.add(step.name)
                self._tell(step)

    def _tell(self, step: StepSeen) -> None:
        seconds = "" if step.seconds is None else f"{step.seconds:.2f} s"
        word = WORDS[step.state]
        self.stdout.write(f"{step.label:<18} {word:<16} {seconds:>8}  {step.found}".rstrip())
        if step.problem is None:
            return
        for said in (
            f"What happened: {step.problem.happened}",
            f"What it means: {step.problem.means}",
            f"What to do: {step.problem.to_do} ({step.problem.who})",
            f"Code: {step.problem.code}",
            f"Raw answer: {step.problem.detail}" if step.problem.detail else "",
        ):
            if said:
                self.stdout.write(f"    {said}")
