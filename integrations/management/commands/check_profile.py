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
from integrations.selectors.moments import as_iso
from integrations.services.document_checks import check_profile
from integrations.transport.errors import IntegrationError


class Command(OrganizationCommand):
    """`manage.py check_profile CONNECTION [--json]`; exit code 0 only when all is well."""

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
        if overview.missed or overview.good < len(overview.lines) - overview.count("off"):
            sys.exit(1)


def _report(overview: Overview) -> dict[str, Any]:
    version = overview.version
    return {
        "connection": overview.connection.name,
        "version": version.number if version else None,
        "checked_at": as_iso(overview.checked_at),
        "documents": [_document(line) for line in overview.lines],
    }


def _document(line: Line) -> dict[str, Any]:
    row = line.check
    return {
        "document": line.document,
        "state": line.state,
        **_words(_error(line)),
        "evidence": row.evidence if row else {},
        "checked_at": as_iso(row.checked_at) if row else None,
        "missed": _missed(line),
    }


def _missed(line: Line) -> dict[str, str | None] | None:
    error = _missed_error(line)
    if line.check is None or error is None:
        return None
    return {"at": as_iso(line.check.missed_at), **_words(error)}


def _words(error: IntegrationError | None) -> dict[str, str]:
    return {
        "code": error.code if error else "",
        "meaning": error.message if error else "",
        "fix": error.fix if error else "",
        "who": error.entry.who if error else "",
    }


def _sentence(line: Line) -> str:
    error, missed = _error(line), _missed_error(line)
    said = f" {_told(error)}" if error else ""
    also = f" This check found nothing out: {_told(missed)}" if missed else ""
    return f"{line.document}: {line.state}.{said}{also}"


def _told(error: IntegrationError) -> str:
    return f"{error.message} {error.fix} ({error.entry.who}; {error.code})"


def _error(line: Line) -> IntegrationError | None:
    row = line.check
    return IntegrationError(row.code, **row.facts) if row and row.code else None


def _missed_error(line: Line) -> IntegrationError | None:
    row = line.check
    return IntegrationError(row.missed_code, **row.missed_facts) if row and line.missed else None
