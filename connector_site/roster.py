"""The commands of ml-connector's own processes."""

import sys
from collections.abc import Sequence
from pathlib import Path

WEB_WORKERS = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2


def web(bind: str, temporary: Path) -> Sequence[str]:
    """The web process; `bind` is host and port."""
    return [
        *(sys.executable, "-m", "gunicorn", "connector_site.wsgi:application"),
        *("--bind", bind, "--worker-class", "gthread"),
        *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        *("--worker-tmp-dir", str(temporary), "--no-control-socket", "--graceful-timeout", "8"),
    ]


def worker() -> Sequence[str]:
    """The worker that moves runs, with its pool."""
    return [
        *(sys.executable, "-m", "celery", "--app", "connector_site.celery", "worker"),
        *("--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle"),
        *("--loglevel", "INFO"),
    ]


def beat() -> Sequence[str]:
    """The ticker."""
    return [sys.executable, "-m", "celery", "--app", "connector_site.celery", "beat"]


def stand_in(kind: str, *arguments: str) -> Sequence[str]:
    """A stand-in for QAD or Anaplan."""
    return [sys.executable, "-m", "simulators", kind, *arguments]
