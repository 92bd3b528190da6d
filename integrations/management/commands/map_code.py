"""Map QAD codes to members, or leave them without one."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from integrations.management.organization_command import OrganizationCommand
from integrations.pipeline.rules import KINDS, WHOLE, RuleKey
from integrations.services.mappings import remove_rule, set_members


class Command(OrganizationCommand):
    """`manage.py map_code DIMENSION CODE [MEMBER]`; without a member the rules are removed."""

    help = "Map QAD codes to a member, or split them; without a member remove their rules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the rule holds, who takes it, and when."""
        super().add_arguments(parser)
        parser.add_argument("dimension")
        parser.add_argument("code", help='the code, or where it begins; "" for a default')
        parser.add_argument("member", nargs="?", default="")
        parser.add_argument("--kind", choices=KINDS, default="exact")
        parser.add_argument("--code-to", default="", metavar="CODE", help="the end of a range")
        parser.add_argument("--domain", default="", help="for one QAD domain only")
        parser.add_argument("--weight", type=_weight, default=WHOLE, help="the part of MEMBER")
        parser.add_argument(
            "--split", type=_part, action="append", default=[], metavar="MEMBER=WEIGHT",
            help="a further member and its part; the last one takes what rounding leaves",
        )  # fmt: skip
        parser.add_argument("--from", dest="valid_from", type=int, metavar="YYYYPP")
        parser.add_argument("--to", dest="valid_to", type=int, metavar="YYYYPP")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Make the next mapping version."""
        key = RuleKey(
            options["dimension"], options["domain"], options["kind"], options["code"],
            options["code_to"],
        )  # fmt: skip
        members = list(options["split"])
        if options["member"]:
            members.insert(0, (options["member"], options["weight"]))
        elif options["weight"] != WHOLE:
            raise CommandError("A weight belongs to a member: name the member, or use --split.")
        dates = {name: options[name] for name in ("valid_from", "valid_to")}
        if members:
            version = set_members(
                organization=organization, key=key, members=members, requested_by="command line",
                **dates,
            )  # fmt: skip
        elif any(dates.values()):
            raise CommandError("Without a member all rules are removed: leave --from and --to out.")
        else:
            version = remove_rule(
                organization=organization, requested_by="command line", **key._asdict()
            )
        if options["json"]:
            self.print_json({"version": version.number, "note": version.note})
        else:
            self.stdout.write(f"Mapping version {version.number}: {version.note}.")


def _part(text: str) -> tuple[str, Decimal]:
    member, _, weight = text.rpartition("=")
    return member, _weight(weight)


def _weight(text: str) -> Decimal:
    try:
        weight = Decimal(text)
    except InvalidOperation:
        weight = Decimal("NaN")
    if not weight.is_finite():
        raise ValueError(text)
    return weight
