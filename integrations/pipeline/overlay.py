"""One stream of cells laid over another."""

from collections.abc import Iterator

from integrations.pipeline.frames import Frame, aligned, frame_of


def overlay(base: Iterator[Frame], top: Iterator[Frame]) -> Iterator[Frame]:
    """Yield the cells of both streams; where both have one, the top's. Both ascend by key."""
    for below, above in aligned(base, top):
        if not above.keys:
            yield below
        elif not below.keys or below.keys == above.keys:
            yield above
        else:
            cells = {cell[0]: cell for cell in below.cells()}
            cells |= {cell[0]: cell for cell in above.cells()}
            yield frame_of([cells[key] for key in sorted(cells)])
