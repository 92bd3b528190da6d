"""The commands of ml-connector's own processes: `python -m connector_site.roster web`."""

import os
import sys
from collections.abc import Sequence

WORKER_PROCESSES = 2
QUICK_THREADS = 4
DEFAULT_BIND = "127.0.0.1:8000"


def role(name: str) -> Sequence[str]:
    """The command that becomes one of the processes: web, worker, quick or beat."""
    return [sys.executable, "-m", "connector_site.roster", name]


def stand_in(kind: str, *arguments: str) -> Sequence[str]:
    """A stand-in for QAD or Anaplan."""
    return [sys.executable, "-m", "simulators", kind, *arguments]


def _web() -> Sequence[str]:
    program = [sys.executable, "-m", "gunicorn"]
    return [*program, "-c", "python:connector_site.gunicorn_settings", "connector_site.wsgi"]


def _worker() -> Sequence[str]:
    return [
        *(sys.executable, "-m", "celery", "--app", "connector_site.celery", "worker"),
        *("--concurrency", os.environ.get("WORKER_CONCURRENCY", str(WORKER_PROCESSES))),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def quick() -> Sequence[str]:
    """One process whose threads carry out what people wait for; they mostly wait themselves."""
    return [
        *(sys.executable, "-m", "celery", "--app", "connector_site.celery", "worker"),
        *("--queues", "quick", "--hostname", "quick@%h"),
        *("--pool", "threads", "--concurrency", str(QUICK_THREADS)),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def _beat() -> Sequence[str]:
    return [
        *(sys.executable, "-m", "celery", "--app", "connector_site.celery", "beat"),
        *("--pidfile", "", "--loglevel", "INFO"),
    ]


def main() -> None:
    """Becomes the process that the command line names."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    # A worker that is asked to stop ends its slice first, instead of at once.
    os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
    commands = {"web": _web, "worker": _worker, "quick": quick, "beat": _beat}
    if name not in commands:
        sys.exit(f"Say which process to run: {', '.join(commands)}.")
    command = list(commands[name]())
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
