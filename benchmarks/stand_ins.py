"""Stand-ins of QAD and Anaplan, each in a process of its own, with books of any size."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
ANNOUNCEMENT = "listening on "


@contextmanager
def qad(books: Path) -> Iterator[str]:
    """Serve books as QAD; yields the tenant URL."""
    with serving("simulators", "qad", "--books", str(books)) as url:
        yield url


@contextmanager
def anaplan(model: Path) -> Iterator[str]:
    """Serve an empty model as Anaplan; its tasks take no longer than their work."""
    with serving("simulators", "anaplan", "--model", str(model)) as url:
        look_in(url, "POST", "settings", {"task_seconds": 0.0})
        yield url


def look_in(url: str, method: str, path: str, body: Any = None) -> Any:
    """Use a look-in of a stand-in and return its JSON."""
    root = "/".join(url.split("/")[:3])
    request = urllib.request.Request(
        f"{root}/_sim/{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[str]:
    """Run a module that serves and says where; yields the address and ends it."""
    command = [sys.executable, "-m", module, *arguments]
    # The allocator is set for the product's sake; large chunks would cost a server three times.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(ANNOUNCEMENT):
                raise RuntimeError(f"The stand-in did not start: {' '.join(command)}")
            yield line.removeprefix(ANNOUNCEMENT).strip()
        finally:
            process.terminate()
