"""Shows the steps of a start: a progress bar in a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm


def say(text: str = "") -> None:
    """Prints a line for people, at once."""
    tqdm.write(text, file=sys.stdout)
    sys.stdout.flush()


class Steps:
    """Counts `total` named steps and tells how long each one took."""

    def __init__(self, total: int) -> None:
        self._bar = tqdm(
            total=total,
            disable=not sys.stderr.isatty(),
            leave=False,
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {desc} [{elapsed}]",
        )

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step; its line is printed when it is done."""
        self._bar.set_description_str(name)
        started = time.monotonic()
        yield
        self._bar.update()
        say(f"  {name:<38} {time.monotonic() - started:5.1f} s")

    def close(self) -> None:
        """Takes the bar away."""
        self._bar.close()
