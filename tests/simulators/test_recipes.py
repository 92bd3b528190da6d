"""The recipes of docs/simulators.md do what the page says, word for word, at any port."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators import server
from simulators.anaplan.app import build_app as build_anaplan
from simulators.faultmembers import MEMBERS
from simulators.qad.app import build_app as build_qad
from tests.simulators.qad.conftest import DEMO, ROOT

PAGE = (ROOT / "docs" / "simulators.md").read_text(encoding="utf-8")


@pytest.fixture
def ports() -> Iterator[dict[str, str]]:
    """The ports of the page, and those of the started stand-ins."""
    with (
        server.start(build_qad(DEMO / "books")) as qad,
        server.start(build_anaplan(DEMO / "model.json")) as anaplan,
    ):
        yield {"8001": str(qad.port), "8002": str(anaplan.port)}


def test_the_recipes_of_five_minutes_work(ports: dict[str, str], tmp_path: Path) -> None:
    section = PAGE.split("## Any client in five minutes")[1].split("### Over HTTPS")[0]
    blocks = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    script = re.sub("8001|8002", lambda found: ports[found[0]], "".join(blocks[1:]))
    done = subprocess.run(
        ["bash", "-euc", script.replace("curl -s", "curl -s --noproxy '*'")],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.count('"totalCount":121') == 2
    assert done.stdout.count('"name":"Actuals from QAD"') == 1
    assert '"taskState":"COMPLETE"' in done.stdout
    assert '"Debit": "1.50"' in done.stdout
    assert '"message":"The model is archived"' in done.stdout
    assert '"status": 422' in done.stdout
    assert '"activeStates": {"CE90F0F98ED030DEE858AB75EADC6A22": "UNLOCKED"' in done.stdout


@pytest.mark.parametrize("kind", MEMBERS)
def test_the_table_of_faults_gives_the_members_of_each_kind(kind: str) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    assert set(re.findall(r"`(\w+)`", line.split("|")[-2])) == set(MEMBERS[kind])
