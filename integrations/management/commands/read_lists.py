"""Read the lists of QAD and Anaplan, and say where they differ."""

import sys
from typing import Any

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.selectors.alignment_cards import Card, list_matters, make_cards
from integrations.selectors.moments import as_iso
from integrations.services.reference import read_lists


class Command(OrganizationCommand):
    """`manage.py read_lists [--json]`; exit code 0 only when all lists could be read."""

    help = "Read the lists of QAD and Anaplan, and say where they differ."

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Read all lists now, and print how each dimension stands."""
        read_lists(organization, is_asked=True)
        with tenant(organization.pk):
            cards = make_cards(list_matters(organization))
        if options["json"]:
            self.print_json({"dimensions": [_report(card) for card in cards]})
        else:
            for card in cards:
                self.stdout.write(_sentence(card))
        if any(card.troubles for card in cards):
            sys.exit(1)


def _report(card: Card) -> dict[str, Any]:
    members = card.member_list
    return {
        "dimension": card.dimension,
        "codes": card.codes,
        "mapped": card.mapped,
        "list": members.list_name if members else None,
        "carries": members.carries if members else None,
        "members": card.members,
        "differences": dict(card.counts),
        "read_at": as_iso(card.read_at),
        "troubles": list(card.troubles),
    }


def _sentence(card: Card) -> str:
    members = card.member_list
    list_name = f"{card.members:,} members of {members.list_name}" if members else "no list chosen"
    found = ", ".join(f"{count:,} {kind}" for kind, count in card.counts.items() if count)
    said = f"{card.label}: {card.codes:,} codes, {card.mapped:,} mapped; {list_name}; "
    troubles = "".join(f" {trouble}." for trouble in card.troubles)
    return f"{said}{found or 'no differences'}.{troubles}"
