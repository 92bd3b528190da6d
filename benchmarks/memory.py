"""How much memory a load takes: at two million rows over two hundred thousand.

Each size is loaded by a process of its own, end to end with evidence and read-back.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from benchmarks import stand_ins
from benchmarks.machine import describe_machine
from benchmarks.orders import Order, measure
from simulators.qad.generate import generate
from simulators.qad.generated_lists import Size

GOAL = 1.15


def main(arguments: Sequence[str]) -> int:
    """Measure as the command line says; returns 1 when a load was not reconciled."""
    options = _parse(arguments)
    found = [_load(options, rows) for rows in tqdm(options.rows, unit="load", disable=None)]
    result = {
        "machine": describe_machine(),
        "settings": {name: value for name, value in vars(options).items() if name != "json"},
        "loads": found,
        "ratio": found[-1]["peak_mb"] / found[0]["peak_mb"],
        "goal": GOAL,
    }
    print(json.dumps(result, indent=2) if options.json else _describe(result))
    return 0 if all(load["state"] == "reconciled" for load in found) else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench memory", description=__doc__)
    parser.add_argument("--rows", type=int, nargs=2, default=[200_000, 2_000_000])
    parser.add_argument("--entities", type=int, default=5)
    parser.add_argument("--periods", type=int, default=4)
    parser.add_argument("--page-size", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=2, help="calls of QAD at a time")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _load(options: argparse.Namespace, rows: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        made = generate(
            Size(rows=rows, entities=options.entities, periods=options.periods), Path(folder)
        )
        with stand_ins.qad(made.books) as qad, stand_ins.anaplan(made.model) as anaplan:
            order = Order(
                qad,
                anaplan,
                str(made.model),
                str(made.mapping),
                page_size=options.page_size,
                gap_ms=0,
                in_flight=options.in_flight,
            )
            found = measure("ours", order)
    names = ("state", "error", "seconds", "peak_mb", "peak_before_mb", "evidence_bytes")
    return {"rows": rows, **{name: found[name] for name in names}}


def _describe(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        f"{machine['processor']}, {machine['memory']}, {machine['system']}",
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, {machine['packages']}",
        ", ".join(f"{name} {value}" for name, value in result["settings"].items()),
        "",
    ]
    lines += [
        f"{load['rows']:>10,} rows: peak {load['peak_mb']:.0f} MB "
        f"({load['peak_before_mb']:.0f} MB before the load), "
        f"{load['evidence_bytes'] / load['rows']:.1f} B of evidence a row, "
        f"{load['seconds']:.1f} s, {load['state']}"
        for load in result["loads"]
    ]
    lines.append(f"{result['ratio']:.2f} times the memory (goal {result['goal']}).")
    return "\n".join(lines)
