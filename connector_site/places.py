"""A place: one folder in the checkout that holds embedded engines, their secrets and logs."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector_site.new_keys import new_encryption_key, new_secret_key

CHECKOUT = Path(__file__).resolve().parent.parent
PLACE_NAMES = ("demo", "run", "test", "bench")
DATABASE = "connector"
OWNER_ROLE = "connector_owner"
RUNTIME_ROLE = "connector_app"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one embedded installation lies; `name` is one of PLACE_NAMES."""

    name: str
    folder: Path

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.folder / "logs"

    @property
    def is_for_tests(self) -> bool:
        """Tests give up safety against power loss for speed."""
        return self.name == "test"

    @property
    def is_disposable(self) -> bool:
        """Only the data of `make run` is kept; everything else starts with a fresh database."""
        return self.name != "run"

    def prepare(self) -> None:
        """Makes the folders; as root others may pass through them, and read nothing."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        for folder in (self.folder.parent, self.folder, self.logs, self.folder / "tmp"):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(mode)


def place_named(name: str) -> Place:
    """The place of this checkout with that name; LOCAL_FOLDER moves all of them elsewhere."""
    return Place(name, Path(os.environ.get("LOCAL_FOLDER") or CHECKOUT / ".local") / name)


def write_private(path: Path, text: str) -> None:
    """Replaces a file as a whole; only its owner may read it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def place_secrets(place: Place) -> Mapping[str, str]:
    """The place's own passwords and keys: made once, kept readable to its owner only."""
    path = place.folder / "secrets.json"
    if not path.exists():
        names = ("superuser", "owner", "runtime", "valkey")
        made = {name: secrets.token_urlsafe(24) for name in names}
        made |= {"secret_key": new_secret_key(), "encryption_key": new_encryption_key()}
        write_private(path, json.dumps(made, indent=2))
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Engines:
    """Running engines: the process that hosts them and their ports on loopback."""

    host_pid: int
    postgres_port: int
    valkey_port: int

    def database_url(self, role: str, password: str, database: str = DATABASE) -> str:
        """The URL with which `role` signs in to a database."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.postgres_port}/{database}"


def write_engines(place: Place, engines: Engines) -> None:
    """Tells everybody in this checkout where the engines are."""
    values = {name: getattr(engines, name) for name in Engines.__slots__}
    write_private(place.folder / "engines.json", json.dumps(values))


def read_engines(place: Place) -> Engines | None:
    """Where the engines are, or None as long as nobody told."""
    try:
        text = (place.folder / "engines.json").read_text(encoding="utf-8")
        return Engines(**json.loads(text))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def forget_engines(place: Place) -> None:
    """Tells everybody that the engines are not to be used."""
    (place.folder / "engines.json").unlink(missing_ok=True)


def engine_environment(place: Place, engines: Engines) -> dict[str, str]:
    """The settings that lead to the place's engines and keys."""
    kept = place_secrets(place)
    return {
        "SECRET_KEY": kept["secret_key"],
        "ENCRYPTION_KEYS": kept["encryption_key"],
        "DATABASE_URL": engines.database_url(RUNTIME_ROLE, kept["runtime"]),
        "DATABASE_OWNER_URL": engines.database_url(OWNER_ROLE, kept["owner"]),
        "REDIS_URL": f"redis://:{kept['valkey']}@127.0.0.1:{engines.valkey_port}/0",
        "SPOOL_FOLDER": str(place.folder / "spool"),
        "MAILBOX_FOLDER": str(place.folder / "mail"),
        "TMPDIR": str(place.folder / "tmp"),
    }
