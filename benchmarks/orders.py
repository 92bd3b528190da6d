"""What a measured process is asked to do, and how it is asked: one process for each measurement."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.stand_ins import CHECKOUT


@dataclass(frozen=True, slots=True)
class Order:
    """One load of all books, and the instance's manners: page size, spacing, calls in flight."""

    qad_url: str
    anaplan_url: str
    model: str
    mapping: str
    page_size: int
    gap_ms: int
    in_flight: int
    is_read_back: bool = True


def measure(module: str, order: Order) -> dict[str, Any]:
    """Let a module of this package carry out an order in a new process; returns its answer."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", json.dumps(asdict(order))],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "LOG_LEVEL": "WARNING"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"benchmarks.{module} failed; the reason stands above.")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def read_order() -> Order:
    """Return the order that this process was given."""
    return Order(**json.loads(sys.argv[1]))


def answer(result: dict[str, Any]) -> None:
    """Tell the asking process the result."""
    print(json.dumps(result), flush=True)


def peak_megabytes() -> float:
    """Return the most memory that this process has held, in MB (10^6 bytes).

    The kernel's own mark of this program: `getrusage` would carry over what the parent held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line[:6] == "VmHWM:")
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
