"""The README's first command, as a person types it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector_site.places import CHECKOUT

SUPERVISOR = (sys.executable, "-m", "connector_site.supervisor")

pytestmark = pytest.mark.timeout(600)


def environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LOCAL_FOLDER": str(folder)}


def once(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SUPERVISOR, "demo", "--once"],
        cwd=CHECKOUT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def differences(output: str) -> list[str]:
    rows = re.findall(r"^\S+ +\w{3} \d\d +\w+ +[A-Z]{3} .* (\S+)$", output, re.MULTILINE)
    return [str(row) for row in rows]


def test_a_demo_that_was_killed_does_not_stop_the_next_one_from_tying_out(tmp_path: Path):
    output = tmp_path / "output"
    with (
        output.open("w") as file,
        subprocess.Popen(
            [*SUPERVISOR, "demo"], cwd=CHECKOUT, env=environment(tmp_path), stdout=file
        ) as demo,
    ):
        while "Password" not in output.read_text():
            assert demo.poll() is None
            time.sleep(0.1)
        second = once(tmp_path)
        assert second.returncode == 1
        assert f"(process {demo.pid})" in second.stderr
        demo.kill()
    done = once(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(differences(done.stdout)) > 100
    assert set(differences(done.stdout)) == {"0.00"}
    runs = re.findall(r"^  run \d+  (.*?) +[\d,]+ rows  (\w+)$", done.stdout, re.MULTILINE)
    assert sorted(runs) == [
        (name, "reconciled")
        for name in (
            "Cost-center spend",
            "GL balances",
            "List of GL accounts",
            "List of cost centers",
            "List of suppliers",
            "Plan",
            "Supplier invoice totals",
        )
    ]
    last = done.stdout.rstrip().splitlines()[-1]
    assert last.startswith("Plan FY11 BUDGET-A1 is published; QAD holds 2815 rows: ")
