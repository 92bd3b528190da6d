"""Run a benchmark of docs/performance.md."""

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """`manage.py bench actuals|memory …`; each benchmark has options of its own (`--help`)."""

    help = "Measure what docs/performance.md claims."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the benchmark's name; the rest is the benchmark's own."""
        parser.add_argument("name", help="a module of the folder benchmarks")
        parser.add_argument("rest", nargs=argparse.REMAINDER)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Find the benchmark and run it."""
        name = options["name"]
        if not name.isidentifier() or find_spec(f"benchmarks.{name}") is None:
            raise CommandError(f"There is no benchmark {name}.")
        sys.exit(import_module(f"benchmarks.{name}").main(options["rest"]))
