"""Check a connection's instance profile against its QAD."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.management.organization_command import OrganizationCommand
from integrations.models import System
from integrations.selectors.connections import find_connection
from integrations.selectors.document_checks import Line, Overview, get_overview
from integrations.services.document_checks import check_profile
from integrations.transport.errors import IntegrationError


class Command(OrganizationCommand):
    """`manage.py check_profile CONNECTION [--json]`; exit code 0 only when syncs may read all."""

    help = "Check a connection's instance profile against its QAD."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the connection."""
        super().add_arguments(parser)
        parser.add_argument("connection", help="the connection's name or number")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Ask QAD for a row of each document, and print what came of it."""
        with tenant(organization.pk):
            connection = find_connection(organization, options["connection"], System.QAD)
        check_profile(
            organization=organization, connection_id=connection.pk, asked_by="command line"
        )
        with tenant(organization.pk):
            connection.refresh_from_db()
            overview = get_overview(connection)
        if options["json"]:
            self.print_json(_report(overview))
        else:
            for line in overview.lines:
                self.stdout.write(_sentence(line))
        if overview.good < len(overview.lines) - overview.count("off"):
            sys.exit(1)


def _report(overview: Overview) -> dict[str, Any]:
    version, checked_at = overview.version, overview.checked_at
    return {
        "connection": overview.connection.name,
        "version": version.number if version else None,
        "checked_at": checked_at.isoformat() if checked_at else None,
        "documents": [_document(line) for line in overview.lines],
    }


def _document(line: Line) -> dict[str, Any]:
    error = _error(line)
    return {
        "document": line.document,
        "state": line.state,
        "code": error.code if error else "",
        "meaning": error.message if error else "",
        "fix": error.fix if error else "",
        "who": error.entry.who if error else "",
        "evidence": line.check.evidence if line.check else {},
    }


def _sentence(line: Line) -> str:
    error = _error(line)
    said = f" {error.message} {error.fix} ({error.entry.who}; {error.code})" if error else ""
    return f"{line.document}: {line.state}.{said}"


def _error(line: Line) -> IntegrationError | None:
    if line.check is None or not line.check.code:
        return None
    return IntegrationError(line.check.code, **line.check.facts)
