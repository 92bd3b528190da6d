"""Lead a sync to another model by its name."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import System
from integrations.selectors.connections import find_connection
from integrations.services.repointing import (
    Comparison,
    compare_models,
    find_model,
    repoint_sync,
)
from integrations.services.syncs import find_sync


class Command(OrganizationCommand):
    """`manage.py repoint_sync NAME --model NAME [--connection NAME] [--check] [--json]`."""

    help = "Lead a sync to another model, where all it uses is found by the same names."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sync and the model."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--model", required=True, help="the other model's name")
        parser.add_argument("--connection", default="", help="another connection to Anaplan")
        parser.add_argument("--check", action="store_true", help="look, and change nothing")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Compare, say what was found, and lead the sync there."""
        with tenant(organization.pk):
            sync = find_sync(organization, options["name"])
            connection_id = sync.target_id
            if options["connection"]:
                found = find_connection(organization, options["connection"], System.ANAPLAN)
                connection_id = found.pk
        place: dict[str, Any] = {"organization": organization, "connection_id": connection_id}
        place |= {"model_id": find_model(**place, name=options["model"]), "sync_id": sync.pk}
        there = compare_models(**place)
        is_done = not options["check"] and there.refusal is None
        if is_done:
            repoint_sync(**place)
        self._tell(there, is_done=is_done, as_json=options["json"])
        if there.refusal:
            raise CommandError(f"{there.refusal.message} {there.refusal.fix}")

    def _tell(self, there: Comparison, *, is_done: bool, as_json: bool) -> None:
        if as_json:
            self.print_json(_report(there, is_done=is_done))
            return
        for line in there.lines:
            columns = "".join(
                f" {word} {', '.join(names)}."
                for word, names in (("More:", line.more), ("Lacks:", line.fewer))
                if names
            )
            self.stdout.write(f"{line.kind} {line.name}: {line.state}.{columns}")
        done = "loads it from now on; its next run sends every cell" if is_done else "is as it was"
        self.stdout.write(f"{there.sync.name} {done}.")


def _report(there: Comparison, *, is_done: bool) -> dict[str, Any]:
    return {
        "sync": there.sync.name,
        "connection": there.connection.name,
        "model": there.model_name,
        "model_id": there.model_id,
        "done": is_done,
        "found": [
            {
                "kind": line.kind,
                "name": line.name,
                "state": line.state,
                "id": line.id,
                "compared": line.is_compared,
                "more": list(line.more),
                "fewer": list(line.fewer),
            }
            for line in there.lines
        ],
        "error": {"code": there.refusal.code, "message": there.refusal.message}
        if there.refusal
        else None,
    }
