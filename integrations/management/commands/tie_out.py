"""Print a run's tie-out."""

import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Organization
from integrations.management.organization_command import OrganizationCommand
from integrations.models import RunState
from integrations.pipeline.amounts import EXACT
from integrations.services.reports import plain, run_report, tie_out_report

COLUMNS = ("qad", "sent", "anaplan", "difference")


class Command(OrganizationCommand):
    """`manage.py tie_out RUN [--json]`; exit code 0 only when the run is reconciled."""

    help = "Print what QAD says, what was sent and what Anaplan holds."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run."""
        super().add_arguments(parser)
        parser.add_argument("run", type=int, help="the run's number")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Print every entity and period, or all lines as JSON."""
        report = tie_out_report(organization, options["run"])
        if options["json"]:
            self.print_json(report)
        else:
            self._print_table(report["lines"])
            run = run_report(organization, options["run"])
            self.stdout.write(f"Run {run['run']} is {run['state']}.")
        if report["state"] != RunState.RECONCILED:
            sys.exit(1)

    def _print_table(self, lines: list[dict[str, Any]]) -> None:
        sums: dict[tuple[str, ...], list[Decimal | None]] = defaultdict(lambda: [Decimal(0)] * 4)
        for line in lines:
            key = tuple(line[name] for name in ("entity", "period", "currency", "measure"))
            sums[key] = [
                _add(total, line[column]) for total, column in zip(sums[key], COLUMNS, strict=True)
            ]
        table: list[tuple[str, ...]] = [("entity", "period", "currency", "measure", *COLUMNS)]
        table += [(*key, *map(_words, totals)) for key, totals in sums.items()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            texts = [text.ljust(width) for text, width in zip(row[:4], widths[:4], strict=True)]
            texts += [text.rjust(width) for text, width in zip(row[4:], widths[4:], strict=True)]
            self.stdout.write("  ".join(texts).rstrip())


def _add(total: Decimal | None, text: str | None) -> Decimal | None:
    return None if total is None or text is None else EXACT.add(total, Decimal(text))


def _words(amount: Decimal | None) -> str:
    text = plain(amount)
    if text is None:
        return "not read back"
    whole, _, decimals = text.partition(".")
    return f"{int(whole):,}.{decimals}" if whole not in ("-0",) else f"-0.{decimals}"
