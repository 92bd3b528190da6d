"""Posted balances from QAD into Anaplan and back, beside a straightforward build of the same job.

Both read the same stand-in QAD with the same page size and spacing and load the same model,
one after the other in each round, each in a process of its own.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from benchmarks import stand_ins
from benchmarks.machine import describe_machine
from benchmarks.orders import Order, measure
from simulators.qad.generate import Made, generate
from simulators.qad.generated_lists import Size

OURS, PEER = "ours", "straightforward"
TITLES = {OURS: "ml-connector", PEER: "straightforward build"}
GOAL = 15.0


def main(arguments: Sequence[str]) -> int:
    """Measure as the command line says; returns 1 when a side lost or changed an amount."""
    options = _parse(arguments)
    with TemporaryDirectory() as folder:
        made = generate(
            Size(rows=options.rows, entities=options.entities, periods=options.periods),
            Path(folder),
        )
        rounds = list(_rounds(options, made))
        expected = _expected(made)
    result = _summarize(options, rounds, expected)
    print(json.dumps(result, indent=2) if options.json else _describe(result))
    return 0 if result["exact"] else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench actuals", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--entities", type=int, default=2)
    parser.add_argument("--periods", type=int, default=6)
    parser.add_argument("--page-size", type=int, default=2_000)
    parser.add_argument("--gap-ms", type=int, default=0, help="time between two calls of QAD")
    parser.add_argument("--in-flight", type=int, default=2, help="our calls of QAD at a time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=(OURS, PEER), help="measure one side alone")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _rounds(options: argparse.Namespace, made: Made) -> Iterator[dict[str, Any]]:
    """Yield what each side measured in each round; Anaplan begins empty each time."""
    sides = [options.only] if options.only else [OURS, PEER]
    steps = tqdm(total=options.rounds * len(sides), unit="load", disable=None, leave=False)
    with stand_ins.qad(made.books) as qad_url, steps:
        for number in range(options.rounds):
            found = {}
            for side in sides if number % 2 == 0 else sides[::-1]:
                steps.set_description(TITLES[side])
                found[side] = _load(side, options, made, qad_url)
                steps.update()
            yield found


def _load(side: str, options: argparse.Namespace, made: Made, qad_url: str) -> dict[str, Any]:
    with stand_ins.anaplan(made.model) as anaplan_url:
        return measure(
            side,
            Order(
                qad_url,
                anaplan_url,
                str(made.model),
                str(made.mapping),
                page_size=options.page_size,
                gap_ms=options.gap_ms,
                in_flight=options.in_flight,
            ),
        )


def _expected(made: Made) -> dict[str, Decimal]:
    """Return the sums that the books were written with."""
    debit = Decimal(sum(pair[0] for pair in made.cents.values())).scaleb(-2)
    credit = Decimal(sum(pair[1] for pair in made.cents.values())).scaleb(-2)
    quantity = Decimal(sum(made.quantities.values()))
    return {"debit": debit, "credit": credit, "net": debit - credit, "quantity": quantity}


def _summarize(
    options: argparse.Namespace, rounds: list[dict[str, Any]], expected: dict[str, Decimal]
) -> dict[str, Any]:
    sides = {side: _median_of([found[side] for found in rounds], options) for side in rounds[0]}
    exact = all(
        found["state"] == "reconciled" and _agree(found["sums"], expected)
        for sides_of_round in rounds
        for found in sides_of_round.values()
    )
    result: dict[str, Any] = {
        "machine": describe_machine(),
        "settings": {name: value for name, value in vars(options).items() if name != "json"},
        "sides": sides,
        "rounds": rounds,
        "exact": exact,
    }
    if len(sides) == 2:
        pairs = [(found[OURS], found[PEER]) for found in rounds]
        result["ratio"] = median(peer["seconds"] / ours["seconds"] for ours, peer in pairs)
        result["ratio_to_peer_without_read_back"] = median(
            peer["seconds_without_read_back"] / ours["seconds"] for ours, peer in pairs
        )
        result["goal"] = GOAL
    return result


def _agree(sums: dict[str, str], expected: dict[str, Decimal]) -> bool:
    return all(Decimal(sums.get(name, "0")) == total for name, total in expected.items())


def _median_of(found: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Return the medians of one side over all rounds; microseconds are per row."""
    seconds = median(item["seconds"] for item in found)
    names = found[0]["stages"]
    stages = {name: median(item["stages"].get(name, 0.0) for item in found) for name in names}
    stages["waiting"] = median(item["seconds"] - sum(item["stages"].values()) for item in found)
    micro = 1e6 / options.rows
    return {
        "seconds": seconds,
        "rows_a_second": options.rows / seconds,
        "microseconds_a_row": {name: value * micro for name, value in stages.items()},
        "cpu_microseconds_a_row": median(item["cpu_seconds"] for item in found) * micro,
        "peak_mb": median(item["peak_mb"] for item in found),
    }


def _describe(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        f"{machine['processor']}, {machine['memory']}, {machine['system']}",
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, {machine['packages']}",
        ", ".join(f"{name} {value}" for name, value in result["settings"].items()),
        "",
    ]
    for side, found in result["sides"].items():
        lines.append(
            f"{TITLES[side]}: {found['rows_a_second']:,.0f} rows/s, {found['seconds']:.2f} s, "
            f"{found['cpu_microseconds_a_row']:.1f} µs of processor a row, "
            f"peak {found['peak_mb']:.0f} MB"
        )
        lines += [
            f"    {name:<10}{value:10.2f} µs a row"
            for name, value in found["microseconds_a_row"].items()
        ]
    if "ratio" in result:
        lines += [
            "",
            f"{result['ratio']:.1f} times as many rows a second (goal {result['goal']:.0f}); "
            f"{result['ratio_to_peer_without_read_back']:.1f} times where the straightforward "
            "build does not read back.",
        ]
    lines.append("Every amount arrived exactly." if result["exact"] else "AMOUNTS DIFFER.")
    return "\n".join(lines)
