"""The page of the stand-in names each of its switches, with what it is at the start."""

from dataclasses import asdict
from pathlib import Path

import pytest

from simulators.anaplan.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "simulators-anaplan.md"


@pytest.mark.parametrize("name", asdict(Settings()))
def test_every_switch_is_described(name):
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")
