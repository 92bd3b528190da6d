"""A manufacturer's organization wired to both stand-ins, with all its data sets."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit.tenancy import tenant
from integrations.models import Run, Sync
from tests.runs.conftest import Rig, rigs
from tests.scenarios.books import IS_WHOLE, Books, Cells, make_books

COLUMNS = ("Entities", "Accounts", "Suppliers", "Cost Centers", "Time")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Give the whole size its time."""
    for item in items:
        if IS_WHOLE and "scenarios" in str(item.path):
            item.add_marker(pytest.mark.timeout(1_200))


class House:
    """The organization, its rig and its books."""

    def __init__(self, rig: Rig, books: Books) -> None:
        self.rig, self.books = rig, books

    def use(self, data_set: str) -> None:
        """Let the rig run the sync of a data set."""
        with tenant(self.rig.organization.pk):
            rows = Sync.objects.select_related("source", "target", "organization")
            self.rig.sync = rows.get(data_set=data_set)

    def run(self, data_set: str, *periods: int) -> Run:
        """Run a data set to the end, and check what must hold after every run."""
        self.use(data_set)
        return self.rig.run(*periods)

    def cells(self, module: str, line_item: str, model: str = "") -> Cells:
        """Return what a module holds, by its coordinates without the currency."""
        place = f"module={module.replace(' ', '%20')}&model={model or self.rig.sync.model_id}"
        rows = self.rig.anaplan.call("GET", f"cells?{place}&limit=-1")["rows"]
        found: Cells = {}
        for row in rows:
            at = row["coordinates"]
            amount = Decimal(row["values"].get(line_item) or "0")
            if amount:
                found[" ".join(at[name] for name in COLUMNS if name in at)] = amount
        return found


def alter_model(folder: Path, import_name: str, **options: Any) -> None:
    """Change an import of the model file before the stand-in reads it."""
    path = folder / "model.json"
    document = json.loads(path.read_text())
    for action in document["workspaces"][0]["models"][0]["imports"]:
        if action["name"] == import_name:
            action.update(options)
    path.write_text(json.dumps(document))


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Any]:
    """Return a function that builds the organization, its books altered before as told."""
    with rigs(tmp_path) as build:

        def make(change: Any = lambda _folder: None) -> House:
            books = make_books(tmp_path / "books", change)
            return House(build(books.world), books)

        yield make
