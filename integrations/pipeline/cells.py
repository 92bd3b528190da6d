"""One value per target cell: rows summed exactly, in flat memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from integrations.pipeline.streams import Cell, Values


class CellStore:
    """Sums rows per cell; past `spill_at` cells it moves sorted runs to files in `folder`.

    Use as a context manager, or call `close`, so that the files go.
    """

    def __init__(self, measures: int, folder: Path, spill_at: int = 65_536) -> None:
        raise NotImplementedError

    def add(self, key: str, values: Values) -> None:
        """Add one source row."""
        raise NotImplementedError

    def add_batch(self, keys: Sequence[str], values: Sequence[Values]) -> None:
        """Add source rows; each values tuple is an object of its own."""
        raise NotImplementedError

    def add_cell(self, cell: Cell) -> None:
        """Add a cell with the rows that it stands for."""
        raise NotImplementedError

    def sorted(self) -> Iterator[Cell]:
        """Yield each cell once, ascending by key; may be called again."""
        raise NotImplementedError

    def close(self) -> None:
        """Forget all cells and remove the files."""
        raise NotImplementedError

    def __enter__(self) -> "CellStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
