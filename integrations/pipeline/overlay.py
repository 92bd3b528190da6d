"""One sorted stream of cells laid over another."""

from collections.abc import Iterator

from integrations.pipeline.streams import Cell


def overlay(base: Iterator[Cell], top: Iterator[Cell]) -> Iterator[Cell]:
    """Yield the cells of both streams, ascending by key; where both have one, the top's.

    Both streams ascend by key.
    """
    below, above = next(base, None), next(top, None)
    while below is not None and above is not None:
        if below[0] < above[0]:
            yield below
            below = next(base, None)
            continue
        if below[0] == above[0]:
            below = next(base, None)
        yield above
        above = next(top, None)
    if below is not None:
        yield below
        yield from base
    if above is not None:
        yield above
        yield from top
