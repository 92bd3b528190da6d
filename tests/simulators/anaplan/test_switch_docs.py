"""The page of the stand-in names each of its switches, with what it is at the start."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from simulators.anaplan.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "simulators-anaplan.md"
ROW = re.compile(r"^\| (`[a-z_0-9`, ]+`) \| ([^|]*) \| [^|]+ \|$", re.MULTILINE)
SWITCHES = asdict(Settings())


def described() -> dict[str, str]:
    """Each switch of the tables with its start value; one value may stand for a whole row."""
    found: dict[str, str] = {}
    for names, values in ROW.findall(PAGE.read_text(encoding="utf-8")):
        switches = re.findall(r"[a-z_0-9]+", names)
        if switches[0] not in SWITCHES:
            continue
        starts = values.split(", ") * (len(switches) if ", " not in values else 1)
        found |= dict(zip(switches, starts, strict=True))
    return found


@pytest.mark.parametrize(("name", "start"), SWITCHES.items())
def test_every_switch_is_described_with_its_start(name, start):
    shown = str(start).lower() if isinstance(start, bool) else str(start)
    assert described()[name] == (shown or "empty")
