"""The demonstration: both stand-ins, an organization wired to them, and a first load."""

import argparse
import json
import shutil
import socket
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from connector_site import roster
from connector_site.embedded import free_port
from connector_site.places import CHECKOUT, Place
from connector_site.processes import CannotStart
from connector_site.schema import make_fresh
from connector_site.steps import Steps, say
from connector_site.stopping import Stopped, stopping_on_signals
from connector_site.surroundings import EmbeddedEngines, Surroundings, with_embedded_engines
from connector_site.team import Team

DEMO_DATA = CHECKOUT / "simulators" / "data" / "adventureworks"
PREFERRED_PORTS = (8000, 8001, 8002)
_STEPS = 5
_POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that the demonstration runs on."""

    books: Path
    model: Path
    mapping: Path

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> "Inputs":
        """The given files, or the AdventureWorks set; raises CannotStart where one is missing."""
        inputs = cls(
            Path(options.books or DEMO_DATA / "books").resolve(),
            Path(options.model or DEMO_DATA / "model.json").resolve(),
            Path(options.mapping or DEMO_DATA / "mapping.csv").resolve(),
        )
        for path in (inputs.books, inputs.model, inputs.mapping):
            if not path.exists():
                raise CannotStart(f"{path} does not exist.")
        return inputs


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages of the demonstration are."""

    web: str
    qad: str
    anaplan: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """The demonstration's part of the command line."""
    parser.add_argument("--once", action="store_true", help="load, print the tie-out and stop")
    parser.add_argument("--books", help="folder with the books")
    parser.add_argument("--model", help="JSON file of the Anaplan model")
    parser.add_argument("--mapping", help="CSV file that leads from QAD codes to members")


def demo(place: Place, options: argparse.Namespace) -> int:
    """Runs the demonstration and returns its exit status.

    Each start begins with an empty database, since the stand-in Anaplan begins empty as well.
    """
    inputs = Inputs.from_options(options)
    place.prepare()
    with stopping_on_signals():
        team = Team(place)
        steps = Steps(_STEPS)
        embedded: EmbeddedEngines | None = None
        try:
            with steps.step("PostgreSQL and Valkey"):
                given = with_embedded_engines(place, "demo")
                embedded = given.embedded
            return _show(team, steps, given, inputs, is_once=options.once)
        except Stopped:
            say("Stopping.")
            return 130 if options.once else 0
        finally:
            steps.close()
            team.stop()
            if embedded is not None:
                embedded.leave()


def _show(team: Team, steps: Steps, given: Surroundings, inputs: Inputs, *, is_once: bool) -> int:
    port = _port()
    bind = f"127.0.0.1:{port}"
    # Browsers keep passkeys for this name, and for no number.
    origin = f"http://localhost:{port}"
    team.environment |= {**given.environment, "PUBLIC_ORIGIN": origin, "BIND": bind}
    with steps.step("an empty, migrated database"):
        if given.embedded is not None:
            make_fresh(team.place, given.embedded.engines, given.environment)
            shutil.rmtree(given.environment["MAILBOX_FOLDER"], ignore_errors=True)
    # All processes start at once: on two cores their imports take the most of the time.
    qad = team.start("qad", roster.stand_in("qad", "--books", str(inputs.books)))
    anaplan = team.start("anaplan", roster.stand_in("anaplan", "--model", str(inputs.model)))
    web, *_ = [team.start(name, roster.role(name)) for name in ("web", "worker", "quick", "beat")]
    with steps.step("stand-ins of QAD and Anaplan"):
        addresses = Addresses(origin, team.address_of(qad), team.address_of(anaplan))
    with steps.step("an organization wired to both"):
        seed = _seed(team, addresses, inputs)
    with steps.step("web, workers and beat"):
        team.wait_for_web(web, addresses.web)
        team.announce(addresses.web)
    steps.close()
    if is_once:
        return _load_once(team, seed)
    _tell_sign_in(addresses, seed)
    _load(team, seed)
    _bring_plan(team, seed)
    _tell_what_to_try(addresses, seed)
    _watch(team)
    return 0


def _seed(team: Team, addresses: Addresses, inputs: Inputs) -> dict[str, str]:
    done = team.manage(
        *("seed_demo", "--qad-url", addresses.qad, "--anaplan-url", addresses.anaplan),
        *("--model", str(inputs.model), "--mapping", str(inputs.mapping)),
        output=True,
    )
    if done.returncode != 0:
        raise CannotStart("The demonstration could not be seeded; the reason stands above.")
    seed: dict[str, str] = json.loads(done.stdout)
    return seed


def _load(team: Team, seed: dict[str, str]) -> tuple[int, int]:
    """Runs every sync once: lists first, then data, and the plan the other way.

    Returns the number of the balances' run and the exit status of `run_sync`.
    """
    say("Loading all periods of the books from QAD into Anaplan, and pulling the plan.")
    started = time.monotonic()
    done = team.manage("run_sync", "--all", "--all-periods", "--wait", "--json", output=True)
    if not done.stdout.strip():
        raise CannotStart("The first load did not start; the reason stands above.")
    reports = json.loads(done.stdout)["runs"]
    for report in reports:
        rows = report["counts"].get("rows", 0)
        say(f"  run {report['run']}  {report['sync']:<24}{rows:>6,} rows  {report['state']}")
        if report.get("error"):
            say(f"      {report['error']['message']}")
    say(f"All of them took {time.monotonic() - started:.1f} s.")
    run = next(report["run"] for report in reports if report["sync"] == seed["sync"])
    return int(run), done.returncode


def _load_once(team: Team, seed: dict[str, str]) -> int:
    run, status = _load(team, seed)
    table = team.manage("tie_out", str(run))
    return status or table.returncode or _bring_plan(team, seed)


def _bring_plan(team: Team, seed: dict[str, str]) -> int:
    """Publishes the plan in the owner's name and sends it to QAD, where there is one."""
    if not seed["plan"]:
        return 0
    approved = ("publish_plan", seed["plan"], "--by", seed["email"])
    done = team.manage(*approved, "--wait", "--json", output=True)
    if done.returncode != 0:
        say("The plan could not be published; the reason stands above.")
        return done.returncode
    sent = json.loads(done.stdout)
    totals: dict[str, Decimal] = {}
    for total in sent["totals"]:
        currency = total["currency"]
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(total["amount"])
    said = ", ".join(f"{total:,} {currency}" for currency, total in sorted(totals.items()))
    say(f"Plan {sent['plan']} is published; QAD holds {sent['counts']['loaded']} rows: {said}.")
    return 0


def _tell_sign_in(addresses: Addresses, seed: dict[str, str]) -> None:
    say()
    say(f"  Open      {addresses.web}{seed['path']}")
    say(f"  E-mail    {seed['email']}")
    say(f"  Password  {seed['password']}")
    say(f"  Mail      {addresses.web}/demo/mail/")
    say()


def _tell_what_to_try(addresses: Addresses, seed: dict[str, str]) -> None:
    home = f"{addresses.web}/o/{seed['organization']}"
    say()
    say("Three things to try; after each, start a run on the page of runs:")
    say(f"  1. Post a late journal in QAD:      {_look_in(addresses.qad)}")
    say(f"  2. Take away the rule of a code:    {home}/mapping/")
    say(f"  3. Alter a cell in Anaplan:         {_look_in(addresses.anaplan)}")
    say("The same from another terminal:")
    say(f"  make manage DO='run_sync \"{seed['sync']}\" --all-periods --wait'")
    say()
    say("Stop with Ctrl+C.")


def _look_in(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/_sim/"


def _watch(team: Team) -> None:
    while True:
        for sentence in team.revive():
            say(sentence)
        time.sleep(_POLL_SECONDS)


def _port() -> int:
    for port in PREFERRED_PORTS:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return free_port()
