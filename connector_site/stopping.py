"""Turns the signals that ask a process to stop into one exception."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked this process to stop: Ctrl+C, a closed terminal or the system."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Inside, the first such signal raises `Stopped`; later ones are left to the clean-up."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
