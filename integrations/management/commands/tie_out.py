"""Print a run's tie-out."""

import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import Organization
from integrations.management.organization_command import OrganizationCommand
from integrations.models import RunState
from integrations.pipeline.amounts import EXACT
from integrations.services.drill import (
    CellPage,
    Wanted,
    cells_report,
    find_cells,
    find_rows,
    rows_report,
)
from integrations.services.reports import plain, run_report, tie_out_report

COLUMNS = ("qad", "sent", "anaplan", "difference")
PLACE = ("entity", "period", "finality", "currency", "measure")


class Command(OrganizationCommand):
    """`manage.py tie_out RUN [--entity E --period P [--account A] [--cost-center C] [--rows]]`.

    The exit code is 0 only when the run is reconciled.
    """

    help = "Print what QAD says, what was sent and what Anaplan holds."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run."""
        super().add_arguments(parser)
        parser.add_argument("run", type=int, help="the run's number")
        parser.add_argument("--entity", default="", help="show cells: member or QAD's code")
        parser.add_argument("--period", default="", help="the period's member or year*100+period")
        parser.add_argument("--account", default="", help="only cells of this account or supplier")
        parser.add_argument("--cost-center", default="", help="only cells of this cost center")
        parser.add_argument("--rows", action="store_true", help="show the source rows of each cell")
        parser.add_argument("--after", default="", help="go on after this cell")

    def work(self, organization: Organization, options: dict[str, Any]) -> None:
        """Print every entity and period, or all lines as JSON."""
        if bool(options["entity"]) != bool(options["period"]):
            raise CommandError("Name both --entity and --period to see cells.")
        if options["entity"]:
            self._show_cells(organization, options)
            return
        report = tie_out_report(organization, options["run"])
        if options["json"]:
            self.print_json(report)
        else:
            self._print_table(report["lines"])
            run = run_report(organization, options["run"])
            self.stdout.write(f"Run {run['run']} is {run['state']}.")
        if report["state"] != RunState.RECONCILED:
            sys.exit(1)

    def _show_cells(self, organization: Organization, options: dict[str, Any]) -> None:
        """Print cells, and with --rows the source rows behind each of them."""
        wanted = Wanted(
            options["entity"],
            options["period"],
            account=options["account"],
            cost_center=options["cost_center"],
        )
        run = run_report(organization, options["run"])
        page = find_cells(organization, options["run"], wanted, after=options["after"])
        rows = (
            {
                cell.key: rows_report(find_rows(organization, options["run"], wanted, cell.key))
                for cell in page.cells
            }
            if options["rows"]
            else {}
        )
        if options["json"]:
            answer = {"run": run["run"], "state": run["state"], "cells": cells_report(page)}
            if options["rows"]:
                answer["rows"] = rows
            self.print_json(answer | {"after": page.after})
        else:
            self._print_cells(page, rows)
            self.stdout.write(f"Run {run['run']} is {run['state']}.")
        if run["state"] != RunState.RECONCILED:
            sys.exit(1)

    def _print_cells(self, page: CellPage, rows: dict[str, list[dict[str, Any]]]) -> None:
        shown = ""
        for cell in cells_report(page):
            if cell["cell"] != shown:
                shown = cell["cell"]
                self.stdout.write(shown)
                for row in rows.get(shown, ()):
                    amounts = ", ".join(f"{name} {text}" for name, text in row["values"].items())
                    self.stdout.write(f"  {row['unit']}  {row['source_key']}  {amounts}")
            amounts = "  ".join(f"{name} {cell[name] or 'none'}" for name in COLUMNS)
            self.stdout.write(f"  {cell['measure']}: {amounts}")
        if page.after:
            self.stdout.write(f"There are more: go on with --after '{page.after}'.")

    def _print_table(self, lines: list[dict[str, Any]]) -> None:
        sums: dict[tuple[str, ...], list[Decimal | None]] = defaultdict(lambda: [Decimal(0)] * 4)
        for line in lines:
            key = tuple(line[name] for name in PLACE)
            sums[key] = [
                _add(total, line[column]) for total, column in zip(sums[key], COLUMNS, strict=True)
            ]
        table: list[tuple[str, ...]] = [(*PLACE, *COLUMNS)]
        table += [(*key, *map(_words, totals)) for key, totals in sums.items()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        at = len(PLACE)
        for row in table:
            texts = [text.ljust(width) for text, width in zip(row[:at], widths[:at], strict=True)]
            texts += [text.rjust(width) for text, width in zip(row[at:], widths[at:], strict=True)]
            self.stdout.write("  ".join(texts).rstrip())


def _add(total: Decimal | None, text: str | None) -> Decimal | None:
    return None if total is None or text is None else EXACT.add(total, Decimal(text))


def _words(amount: Decimal | None) -> str:
    text = plain(amount)
    if text is None:
        return "not read back"
    whole, _, decimals = text.partition(".")
    return f"{int(whole):,}.{decimals}" if whole not in ("-0",) else f"-0.{decimals}"
