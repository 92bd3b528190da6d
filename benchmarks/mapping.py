"""What ten thousand rules cost: the mapping of a million rows beside a whole run, in one go.

The rules are of every kind: exact codes, prefixes, ranges, rules with dates, and splits. The run
is one of ml-connector over the stand-ins, of fewer rows, and counted up to as many.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from tqdm import tqdm

from benchmarks import stand_ins
from benchmarks.machine import describe_machine
from benchmarks.orders import Order, measure
from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.mapping import UnitFacts, UnitMapper
from integrations.pipeline.rules import MappingTable, Rule
from integrations.pipeline.streams import GL_BALANCES
from simulators.qad.generate import generate
from simulators.qad.generated_lists import Size

GOAL = 0.10
CLOCKS = ("seconds", "cpu_seconds")
MILLION = 1_000_000
PAGE = 2_000
HEADERS = ("Entity", "Account", "Cost Center", "Time", "Currency", "Debit", "Credit", "Net")
ENTITIES = ("100", "200")
PERIODS = tuple(range(202601, 202607))
CHANGE = 202604
CENTERS = 500
# Accounts of every kind of rule among each hundred, and which rules hold them.
KINDS = {"exact": 55, "prefix": 20, "range": 15, "dated": 6, "split": 4}


class Row(msgspec.Struct):
    """A balance as the reader of QAD's pages gives it: codes as text, amounts as JSON's bytes."""

    entity: str
    gl_account: str
    cost_center: str
    year_period: int
    currency: str
    base_currency: str
    debit: msgspec.Raw
    credit: msgspec.Raw
    net: msgspec.Raw
    sub_account: str = ""
    project: str = ""
    layer: str = "OFFICIAL"


class Mapped(NamedTuple):
    """What the mapping took, by the clock and of the processor, and what came of it."""

    build_seconds: float
    seconds: float
    cpu_seconds: float
    rows: int
    cells: int
    held: int


class _Watch:
    """Adds up what is done inside it, by the clock and by the processor."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0

    def __enter__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def __exit__(self, *_error: object) -> None:
        self.seconds += time.perf_counter() - self._began
        self.cpu_seconds += time.process_time() - self._worked


def main(arguments: Sequence[str]) -> int:
    """Measure as the command line says; returns 1 when rows were lost or a run was not green."""
    options = _parse(arguments)
    rules, accounts = _make_rules(options.rules)
    mapped = _map_all(options, rules, accounts)
    run = _run(options)
    mapping = {name: getattr(mapped, name) * MILLION / mapped.rows for name in CLOCKS}
    whole = {name: run[name] * MILLION / options.run_rows for name in CLOCKS}
    result = {
        "machine": describe_machine(),
        "settings": {name: value for name, value in vars(options).items() if name != "json"},
        "rules": len(rules),
        **mapped._asdict(),
        "mapping_a_million": mapping,
        "run_a_million": whole,
        "run_state": run["state"],
        "ratio": {name: mapping[name] / whole[name] for name in CLOCKS},
        "goal": GOAL,
    }
    print(json.dumps(result, indent=2) if options.json else _describe(result))
    return 0 if mapped.held == 0 and run["state"] == "reconciled" else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench mapping", description=__doc__)
    parser.add_argument("--rows", type=int, default=MILLION, help="rows that are mapped")
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--run-rows", type=int, default=200_000, help="rows of the whole run")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _make_rules(count: int) -> tuple[list[Rule], list[str]]:
    """Return so many rules, and the accounts that rows have: two for each rule of several."""
    rules = [Rule("entity", code, f"E_{code}") for code in ENTITIES]
    rules += [Rule("period", str(period), f"P{period}") for period in PERIODS]
    rules.append(Rule("currency", "USD", "USD"))
    rules += [Rule("cost_center", _center(n), f"CC_{_center(n)}") for n in range(CENTERS)]
    kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
    random.Random(1).shuffle(kinds)
    accounts: list[str] = []
    place = 0
    while len(rules) < count:
        code = f"{10_000 + place}"
        kind = kinds[place % len(kinds)]
        rules += _rules_of(kind, code)
        accounts += [
            f"{code}{n}" for n in ((1,) if kind in ("exact", "dated", "split") else (1, 7))
        ]
        place += 1
    return rules, accounts


def _rules_of(kind: str, code: str) -> list[Rule]:
    member, exact = f"A_{code}", f"{code}1"
    if kind == "prefix":
        return [Rule("gl_account", code, member, "prefix")]
    if kind == "range":
        return [Rule("gl_account", f"{code}0", member, "range", code_to=f"{code}9")]
    if kind == "dated":
        return [
            Rule("gl_account", exact, f"{member}_OLD", valid_to=CHANGE - 1),
            Rule("gl_account", exact, member, valid_from=CHANGE),
        ]
    if kind == "split":
        return [
            Rule("gl_account", exact, f"{member}_{part}", weight=Decimal(weight))
            for part, weight in (("X", "0.6"), ("Y", "0.4"))
        ]
    return [Rule("gl_account", exact, member)]


def _center(place: int) -> str:
    return f"{place + 1:05d}"


def _map_all(options: argparse.Namespace, rules: list[Rule], accounts: list[str]) -> Mapped:
    """Map all rows unit by unit and page by page; making the rows is not counted."""
    layout = Layout.build(HEADERS, default_bindings(HEADERS), GL_BALANCES)
    fields = frozenset(["debit", "credit", "net", "currency", "base_currency"])
    data_set = GL_BALANCES.fit("base", fields)
    watch = _Watch()
    with watch:
        table = MappingTable(rules, layout, {})
    build = watch.seconds
    units = list(product(ENTITIES, PERIODS))
    rows, cells, held = 0, 0, 0
    for entity, period in tqdm(units, unit="unit", disable=None, leave=False):
        facts = UnitFacts(entity, str(period))
        with watch:
            mapper = UnitMapper(table.in_force("10USA", period), layout, data_set, facts)
        for page in _pages(entity, period, options.rows // len(units), accounts):
            with watch:
                placed = mapper.map_rows(page)
            cells += len(placed.keys)
        rows, held = rows + mapper.rows, held + mapper.held_rows
    return Mapped(build, watch.seconds, watch.cpu_seconds, rows, cells, held)


def _pages(entity: str, period: int, count: int, accounts: list[str]) -> Iterator[list[Row]]:
    """Yield the pages of a unit: its rows by account, each with the next cost center."""
    chance = random.Random(f"{entity}/{period}")
    nothing = msgspec.Raw(b"0.00")
    for start in range(0, count, PAGE):
        page = []
        for place in range(start, min(start + PAGE, count)):
            account, center = accounts[place * len(accounts) // count], _center(place % CENTERS)
            amount = msgspec.Raw(f"{chance.randrange(10**8) / 100:.2f}".encode())
            page.append(Row(entity, account, center, period, "USD", "USD", amount, nothing, amount))
        yield page


def _run(options: argparse.Namespace) -> dict[str, Any]:
    """Carry out one whole run over the stand-ins, in a process of its own."""
    with TemporaryDirectory() as folder:
        made = generate(Size(rows=options.run_rows), Path(folder))
        with stand_ins.qad(made.books) as qad, stand_ins.anaplan(made.model) as anaplan:
            places = (qad, anaplan, str(made.model), str(made.mapping))
            return measure("ours", Order(*places, page_size=PAGE, gap_ms=0, in_flight=2))


def _describe(result: dict[str, Any]) -> str:
    machine, by_clock = result["machine"], result["ratio"]["seconds"]
    mapping, whole = result["mapping_a_million"], result["run_a_million"]
    return "\n".join(
        [
            f"{machine['processor']}, {machine['memory']}, {machine['system']}",
            f"Python {machine['python']}, PostgreSQL {machine['postgresql']}",
            machine["packages"],
            ", ".join(f"{name} {value}" for name, value in result["settings"].items()),
            "",
            f"{result['rows']:,} rows on {result['cells']:,} cells by {result['rules']:,} rules, "
            f"{result['held']:,} held; the table was built in {result['build_seconds']:.3f} s.",
            f"A million rows: mapping {mapping['seconds']:.2f} s ({mapping['cpu_seconds']:.2f} s "
            f"of processor), a whole run {whole['seconds']:.2f} s ({whole['cpu_seconds']:.2f} s); "
            f"the run is {result['run_state']}.",
            f"{by_clock:.1%} of a run, {'within' if by_clock <= GOAL else 'over'} the goal of "
            f"{GOAL:.0%}; {result['ratio']['cpu_seconds']:.1%} by processor.",
        ]
    )
