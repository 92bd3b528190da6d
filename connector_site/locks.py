"""Locks on files that end with the process that holds them, however it ends."""

import fcntl
import os
from pathlib import Path


class Lock:
    """An advisory lock on one file, given back by `release` or by the end of the process."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> None:
        """Waits until nobody else holds the lock at all."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def take_shared(self) -> None:
        """Waits until nobody holds the lock alone."""
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def try_take(self, *, shared: bool = False) -> bool:
        """Takes the lock without waiting; False when somebody else's hold forbids it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def give_to_program(self) -> None:
        """Lets the lock live on in the program that this process becomes."""
        os.set_inheritable(self.descriptor, True)  # noqa: FBT003

    def release(self) -> None:
        """Gives the lock back."""
        os.close(self.descriptor)


def is_held_alone(path: Path) -> bool:
    """Somebody holds the lock alone; looking does not disturb others who look."""
    return not _can_take(path, shared=True)


def is_held(path: Path) -> bool:
    """Somebody holds the lock, shared or alone."""
    return not _can_take(path, shared=False)


def _can_take(path: Path, *, shared: bool) -> bool:
    lock = Lock(path)
    try:
        return lock.try_take(shared=shared)
    finally:
        lock.release()
