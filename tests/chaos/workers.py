"""A team of real workers, of which any process may be killed at any moment."""

from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

import psutil

from tests.runs.test_workers import celery, kill

SETTINGS = {"RUN_LEASE_SECONDS": "5", "START_GRACE_SECONDS": "2", "PAGES_A_COMMIT": "1"}


class Team:
    """One Celery worker with two processes, started again where it was killed."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log.open("ab")
        self._running: AbstractContextManager | None = None
        self.kills = 0

    def start(self) -> None:
        """Start the worker."""
        self._running = celery(
            self._environment, "worker", "--concurrency", "2", "--loglevel", "WARNING",
            "--without-gossip", "--without-mingle", log=self._log, **SETTINGS,
        )  # fmt: skip
        self._process = self._running.__enter__()

    def kill_all(self) -> None:
        """SIGKILL the worker with its processes, and start another one."""
        kill(self._process)
        self.kills += 1
        self.start()

    def revive(self) -> None:
        """Start the worker again where it has ended by itself, as a supervisor does."""
        if self._process.poll() is not None:
            self.start()

    def kill_one(self, chance: Random) -> None:
        """SIGKILL one process that works on runs; its worker replaces it by itself."""
        children = psutil.Process(self._process.pid).children()
        if children:
            chance.choice(children).kill()
            self.kills += 1

    def stop(self) -> None:
        """End the worker."""
        if self._running:
            self._running.__exit__(None, None, None)
        self._log.close()
