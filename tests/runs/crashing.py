"""A process of its own that works on runs in forks, each of which may kill itself at a point.

`python -m tests.runs.crashing` reads lines of JSON: the organization, the run and the
environment of one fork. It answers each with the signal that ended the fork, 0 for none.
A fork costs milliseconds where a fresh interpreter costs seconds.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The process that forks, seen from a test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def work_until_killed(self, organization_id: int, run_id: int, **environment: str) -> int:
        """Let a fork move a run until it has ended; return the signal that ended the fork."""
        assert self.process.stdin
        assert self.process.stdout
        wish = {"organization": organization_id, "run": run_id, "environment": environment}
        print(json.dumps(wish), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


@contextmanager
def nursery(environment: dict[str, str]) -> Iterator[Nursery]:
    """Start the process, and end it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.runs.crashing"],
        cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield Nursery(process)
        process.kill()


def _serve() -> None:
    import django

    django.setup()
    from integrations.services import waiting

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _work(waiting, json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()


def _work(waiting: Any, wish: dict[str, Any]) -> None:
    from accounts.models import Organization

    os.environ.update(wish["environment"])
    try:
        organization = Organization.objects.get(pk=wish["organization"])
        waiting.drive(organization, wish["run"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    _serve()
