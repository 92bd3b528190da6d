"""One load by ml-connector in this process, with its evidence, its trail and its read-back."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

from benchmarks.orders import Order, answer, peak_megabytes, read_order

PHASES = ("extract", "map", "load", "collect", "reconcile")


def load(order: Order) -> dict[str, Any]:
    """Load all books into an empty model; returns seconds, stages, peak and sums."""
    from accounts.models import Organization
    from integrations.services.organizations import create_organization
    from integrations.services.syncs import start_run
    from integrations.services.waiting import drive

    name = f"bench-{time.time_ns()}"
    organization: Organization = create_organization(name=name, slug=name)
    sync = _wire(organization, order)
    before = peak_megabytes()
    began, worked = time.perf_counter(), time.process_time()
    run = start_run(
        organization=organization, sync_id=sync.pk, periods=None, requested_by="benchmark"
    )
    drive(organization, run.pk)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - worked,
        "peak_mb": peak_megabytes(),
        "peak_before_mb": before,
        **_outcome(organization, run.pk),
    }


def _wire(organization: Any, order: Order) -> Any:
    from audit.tenancy import tenant
    from integrations.models import Connection
    from integrations.services.demo import StandIns, wire

    limits = (("min_gap_ms", order.gap_ms), ("concurrency", order.in_flight))
    places = StandIns(
        order.qad_url, order.anaplan_url, Path(order.model), Path(order.mapping), limits=limits
    )
    sync = wire(organization, places, requested_by="benchmark")
    with tenant(organization.pk):
        source = sync.source
        source.profile["paging"] |= {"size": order.page_size, "max_pages": 1_000_000}
        Connection.objects.filter(pk=source.pk).update(profile=source.profile)
        if not order.is_read_back:
            sync.export_name = ""
            sync.save(update_fields=["export_name"])
    return sync


def _outcome(organization: Any, run_id: int) -> dict[str, Any]:
    from django.db.models import Sum
    from django.db.models.functions import Length

    from audit.tenancy import tenant
    from integrations.models import EvidenceBlock, Run, TieOutLine

    with tenant(organization.pk):
        run = Run.objects.get(pk=run_id)
        lines = TieOutLine.objects.filter(run=run)
        sums = dict(lines.values_list("measure").annotate(total=Sum("sent")))
        kept = EvidenceBlock.objects.aggregate(bytes=Sum(Length("data")))["bytes"]
    return {
        "state": str(run.state),
        "error": run.error_code,
        "stages": {name: run.timings.get(name, 0.0) for name in PHASES},
        "counts": run.counts,
        "sums": {name: str(Decimal(total)) for name, total in sums.items()},
        "evidence_bytes": kept,
    }


if __name__ == "__main__":
    django.setup()
    answer(load(read_order()))
