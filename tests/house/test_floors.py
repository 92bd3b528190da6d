"""The floors of the house hold, and each contract catches what it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connector_site.places import CHECKOUT
from tests.house.sources import iter_python

ROOTS = ("accounts", "audit", "connector_site", "integrations", "simulators")
VIOLATIONS = {
    "Four floors": ("audit/context.py", "import accounts.models"),
    "Floors inside integrations": (
        "integrations/selectors/runs.py",
        "import integrations.services.runs",
    ),
    "Clients and pipeline know no framework": ("integrations/pipeline/amounts.py", "import django"),
    "Models know no clients": ("integrations/models/runs.py", "import integrations.qad.client"),
    "Pages, endpoints and tasks go through services and selectors": (
        "integrations/views/runs.py",
        "import integrations.models.runs",
    ),
    "Simulators stand alone": ("simulators/server.py", "import audit.context"),
    "The product never imports a simulator": ("integrations/queue.py", "import simulators.server"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold():
    done = lint_imports(CHECKOUT)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def empty_house(tmp_path: Path) -> Path:
    """The same modules without any content."""
    for path in iter_python(*ROOTS):
        copy = tmp_path / path.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_each_contract_catches_what_it_forbids(empty_house: Path, contract: str):
    name, line = VIOLATIONS[contract]
    (empty_house / name).write_text(f"{line}\n")
    done = lint_imports(empty_house)
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_a_module_without_a_floor_is_caught(empty_house: Path):
    (empty_house / "integrations" / "attic.py").touch()
    assert "Floors inside integrations BROKEN" in lint_imports(empty_house).stdout
