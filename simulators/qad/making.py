"""The command `books`: made-up books of any size with a model and a mapping, steady by seed."""

import argparse
import sys
from pathlib import Path
from typing import Any

from simulators.qad.generate import generate
from simulators.qad.generated_lists import Size
from simulators.qad.generated_postings import generate_postings

POSTINGS = 20_000
OPTIONS = (
    ("entities", "entities", 3, "entities; three are in two domains, with two base currencies"),
    ("cost-centers", "cost_centers", 40, "cost centers"),
    ("accounts", "accounts", 120, "accounts, a third of them of the balance sheet"),
    ("months", "periods", 13, "months, from first to last"),
    ("first-month", "first_period", 202601, "year-period of the first month"),
    ("unmapped", "unmapped", 0, "accounts that the mapping leaves out"),
    ("seed", "seed", 1, "the same seed writes the same files"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command line of `books` may have."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument(
        "--postings", "--rows", type=int, default=POSTINGS, help=f"posting lines ({POSTINGS})"
    )
    rows.add_argument("--balances", type=int, help="only balances, so many, and no postings")
    for option, name, default, words in OPTIONS:
        parser.add_argument(
            f"--{option}", dest=name, type=int, default=default, help=f"{words} ({default})"
        )


def make_books(options: argparse.Namespace) -> int:
    """Write what the command line asks for; ValueError when it does not fit."""
    sizes: dict[str, Any] = {name: getattr(options, name) for _, name, _, _ in OPTIONS}
    if options.balances is not None:
        made = generate(Size(rows=options.balances, **sizes), options.out)
        sys.stdout.write(f"{made.rows} balances in {made.books}\n")
        return 0
    written = generate_postings(Size(rows=options.postings, **sizes), options.out)
    sys.stdout.write(
        f"{written.postings} postings, {written.balances} balances and {written.invoices} "
        f"invoices in {written.books}\n"
    )
    return 0
