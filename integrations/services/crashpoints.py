"""Named places where a test may kill the worker, to prove that another one finishes."""

import os
import signal

CRASHPOINTS = (
    "extract.after_page",
    "extract.after_unit",
    "map.before_group_done",
    "map.after_group",
    "load.leased",
    "load.after_chunk",
    "load.uploaded",
    "load.intended",
    "load.started",
    "collect.polled",
    "collect.final",
    "collect.dumped",
    "reconcile.exported",
    "reconcile.read_back",
    "reconcile.after_group",
    "reconcile.before_end",
)


def crashpoint(name: str) -> None:
    """End this process the hard way if the environment variable CRASH_AT names this point."""
    if os.environ.get("CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
