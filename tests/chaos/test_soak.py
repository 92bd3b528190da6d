"""Everything fails at random; when it is well again each amount is there, and was sent once.

`pytest -m chaos` takes CHAOS_SECONDS and SEED; the same seed gives the same failures at the
same moments, the same journals and the same bytes that are late.
"""

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now

from audit.tenancy import tenant
from integrations.models import DueRun, Load, Run
from integrations.models.runs import ACTIVE
from integrations.services.invariants import check_invariants
from integrations.services.runs import hint_due_runs
from tests.chaos.proxy import Weather, proxy
from tests.chaos.workers import Team
from tests.runs.conftest import move_in, rigs
from tests.runs.small_world import COST_CENTERS, ENTITIES, PERIODS, exact, expected_cells

SECONDS = float(os.environ.get("CHAOS_SECONDS") or 3)
SEED = int(os.environ.get("SEED") or 61)
IS_LONG = SECONDS > 30
PATIENCE = 240.0
LINKS = ("postgresql", "redis", "qad", "anaplan")

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + 2 * PATIENCE)]


@dataclass(frozen=True)
class Deed:
    """Something bad: when it begins, what it is, which link it is done to and for how long."""

    at: float
    kind: str
    link: str
    seconds: float
    weather: Weather

    def __str__(self):
        where = "" if self.kind.startswith("kill") else f"{self.link} for {self.seconds:.2f} s"
        return f"{self.at:7.2f} s  {self.kind:<8} {where}".rstrip()


def say(words):
    """Tell who watches; pytest shows it where the test fails."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def plan_of(chance, seconds):
    """All that will go wrong, in the order of time."""
    deeds, at = [], chance.uniform(0.2, 0.6)
    kinds = ["late", "slow", "silent", "cut", "cut", "reset", "reset", "kill one", "kill one"]
    kinds += ["kill all"] * IS_LONG
    while at < seconds:
        kind = chance.choice(kinds)
        weather = {
            "late": Weather(late=chance.uniform(0.01, 0.2), jitter=chance.uniform(0.0, 0.3)),
            "slow": Weather(bytes_a_second=chance.uniform(5_000, 50_000)),
            "silent": Weather(is_silent=True),
        }.get(kind, Weather())
        lasts = chance.uniform(0.3, 6.0 if IS_LONG else 0.8)
        deeds.append(Deed(at, kind, chance.choice(LINKS), lasts, weather))
        at += chance.uniform(0.3, 4.0 if IS_LONG else 0.8)
    return deeds


class Soak:
    """Organizations, what lies between them and the world, and what must be there in the end."""

    def __init__(self, made, team, chance, log):
        self.made, self.team, self.chance, self.log = made, team, chance, log
        self.rigs, self.ledgers = [], {}

    def via(self, url):
        """Lead to a stand-in through a link."""
        at = urlsplit(url)
        system = "qad" if at.path else "anaplan"
        name = f"{system} {at.port}"
        if name not in self.made.links:
            self.made.lead_to(name, at.hostname, at.port)
        return url.replace(f":{at.port}", f":{self.made.links[name].port}")

    def settle(self, build, neighbours):
        """Let some organizations share a QAD and a model; each pair of systems has a ledger."""
        first = build(via=self.via)
        systems = first.qad, first.anaplan, first.world
        self.rigs.append(first)
        self.rigs += [move_in(*systems, via=self.via) for _ in range(neighbours)]
        self.ledgers[first.anaplan.root] = expected_cells()

    def links_of(self, name):
        return [link for key, link in self.made.links.items() if key.split()[0] == name]

    def do(self, deed):
        say(deed)
        if deed.kind == "kill one":
            self.team.kill_one(self.chance)
        elif deed.kind == "kill all":
            self.team.kill_all()
        for link in self.links_of(deed.link):
            if deed.kind == "cut":
                self.made.cut(link)
            elif deed.kind == "reset":
                self.made.reset(link)
            elif not deed.kind.startswith("kill"):
                link.weather = deed.weather

    def heal(self, name=""):
        for link in self.links_of(name) if name else self.made.links.values():
            self.made.heal(link)

    def post_journal(self, rig):
        """Post a journal to QAD and to the ledger."""
        entity, period = self.chance.choice(list(ENTITIES)), self.chance.choice(list(PERIODS))
        center = self.chance.choice(list(COST_CENTERS))
        amount = Decimal(self.chance.randrange(1, 10_000_000)) / 100
        rig.journal(
            entity,
            period,
            ("6000", center, str(amount), "0.00"),
            ("1000", "100", "0.00", str(amount)),
        )
        ledger, month = self.ledgers[rig.anaplan.root], PERIODS[period]
        spent = ledger[f"E_{entity} A_6000 CC_{center} {month}"]
        cash = ledger[f"E_{entity} A_1000 CC_100 {month}"]
        spent["Debit"] += amount
        spent["Net"] += amount
        cash["Credit"] += amount
        cash["Net"] -= amount

    def active(self):
        """The runs that have not ended, with their organizations."""
        found = []
        for rig in self.rigs:
            with tenant(rig.organization.pk):
                runs = Run.objects.filter(organization=rig.organization, state__in=ACTIVE)
                found += [(rig, run_id) for run_id in runs.values_list("pk", flat=True)]
        return found

    def keep_busy(self):
        """Start a run where none is under way, often with news in the books."""
        busy = {rig.organization.pk for rig, _ in self.active()}
        for rig in self.rigs:
            if rig.organization.pk not in busy:
                if self.chance.random() < 0.7:
                    self.post_journal(rig)
                rig.start()

    def wait_for_work(self):
        """Wait until the workers are there and have begun."""
        ends = time.monotonic() + PATIENCE
        while "running" not in self.ends():
            assert time.monotonic() < ends, self.ends()
            time.sleep(0.05)

    def pass_over_waits(self):
        """What waits is due at once, so that the end is not waited for."""
        for rig, run_id in self.active():
            with tenant(rig.organization.pk):
                Run.objects.filter(pk=run_id).update(not_before=Now())
            DueRun.objects.filter(run_id=run_id).update(due_at=Now())

    def rage(self, deeds, seconds):
        """Do all deeds at their time, as the beat ticks and people start runs."""
        waiting, ending = list(deeds), []
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds or waiting:
            while waiting and waiting[0].at <= now:
                self.do(deed := waiting.pop(0))
                ending.append((deed.at + deed.seconds, deed.link))
            for due in [item for item in ending if item[0] <= now]:
                ending.remove(due)
                self.heal(due[1])
            self.keep_busy()
            self.team.revive()
            hint_due_runs()
            time.sleep(0.2)

    def calm(self):
        """Wait until every run has ended."""
        ends = time.monotonic() + PATIENCE
        while active := self.active():
            assert time.monotonic() < ends, self.stories_of(active)
            self.pass_over_waits()
            self.team.revive()
            hint_due_runs()
            time.sleep(0.3)

    def stories_of(self, active):
        """Where runs stand that do not end, and the last words of the workers."""
        runs = [rig.reload(Run(pk=run_id)) for rig, run_id in active]
        told = [(r.pk, r.state, r.phase, r.step, r.error_code, r.claimed_until) for r in runs]
        return told, self.log.read_text().splitlines()[-20:]

    def ends(self):
        """How all runs ended."""
        found = Counter()
        for rig in self.rigs:
            with tenant(rig.organization.pk):
                runs = Run.objects.filter(organization=rig.organization)
                found.update(f"{s} {c}".strip() for s, c in runs.values_list("state", "error_code"))
        return found


def imports_of(rigs_there):
    """The import tasks that the runs of some organizations know of."""
    tasks = []
    for rig in rigs_there:
        with tenant(rig.organization.pk):
            loads = Load.objects.filter(organization=rig.organization).exclude(task_id="")
            tasks += loads.values_list("task_id", flat=True)
    return tasks


@pytest.fixture
def soak(engines, tmp_path):
    chance = Random(SEED)
    database, broker = urlsplit(engines["DATABASE_URL"]), urlsplit(engines["REDIS_URL"])
    redis.Redis.from_url(engines["REDIS_URL"]).flushdb()
    with proxy(SEED) as made, rigs(tmp_path) as build:
        environment = {**engines, "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS)}
        for name, setting, url in (
            ("postgresql", "DATABASE_URL", database), ("redis", "REDIS_URL", broker),
        ):  # fmt: skip
            link = made.lead_to(name, url.hostname, url.port)
            environment[setting] = url.geturl().replace(f":{url.port}/", f":{link.port}/")
        log = tmp_path / "workers.log"
        team = Team(environment, log)
        made_soak = Soak(made, team, chance, log)
        made_soak.settle(build, 1)
        if IS_LONG:
            made_soak.settle(build, 0)
        team.start()
        try:
            yield made_soak
        finally:
            team.stop()


def test_after_all_that_failed_every_amount_is_there_and_was_sent_once(soak):
    say(f"SEED={SEED} CHAOS_SECONDS={SECONDS:g}")
    soak.keep_busy()
    soak.wait_for_work()
    soak.rage(plan_of(Random(SEED), SECONDS), SECONDS)
    soak.heal()
    soak.calm()
    say(f"{dict(soak.ends())}, {soak.team.kills} kills")
    check_rows(soak)
    soak.keep_busy()
    soak.calm()
    check_rows(soak)
    check_models(soak)


def check_rows(soak):
    """Nothing contradicts itself, and no run met a case that nobody thought of."""
    for rig in soak.rigs:
        assert list(check_invariants(rig.organization, deep=True)) == []
    bugs = [line for line in soak.log.read_text().splitlines() if "met a bug" in line]
    assert bugs == []


def check_models(soak):
    """Each last run is green, each cell holds what was posted, each import was started once."""
    for rig in soak.rigs:
        with tenant(rig.organization.pk):
            last = Run.objects.filter(organization=rig.organization).latest("pk")
        assert (last.state, last.error_code) == ("reconciled", "")
    for root, ledger in soak.ledgers.items():
        there = [rig for rig in soak.rigs if rig.anaplan.root == root]
        assert exact(there[0].cells()) == ledger
        tasks = imports_of(there)
        assert len(tasks) == len(set(tasks)) == there[0].anaplan.count("import_posts")
