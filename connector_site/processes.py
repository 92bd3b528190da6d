"""Starts processes that end with their parent, and ends those that outlived it."""

import contextlib
import importlib.util
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from connector_site.launch import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
from connector_site.places import CHECKOUT

LAUNCHER = Path(__file__).with_name("launch.py")
# Every process of a group carries the group's name in its environment, and so do its children:
# this is how survivors of a killed parent are found again, without trusting old process ids.
GROUP_VARIABLE = "ML_CONNECTOR_GROUP"
UNPRIVILEGED_USER = "nobody"


class CannotStart(Exception):
    """Something on this machine keeps a process from starting; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The ordinary user that engines run as when the parent is root."""

    user: int
    group: int
    capabilities: tuple[int, ...] = ()

    def arguments(self) -> list[str]:
        """What the launcher is told about it."""
        told = ["--user", str(self.user), "--group", str(self.group)]
        for capability in self.capabilities:
            told += ["--capability", str(capability)]
        return told


def spawn(
    command: Sequence[str | Path],
    *,
    group: str,
    environment: Mapping[str, str],
    log: Path,
    death_signal: signal.Signals = signal.SIGKILL,
    identity: Identity | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a program in its own session, writing to `log`, ending when this process ends."""
    with log.open("ab") as output:
        return subprocess.Popen(
            _launched(command, death_signal, identity),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment, GROUP_VARIABLE: group},
            start_new_session=True,
        )


def run(
    command: Sequence[str | Path], *, group: str, environment: Mapping[str, str], output: bool
) -> subprocess.CompletedProcess[str]:
    """Runs a program in this terminal to its end; `output` keeps what it prints."""
    return subprocess.run(
        _launched(command, signal.SIGTERM, None),
        cwd=CHECKOUT,
        env={**environment, GROUP_VARIABLE: group},
        stdout=subprocess.PIPE if output else None,
        text=True,
        check=False,
    )


def _launched(
    command: Sequence[str | Path], death_signal: signal.Signals, identity: Identity | None
) -> list[str]:
    told = ["--parent", str(os.getpid()), "--signal", str(int(death_signal))]
    told += identity.arguments() if identity else []
    return [sys.executable, "-I", "-S", str(LAUNCHER), *told, "--", *map(str, command)]


def stop(process: subprocess.Popen[bytes], first: signal.Signals, patience: float) -> None:
    """Asks a process to end; after `patience` seconds its whole session is killed."""
    if process.poll() is None:
        process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_survivors(group: str) -> int:
    """Ends what is left of a group whose parent was killed; returns how many there were.

    The caller holds the group's lock, so that nobody living can own these processes.
    """
    survivors = [process for process in psutil.process_iter() if _belongs(process, group)]
    for first in (signal.SIGINT, signal.SIGKILL):
        for process in survivors:
            try:
                process.send_signal(first)
            except psutil.NoSuchProcess:
                continue
        _, alive = psutil.wait_procs(survivors, timeout=5)
        if not alive:
            break
    return len(survivors)


def _belongs(process: psutil.Process, group: str) -> bool:
    try:
        return process.pid != os.getpid() and group == process.environ().get(GROUP_VARIABLE, "")
    except (psutil.Error, OSError):
        return False


def engine_identity(programs: Sequence[Path], data: Path) -> Identity | None:
    """Who runs the engines: this user, or `nobody` where this user is root.

    PostgreSQL refuses root. Nothing outside the checkout is changed: where a folder above the
    checkout or the programs is closed to `nobody`, the process keeps the one Linux capability
    that lets it pass.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and this machine has no user "
            f"'{UNPRIVILEGED_USER}'. Run the command as an ordinary user."
        ) from None
    closed = [path for path in (data, *programs) if not _is_open_to_all(path.parent)]
    needed: tuple[int, ...] = (CAP_DAC_READ_SEARCH,) if closed else ()
    if any(program.stat().st_mode & 0o005 != 0o005 for program in programs):
        needed = (CAP_DAC_OVERRIDE,)
    if closed and CAP_DAC_READ_SEARCH not in _held_capabilities():
        needed = (CAP_DAC_OVERRIDE,)
    if needed and not set(needed) <= _held_capabilities():
        raise CannotStart(
            f"PostgreSQL does not run as root, and user '{UNPRIVILEGED_USER}' may not enter "
            f"{closed[0].parent if closed else programs[0].parent}. Run the command as an "
            "ordinary user, or move the checkout to a folder that everybody may enter."
        )
    return Identity(entry.pw_uid, entry.pw_gid, needed)


def _is_open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _held_capabilities() -> frozenset[int]:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return frozenset()
    mask = next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")), 0)
    return frozenset(bit for bit in range(64) if mask >> bit & 1)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log for a message: its path and last lines."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    return f"The log is {log}:\n" + "\n".join(f"  | {line}" for line in lines)


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"The package {name} is not installed; `make setup` installs it.")
    return Path(spec.origin).parent
