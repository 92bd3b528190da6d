"""Make or change a sync that brings a plan from Anaplan to QAD."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import Connection, PlanType, Sync, System
from integrations.services.sync_editing import PlanWish, SyncWish, set_sync
from integrations.services.sync_looking import look


class Command(OrganizationCommand):
    """`manage.py plan_sync NAME --export NAME [--plan NAME] [--column HEADER=FIELD …] …`.

    It takes the model that the connection to Anaplan has chosen, and all entities that QAD offers
    unless some are named.
    """

    help = "Make or change a sync that brings a plan from Anaplan to QAD."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the sync says."""
        super().add_arguments(parser)
        parser.add_argument("name", help="the sync's name")
        parser.add_argument("--export", required=True, help="name of the export of the plan")
        parser.add_argument("--plan", default="", help="what the plan is called, if no column says")
        parser.add_argument("--type", choices=PlanType.values, default=str(PlanType.BUDGET))
        parser.add_argument("--column", action="append", default=[], help="HEADER=FIELD or =TEXT")
        parser.add_argument("--code", action="append", default=[], help="DIMENSION/MEMBER=CODE")
        parser.add_argument("--shrink", type=int, default=20, help="loss of rows in percent")
        parser.add_argument("--entity", action="append", help="DOMAIN|ENTITY, once for each")
        parser.add_argument("--qad", default="", help="the connection to QAD, if several")
        parser.add_argument("--anaplan", default="", help="the connection to Anaplan, if several")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Look at both systems, then save."""
        with tenant(organization.pk):
            source = _connection(organization, System.QAD, options["qad"])
            target = _connection(organization, System.ANAPLAN, options["anaplan"])
        for refusal in look(
            organization=organization,
            source=str(source.pk),
            target=str(target.pk),
            names=[options["export"]],
            again=False,
        ):
            raise refusal
        with tenant(organization.pk):
            source.refresh_from_db()
            found = Sync.objects.filter(organization=organization, name=options["name"]).first()
        wish = SyncWish(
            name=options["name"],
            source_id=source.pk,
            target_id=target.pk,
            entities=options["entity"] or _offered(source),
            import_name="",
            export_name=options["export"],
            export_bindings=dict(map(_pair, options["column"])),
            plan=PlanWish(
                options["plan"], options["type"], _codes(options["code"]), options["shrink"]
            ),
        )
        sync = set_sync(organization=organization, sync_id=found.pk if found else None, wish=wish)
        said = {"sync": sync.name, "export": sync.export_name, "entities": sync.entities}
        if options["json"]:
            self.print_json(said)
        else:
            self.stdout.write(f"{sync.name} brings {sync.export_name} back to {source.name}.")


def _connection(organization: Organization, system: System, name: str) -> Connection:
    rows = Connection.objects.filter(organization=organization, system=system)
    found = list(rows.filter(name=name) if name else rows)
    if len(found) != 1:
        raise CommandError(f"Name one connection to {system.label}: {len(found)} fit.")
    return found[0]


def _offered(source: Connection) -> list[str]:
    places = source.offered.get("workspaces", [])
    return [f"{place['domain']}|{place['entity']}" for place in places]


def _pair(text: str) -> tuple[str, str]:
    header, sign, field = text.partition("=")
    if not (header and sign and field):
        raise CommandError(f"“{text}” is no pair such as Month=period or Line items==Amount.")
    return header, field


def _codes(texts: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        place, code = _pair(text)
        dimension, _, member = place.partition("/")
        found.setdefault(dimension, {})[member] = code
    return found
