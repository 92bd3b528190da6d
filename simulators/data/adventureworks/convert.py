"""Turns the AdventureWorks finance sample into books, a model and their mapping."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from simulators.data.adventureworks.books import write_books
from simulators.data.adventureworks.planning import write_mapping, write_model
from simulators.data.adventureworks.source import read_sample
from simulators.data.modelparts import count_periods

FIRST_YEAR_PERIOD = 201012


def convert(source: Path, target: Path, *, first_year_period: int = FIRST_YEAR_PERIOD) -> None:
    """Convert the sample in `source`; its posting dates are period ends, counted from the first.

    A year-period is never taken from the month of a date: two of the sample's periods end in
    the same month.
    """
    sample = read_sample(source)
    year_periods = count_periods(first_year_period, len(sample.dates))
    write_books(sample, year_periods, target / "books")
    write_model(sample, year_periods, target)
    write_mapping(sample, year_periods, target / "mapping.csv")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the conversion from the command line; returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="folder with the sample's CSV files")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="target folder")
    parser.add_argument("--first-period", type=int, default=FIRST_YEAR_PERIOD, metavar="YEARPERIOD")
    options = parser.parse_args(arguments)
    convert(options.source, options.out, first_year_period=options.first_period)
    return 0


if __name__ == "__main__":
    sys.exit(main())
