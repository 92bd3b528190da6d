"""A crowd of worker processes that call one stand-in without pause: `python crowd.py JSON`.

Says "begun" when all of them call, and at the end what each has noted, as JSON.
"""

import json
import multiprocessing
import sys
import time
from typing import Any

from redis import Redis

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.manners import AnaplanManners
from integrations.anaplan.tokens import BasicSignIn, CachedTokens, MemoryTokenStore
from integrations.anaplan.types import Hosts
from integrations.qad.client import QadClient
from integrations.qad.manners import QadManners
from integrations.qad.profile import Profile
from integrations.qad.types import Workspace
from integrations.transport.addresses import AddressPolicy
from integrations.transport.errors import IntegrationError
from integrations.transport.manners import Manners
from integrations.transport.ratelimit import RedisBudget
from integrations.transport.session import EgressSession
from integrations.transport.turns import Turns

Notes = dict[str, list[Any]]


class NotingBudget:
    """The shared budget; notes when it let a call go and when it was paused."""

    def __init__(self, budget: RedisBudget) -> None:
        self._budget = budget
        self.notes: Notes = {"granted": [], "paused": []}

    def acquire(self, cost: int = 1) -> float:
        """Ask, and note the moment of asking if the call may go."""
        asked = time.time()
        wait = self._budget.acquire(cost)
        if wait == 0:
            self.notes["granted"].append(asked)
        return wait

    def pause(self, seconds: float) -> None:
        """Pause, and note from when to when nobody can have been let go."""
        asked = time.time()
        self._budget.pause(seconds)
        self.notes["paused"].append([time.time(), asked + seconds])


def call_anaplan(order: dict[str, Any]) -> Notes:
    """Ask who is signed in until the time is over, again at once whenever it is refused."""
    budget = NotingBudget(
        RedisBudget(Redis.from_url(order["redis"]), order["key"], order["limit"], order["window"])
    )
    hosts = Hosts(*[order["origin"]] * 3)
    with new_session(AnaplanManners(budget)) as session:
        sign_in = BasicSignIn(
            session=session, hosts=hosts, email=order["user"], password=order["password"]
        )
        tokens = CachedTokens(MemoryTokenStore(), sign_in)
        client = AnaplanClient(session=session, hosts=hosts, tokens=tokens)
        while time.time() < order["ends"]:
            try:
                client.me()
            except IntegrationError as error:
                if error.code != "anaplan_rate_limited":
                    raise
                time.sleep(0.01)
    return budget.notes


def read_qad(order: dict[str, Any]) -> Notes:
    """Read the balances of a month."""
    profile = Profile.parse(order["profile"])
    limits = profile.limits
    turns = Turns(
        Redis.from_url(order["redis"]),
        order["key"],
        limits.concurrency,
        limits.min_gap_ms / 1000,
        longest=60.0,
    )
    with new_session(QadManners(turns, patience=30.0)) as session:
        client = QadClient(
            session=session,
            profile=profile,
            tenant_url=order["origin"],
            credentials=order["credentials"],
        )
        workspace = Workspace(*order["workspace"])
        pages = list(client.iter_pages("gl_balance", workspace=workspace))
    return {"rows": [page.rows for page in pages]}


def new_session(manners: Manners) -> EgressSession:
    """A session of one worker."""
    return EgressSession(policy=AddressPolicy(allow_loopback=True), manners=manners)


def main() -> None:
    """Let the crowd loose."""
    order = json.loads(sys.argv[1])
    work = {"anaplan": call_anaplan, "qad": read_qad}[order["system"]]
    order["ends"] = time.time() + order.get("seconds", 0)
    with multiprocessing.get_context("fork").Pool(order["workers"]) as pool:
        done = pool.map_async(work, [order] * order["workers"], chunksize=1)
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        sys.stdout.write(json.dumps(done.get(timeout=60)))


if __name__ == "__main__":
    main()
