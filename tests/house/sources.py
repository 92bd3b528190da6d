"""The product's own source files, as the house rules see them."""

from collections.abc import Iterator
from pathlib import Path

from connector_site.places import CHECKOUT

PACKAGES = ("accounts", "audit", "benchmarks", "connector_site", "integrations", "simulators")


def iter_python(*folders: str) -> Iterator[Path]:
    """Every Python file below the folders, generated migrations left out."""
    for folder in folders:
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    """The path as people write it."""
    return str(path.relative_to(CHECKOUT))
