"""What must always hold, checked on the rows in the database alone: for production and tests."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Organization
from audit.tenancy import reading, tenant
from audit.trail import verify_chain
from integrations.models import Evidence, EvidenceBlock, Run, RunState
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.blocks import unpack
from integrations.selectors.invariants import Breach, find_breaches
from integrations.services.judgement import judge
from integrations.transport.errors import IntegrationError

STALLED_MINUTES = 15
RUNS_TOGETHER = 100
BLOCKS_TOGETHER = 4
# The ends that the evidence alone gives; the others may also come from outside of it.
JUDGED = (RunState.RECONCILED, RunState.PARTIAL, RunState.UNVERIFIED, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold: whose rows, which rule, where, and what is wrong."""

    organization: str
    rule: str
    place: str
    problem: str


def list_checked(slug: str = "") -> list[Organization]:
    """Return all organizations, or the one of that name."""
    organizations = Organization.objects.order_by("slug")
    return list(organizations.filter(slug=slug) if slug else organizations)


def check_invariants(
    organization: Organization, *, deep: bool = False, stalled_minutes: int = STALLED_MINUTES
) -> Iterator[Violation]:
    """Yield every violation among an organization's rows; `deep` also opens each kept block."""
    for breach in _breaches(organization.pk, deep=deep, stalled_minutes=stalled_minutes):
        yield Violation(organization.slug, *breach)


def _breaches(organization_id: int, *, deep: bool, stalled_minutes: int) -> Iterator[Breach]:
    with tenant(organization_id):
        yield from list(find_breaches(organization_id, stalled_minutes=stalled_minutes))
    yield from _wrong_states(organization_id)
    _, bad = verify_chain(organization_id)
    if bad is not None:
        yield Breach("trail", f"event {bad.sequence}", bad.reason)
    if deep:
        yield from _damaged_blocks(organization_id)


def _wrong_states(organization_id: int) -> Iterator[Breach]:
    """Judge every run that was judged once more, and compare state and counts."""
    last = 0
    while True:
        with tenant(organization_id):
            runs = list(
                Run.objects.filter(
                    organization_id=organization_id,
                    pk__gt=last,
                    state__in=JUDGED,
                    counts__has_key="loaded",
                )
                .exclude(sync__data_set=PLAN_DATA_SET)
                .prefetch_related("groups", "units")
                .order_by("pk")[:RUNS_TOGETHER]
            )
            found = [breach for run in runs for breach in _judge_again(run)]
        yield from found
        if len(runs) < RUNS_TOGETHER:
            return
        last = runs[-1].pk


def _judge_again(run: Run) -> Iterator[Breach]:
    again = judge(run)
    if again.state != run.state:
        yield Breach(
            "state", f"run {run.pk}", f"it is {run.state}, its evidence says {again.state}"
        )
    for name, count in again.counts.items():
        if run.counts.get(name, count) != count:
            problem = f"{run.counts[name]} {name} were counted, its evidence says {count}"
            yield Breach("rows", f"run {run.pk}", problem)


def _damaged_blocks(organization_id: int) -> Iterator[Breach]:
    """Open every kept block and compare its bytes with the digest that names it."""
    last = 0
    while True:
        with tenant(organization_id):
            blocks = EvidenceBlock.objects.filter(organization_id=organization_id, pk__gt=last)
            rows = list(
                blocks.order_by("pk").values_list("pk", "sha256", "data", "raw_size")[
                    :BLOCKS_TOGETHER
                ]
            )
        for block_id, digest, data, size in rows:
            try:
                problem = "" if len(unpack(bytes(data), digest)) == size else "it has another size"
            except IntegrationError as error:
                problem = error.detail or error.message
            if problem:
                yield Breach("block", _place_of(organization_id, block_id, digest), problem)
        if len(rows) < BLOCKS_TOGETHER:
            return
        last = rows[-1][0]


def _place_of(organization_id: int, block_id: int, digest: str) -> str:
    """Name a block by its digest and the first few runs whose evidence it is."""
    with reading(organization_id):
        kept = Evidence.objects.filter(organization_id=organization_id, block_id=block_id)
        places = [
            f"run {run_id} {kind} {part} {number}"
            for run_id, kind, part, number in kept.order_by("pk").values_list(
                "run_id", "kind", "part", "number"
            )[:3]
        ]
    return f"block {digest[:12]} ({', '.join(places) or 'of no run'})"
