"""The stand-in QAD as a command: one line when it listens, plain words when it cannot."""

import os
import signal
import subprocess
import sys

import requests

from tests.simulators.qad.conftest import DEMO, ROOT


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", "qad", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
    )


def test_it_prints_its_address_and_serves_until_it_is_told_to_stop():
    process = start("--books", str(DEMO / "books"), "--context", "/qad-central")
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        address = line.removeprefix("listening on ").strip()
        assert address.endswith("/qad-central")
        path = f"{address}/api/bdoc/qad/base/organization/Entities"
        answer = requests.get(path, auth=("demo", "demo"), timeout=10)
        assert answer.json()["totalCount"] == 6
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (rest, errors, process.returncode) == ("", "", 0)


def test_books_that_cannot_be_used_end_it_with_the_reason(tmp_path):
    process = start("--books", str(tmp_path / "nothing"))
    out, errors = process.communicate(timeout=20)
    assert (out, process.returncode) == ("", 2)
    assert errors == (
        f"{tmp_path / 'nothing'} is no folder; the books are a folder of CSV files.\n"
    )
