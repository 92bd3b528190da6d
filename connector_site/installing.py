"""Sets this checkout up with nothing but Python: packages, and the browser for tests.

Run as a file by any Python from 3.11 on: `python3 -I connector_site/installing.py runtime`,
`development` or `browser`. It imports nothing that is not in the standard library.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
REQUIREMENTS = {
    "runtime": ("requirements.txt",),
    "development": ("requirements.txt", "requirements-dev.txt", "requirements-judges.txt"),
}
BROWSER_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_BAR_WIDTH = 30


def find_browser() -> str | None:
    """The Chromium that browser tests use: CHROMIUM names one, else the usual places."""
    programs = (os.environ.get("CHROMIUM", ""), *BROWSER_PROGRAMS, *BROWSER_APPLICATIONS)
    return next((found for name in programs if name and (found := shutil.which(name))), None)


def install_packages(kind: str) -> None:
    """Makes the virtual environment and installs what is pinned, by hash."""
    if not (ENVIRONMENT / "bin" / "python").exists():
        _say("Making the virtual environment .venv")
        _make_environment()
    files = [CHECKOUT / name for name in REQUIREMENTS[kind]]
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--require-hashes"]
    command += ["--no-deps", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    for file in files:
        command += ["--requirement", str(file)]
    total = sum(len(re.findall(r"(?m)^[\w.-]+==", file.read_text("utf-8"))) for file in files)
    _say(f"Installing {total} pinned packages; pip says what it does in .venv/install.log")
    _run_with_bar(command, ENVIRONMENT / "install.log", total)


def _make_environment() -> None:
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu install it with:\n"
            "  apt-get install python3-venv"
        )


def _run_with_bar(command: Sequence[str], log: Path, total: int) -> None:
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        for number in _handled(_copied(process.stdout or (), file)):
            _draw(min(number, total), total)
    _draw(total, total, is_last=True)
    if process.returncode != 0:
        lines = log.read_text(encoding="utf-8").splitlines()[-15:]
        sys.exit("The packages could not be installed. pip said:\n  " + "\n  ".join(lines))


def _copied(lines: Iterable[str], file: TextIO) -> Iterator[str]:
    for line in lines:
        print(line, end="", file=file)
        yield line


def _handled(lines: Iterable[str]) -> Iterator[int]:
    """Counts the packages that pip took up so far; several lines tell of one package."""
    number = 0
    for line in lines:
        if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
            number += 1
            yield number


def _draw(number: int, total: int, *, is_last: bool = False) -> None:
    if sys.stderr.isatty():
        full = _BAR_WIDTH * number // max(total, 1)
        bar = "#" * full + "." * (_BAR_WIDTH - full)
        sys.stderr.write(f"\r  [{bar}] {number}/{total}" + ("\n" if is_last else ""))
        sys.stderr.flush()


def install_browser() -> None:
    """Gets Chromium from the system's package manager, where that is allowed without asking."""
    if find_browser():
        return
    for command in _browser_commands():
        _say(f"Installing Chromium for the browser tests: {' '.join(command)}")
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode != 0:
            break
    if find_browser() is None:
        _say(
            "No Chromium was found, and it could not be installed here: the browser tests will "
            "fail.\nInstall it (Debian and Ubuntu: sudo apt-get install chromium; macOS: brew "
            "install --cask\nchromium), or name the program of one: make test CHROMIUM=/path/to/it"
        )


def _browser_commands() -> list[list[str]]:
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            before = []
        elif shutil.which("sudo") and _may_become_root():
            before = ["sudo", "-n"]
        else:
            return []
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        install = ["install", "-y", "-q", "--no-install-recommends", "chromium"]
        return [
            [*before, "apt-get", "update", "-q"],
            [*before, *environment, "apt-get", *install],
        ]
    if shutil.which("brew"):
        return [["brew", "install", "--cask", "chromium"]]
    return []


def _may_become_root() -> bool:
    return subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    """Does one part of the set-up and tells how long it took."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit("ml-connector needs Python 3.11 or newer.")
    part = sys.argv[1]
    started = time.monotonic()
    if part == "browser":
        install_browser()
    else:
        install_packages(part)
        _say(f"Set-up took {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
