"""Map one QAD code to a member, or leave it without one."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from integrations.management.organization_command import OrganizationCommand
from integrations.services.mappings import remove_rule, set_rule


class Command(OrganizationCommand):
    """`manage.py map_code DIMENSION CODE [MEMBER]`; without a member the rule is removed."""

    help = "Map one QAD code to a member; without a member remove its rule."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the pair."""
        super().add_arguments(parser)
        parser.add_argument("dimension")
        parser.add_argument("code")
        parser.add_argument("member", nargs="?", default="")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Make the next mapping version."""
        pair = {"dimension": options["dimension"], "code": options["code"]}
        if options["member"]:
            version = set_rule(
                organization=organization,
                member=options["member"],
                requested_by="command line",
                **pair,
            )
        else:
            version = remove_rule(organization=organization, requested_by="command line", **pair)
        if options["json"]:
            self.print_json({"version": version.number, "note": version.note})
        else:
            self.stdout.write(f"Mapping version {version.number}: {version.note}.")
