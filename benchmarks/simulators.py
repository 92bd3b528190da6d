"""The stand-ins by themselves: pages of QAD, and chunks sent to Anaplan beside bare servers.

Each server has one core; the client that drives it has another, where the machine has two. Beside
the rate by the clock stands the rate by the server's own processor time, which other work on the
machine does not lower.
"""

import argparse
import base64
import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks import loopback, stand_ins
from benchmarks.machine import describe_machine
from simulators.qad.generate import Made, generate
from simulators.qad.generated_lists import Size

ROWS_GOAL = 100_000
UPLOAD_GOAL = 1.0
SURFACES = {
    "business document": "api/bdoc/qad/financials/generalledger/GLBalances?",
    "browse": "api/qracore/browses?browseId=urn:browse:custom:glBalances&pageAction=first&",
    "entity": "api/erp/glBalances?",
}
# Processor time is counted in hundredths of a second.
TICK = 0.01
Rate = dict[str, float]
RATES = ("a_second", "a_processor_second")
UPLOAD = "stand-in Anaplan"
BARE = {"a bare server that throws away": (), "a bare server that keeps": (loopback.KEEP,)}
# Objects of an answer that are no rows: the envelope, and `data` of the entity API.
ENVELOPES = {"business document": 1, "browse": 1, "entity": 2}


def main(arguments: Sequence[str]) -> int:
    """Measure as the command line says; RuntimeError when a row did not come."""
    options = _parse(arguments)
    with TemporaryDirectory() as folder:
        made = generate(Size(rows=options.rows, entities=1, periods=1), Path(folder))
        rounds = list(_rounds(options, made))
    result = {
        "machine": describe_machine(),
        "settings": {name: value for name, value in vars(options).items() if name != "json"},
        "rounds": rounds,
        **_summarize(rounds),
    }
    print(json.dumps(result, indent=2) if options.json else _describe(result))
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench simulators", description=__doc__)
    parser.add_argument("--rows", type=int, default=25_000)
    parser.add_argument("--page-size", type=int, default=5_000)
    parser.add_argument("--chunks", type=int, default=20)
    parser.add_argument("--chunk-megabytes", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _rounds(options: argparse.Namespace, made: Made) -> Iterator[dict[str, Rate]]:
    """Yield the rates of each round, in rows or megabytes; what is measured takes turns."""
    with ExitStack() as servers:
        qad, qad_process = servers.enter_context(_on_one_core(stand_ins.qad(made.books)))
        stand_ins.look_in(qad, "POST", "settings", {"entity_needs_view_uri": False})
        token = _token_of_qad(qad)
        anaplan, process = servers.enter_context(_on_one_core(stand_ins.anaplan(made.model)))
        takers = {UPLOAD: (*_chunks_address(anaplan, made), process)}
        for name, more in BARE.items():
            bare = _on_one_core(stand_ins.serving("benchmarks.loopback", *more))
            url, process = servers.enter_context(bare)
            takers[name] = (f"{url}/x", {}, process)
        for _ in range(options.rounds):
            found: dict[str, Rate] = {}
            for surface in SURFACES:
                with _timed(found, surface, options.rows, qad_process):
                    _read_pages(qad, surface, token, options)
            for name, (url, headers, process) in takers.items():
                with _timed(found, name, options.chunks * options.chunk_megabytes, process):
                    _send_chunks(url, headers, options)
            yield found


@contextmanager
def _timed(
    found: dict[str, Rate], name: str, amount: int, server: psutil.Process
) -> Iterator[None]:
    """Keep how fast an amount was dealt with, by the clock and by the server's processor."""
    before, started = sum(server.cpu_times()[:2]), time.perf_counter()
    yield
    seconds = time.perf_counter() - started
    processor = max(sum(server.cpu_times()[:2]) - before, TICK)
    found[name] = dict(zip(RATES, (amount / seconds, amount / processor), strict=True))


@contextmanager
def _on_one_core(server: AbstractContextManager[str]) -> Iterator[tuple[str, psutil.Process]]:
    """Start a server that inherits one core, and keep to the others from then on."""
    myself = psutil.Process()
    before = set(myself.children())
    cores = myself.cpu_affinity() if hasattr(myself, "cpu_affinity") else []
    if cores:
        myself.cpu_affinity(cores[:1])
    try:
        with server as url:
            if cores:
                myself.cpu_affinity(cores[1:] or cores)
            [process] = set(myself.children()) - before
            yield url, process
    finally:
        if cores:
            myself.cpu_affinity(cores)


def _call(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> bytes:
    connection.request(method, target, body, dict(headers))
    answer = connection.getresponse()
    raw = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {target}: {answer.status} {raw[:200]!r}")
    return raw


def _connect(url: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.netloc, timeout=60), parts.path


def _token_of_qad(url: str) -> dict[str, str]:
    connection, path = _connect(url)
    form = "grant_type=password&client_id=ml-connector&username=demo&password=demo"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    token = json.loads(_call(connection, "POST", f"{path}/oauth/token", kind, form.encode()))
    return {"Authorization": f"Bearer {token['access_token']}"}


def _chunks_address(url: str, made: Made) -> tuple[str, dict[str, str]]:
    """Where chunks of the model's file go, and how its first user signs in."""
    model_file = json.loads(made.model.read_text())
    user, model = model_file["users"][0], model_file["workspaces"][0]["models"][0]
    connection, _ = _connect(url)
    pair = base64.b64encode(f"{user['email']}:{user['password']}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    token = json.loads(_call(connection, "POST", "/token/authenticate", basic))
    headers = {"Authorization": f"AnaplanAuthToken {token['tokenInfo']['tokenValue']}"}
    path = f"/2/0/models/{model['id']}/files/{model['files'][0]['id']}"
    _call(connection, "POST", path, headers, b'{"chunkCount": -1}')
    stand_ins.look_in(url, "POST", "settings", {"requests_per_minute": 0})
    return f"{url}{path}/chunks", headers


def _read_pages(
    url: str, surface: str, headers: dict[str, str], options: argparse.Namespace
) -> None:
    """Read a list page by page to its end; RuntimeError when not every row came."""
    connection, root = _connect(url)
    pages = -(-options.rows // options.page_size)
    target = f"{root}/{SURFACES[surface]}pageSize={options.page_size}&page="
    found = 0
    for page in range(1, pages + 1):
        body = _call(connection, "GET", f"{target}{page}", headers)
        found += body.count(b"{") - ENVELOPES[surface]
    connection.close()
    if found != options.rows:
        raise RuntimeError(f"{surface}: {found} rows came instead of {options.rows}.")


def _send_chunks(url: str, headers: dict[str, str], options: argparse.Namespace) -> None:
    """Send chunks one after the other."""
    connection, path = _connect(url)
    chunk = b"0123456789" * (options.chunk_megabytes * 100_000)
    kind = {**headers, "Content-Type": "application/octet-stream"}
    for number in range(options.chunks):
        _call(connection, "PUT", f"{path}/{number}", kind, chunk)
    connection.close()


def _summarize(rounds: list[dict[str, Rate]]) -> dict[str, Any]:
    medians = {
        name: {by: median(found[name][by] for found in rounds) for by in rates}
        for name, rates in rounds[0].items()
    }
    return {
        "medians": medians,
        "rows_goal": ROWS_GOAL,
        "upload_ratios": {
            name: {
                by: median(found[UPLOAD][by] / found[name][by] for found in rounds) for by in RATES
            }
            for name in BARE
        },
        "upload_goal": UPLOAD_GOAL,
    }


def _describe(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        f"{machine['processor']}, {machine['memory']}, {machine['system']}",
        f"Python {machine['python']}",
        ", ".join(f"{name} {value}" for name, value in result["settings"].items()),
        "",
    ]
    for name, found in result["medians"].items():
        rate, processor = found["a_second"], found["a_processor_second"]
        is_list = name in SURFACES
        unit = "rows" if is_list else "MB"
        goal = f", {rate / ROWS_GOAL:.1f} times the goal of {ROWS_GOAL:,}" if is_list else ""
        lines.append(
            f"{'QAD' if is_list else 'Chunks'}, {name}: {rate:,.0f} {unit}/s "
            f"({processor:,.0f} {unit} a second of processor){goal}"
        )
    for name, ratio in result["upload_ratios"].items():
        clock, processor = (ratio[by] for by in RATES)
        lines.append(
            f"{UPLOAD}: {clock:.2f} times {name} ({processor:.2f} by processor), "
            f"goal {UPLOAD_GOAL:.0f}"
        )
    return "\n".join(lines)
