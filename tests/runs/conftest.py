"""One organization wired to two stand-ins of its own, for each test."""

import json
import re
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.models import Organization
from audit.tenancy import tenant
from connector_site.places import CHECKOUT
from integrations.models import CellDifference, ModelLease, RecordException, Run, Sync
from integrations.services.demo import StandIns, wire
from integrations.services.invariants import check_invariants
from integrations.services.mappings import remove_rule, set_rule
from integrations.services.organizations import create_organization
from integrations.services.replay import replay_records, replay_run
from integrations.services.runs import advance_run
from integrations.services.syncs import start_run
from simulators import server, tls
from simulators.anaplan.app import build_app as build_anaplan
from simulators.qad.app import build_app as build_qad
from tests.names import unique
from tests.runs.small_world import MODEL, MODULE, World, write_world

COUNTERS = frozenset(
    name
    for page in ("simulators.md", "simulators-anaplan.md")
    for line in (CHECKOUT / "docs" / page).read_text("utf-8").splitlines()
    if "/_sim/counters" in line
    for name in re.findall(r"[a-z_]+", line)
)
NAMES = ("Entities", "Accounts", "Cost Centers", "Time")


def coordinates(place: str) -> dict[str, str]:
    """Return the coordinates of "E_US01 A_1000 CC_100 Oct 26"."""
    entity, account, center, month = place.split(" ", 3)
    currency = "USD" if "US" in entity else "EUR"
    return dict(
        zip((*NAMES, "Currencies"), (entity, account, center, month, currency), strict=True)
    )


class StandIn:
    """One stand-in and its look-ins."""

    def __init__(self, running: Any, trusted: ssl.SSLContext | None = None) -> None:
        self.running = running
        self.trusted = trusted
        self.url: str = running.url
        self.root = "/".join(running.url.split("/")[:3])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Use a look-in."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.root}/_sim/{path}", data=data, method=method,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10, context=self.trusted) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, **fault: Any) -> None:
        """Order a fault."""
        self.call("POST", "faults", [fault])

    def heal(self) -> None:
        """Take all faults back."""
        self.call("DELETE", "faults")

    def count(self, name: str) -> int:
        """Return a counter; one that the documents do not name would be 0 for ever."""
        assert name in COUNTERS or name.startswith("pages_"), f"there is no counter {name}"
        return int(self.call("GET", "counters").get(name, 0))


@dataclass
class Rig:
    """An organization, its sync and both stand-ins."""

    organization: Organization
    sync: Sync
    qad: StandIn
    anaplan: StandIn
    world: World
    waits: list[float] = field(default_factory=list)

    def start(self, *periods: int) -> Run:
        """Start a run over the given periods, or all."""
        return start_run(
            organization=self.organization,
            sync_id=self.sync.pk,
            periods=list(periods) or None,
            requested_by="test",
        )

    def finish(self, run: Run, *, slices: int = 60) -> Run:
        """Move a run to its end, passing over every wait."""
        for _ in range(slices):
            wait = advance_run(self.organization.pk, run.pk)
            if wait is None:
                break
            self.waits.append(wait)
            self.make_due(run)
        return self.reload(run)

    def run(self, *periods: int) -> Run:
        """Run to the end and check what must hold after every run."""
        run = self.finish(self.start(*periods))
        self.check(run)
        return run

    def make_due(self, run: Run) -> None:
        """Let a waiting run be due now."""
        with tenant(self.organization.pk):
            Run.objects.filter(pk=run.pk).update(not_before=Now())

    def reload(self, run: Run) -> Run:
        """Read the run again."""
        with tenant(self.organization.pk):
            return Run.objects.select_related("sync").get(pk=run.pk)

    def cells(self) -> dict[str, dict[str, str]]:
        """Return what the Actuals module holds, by "entity account cost center month"."""
        answer = self.anaplan.call(
            "GET", f"cells?module={MODULE.replace(' ', '%20')}&model={MODEL}"
        )
        return {
            " ".join(row["coordinates"][name] for name in NAMES): row["values"]
            for row in answer["rows"]
        }

    def alter(self, place: str, line_item: str, value: str) -> None:
        """Change a cell as somebody in Anaplan would."""
        self.anaplan.call(
            "POST",
            "cells",
            {
                "module": MODULE,
                "coordinates": coordinates(place),
                "lineItem": line_item,
                "value": value,
            },
        )

    def swap(self, first: str, second: str) -> None:
        """Exchange two cells as somebody in Anaplan would."""
        pair = [coordinates(first), coordinates(second)]
        self.anaplan.call("POST", "cells", {"module": MODULE, "swap": pair})

    def journal(self, entity: str, period: int, *lines: tuple[str, str, str, str]) -> None:
        """Post a late journal: (account, cost center, debit, credit) lines."""
        self.qad.call(
            "POST",
            "journals",
            {
                "entity": entity,
                "year_period": period,
                "description": "late",
                "lines": [
                    {"gl_account": a, "cost_center": c, "debit": d, "credit": k}
                    for a, c, d, k in lines
                ],
            },
        )

    def map(self, dimension: str, code: str, member: str) -> None:
        """Map a code in a new version; without a member leave it unmapped."""
        pair = {"dimension": dimension, "code": code, "requested_by": "test"}
        if member:
            set_rule(organization=self.organization, member=member, **pair)
        else:
            remove_rule(organization=self.organization, **pair)

    def replay(self, run: Run, *records: int) -> Run:
        """Replay a run or some of its records to the end."""
        wish: dict[str, Any] = {
            "organization": self.organization,
            "run_id": run.pk,
            "requested_by": "test",
        }
        child = (
            replay_records(exception_ids=list(records), **wish) if records else replay_run(**wish)
        )
        child = self.finish(child)
        self.check(child)
        return child

    def differences(self, run: Run) -> list[CellDifference]:
        """Return the differing cells of a run."""
        with tenant(self.organization.pk):
            return list(run.differences.order_by("cell_key", "measure"))

    def exceptions(self, run: Run) -> list[RecordException]:
        """Return the run's exceptions."""
        with tenant(self.organization.pk):
            return list(RecordException.objects.filter(run=run).order_by("part", "source_key"))

    def check(self, run: Run) -> None:
        """The same checker after every test, and in production: rows, lease, queue and trail."""
        assert not run.is_active, (run.state, run.phase, run.error_code, run.error_detail)
        assert not ModelLease.objects.filter(run_id=run.pk).exists()
        assert list(check_invariants(self.organization, deep=True)) == []


def move_in(
    qad: StandIn, anaplan: StandIn, world: World, *, via: Callable[[str], str] = str
) -> Rig:
    """Wire a new organization to stand-ins; `via` leads to their addresses another way."""
    organization = create_organization(name="Small", slug=unique("small"))
    places = StandIns(via(qad.url), via(anaplan.url), world.model, world.mapping)
    sync = wire(organization, places, requested_by="test")
    return Rig(organization, sync, qad, anaplan, world)


@contextmanager
def rigs(folder: Path) -> Iterator[Any]:
    """Give a function that builds a rig from a world; its stand-ins stop at the end."""
    started: list[StandIn] = []

    def build(
        world: World | None = None,
        authority: tls.Authority | None = None,
        via: Callable[[str], str] = str,
        **options: Any,
    ) -> Rig:
        world = world or write_world(folder / unique("world"), **options)
        served = trusted = None
        if authority:
            served = tls.server_context(*authority.issue().write(folder, "stand-in"))
            trusted = ssl.create_default_context(cadata=authority.pem.decode())
        qad = StandIn(server.start(build_qad(world.books), tls=served), trusted)
        anaplan = StandIn(server.start(build_anaplan(world.model), tls=served), trusted)
        started.extend((qad, anaplan))
        anaplan.call("POST", "settings", {"task_seconds": 0.0})
        return move_in(qad, anaplan, world, via=via)

    yield build
    for stand_in in started:
        stand_in.running.stop()


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Any]:
    """Return a function that builds a rig from a world."""
    with rigs(tmp_path) as build:
        yield build


@pytest.fixture
def rig(make_rig: Any) -> Rig:
    """The small world, ready to run."""
    built: Rig = make_rig()
    return built
