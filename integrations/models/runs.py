"""A run, its units, its states and the only moves between them."""

from decimal import Decimal

from django.db import models

from integrations.fields import AmountField
from integrations.models.mappings import MappingVersion
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class RunState(models.TextChoices):
    """Where a run stands; the last seven are ends, computed from evidence."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    RECONCILED = "reconciled", "Reconciled"
    PARTIAL = "partial", "Partial"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    UNKNOWN = "unknown", "Unknown"
    UNVERIFIED = "unverified", "Unverified"
    DEFERRED = "deferred", "Deferred"


ACTIVE = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)
ENDED = tuple(state for state in RunState if state not in ACTIVE)

MOVES: dict[str, frozenset[str]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.DEFERRED}),
    RunState.RUNNING: frozenset({RunState.WAITING, *ENDED}),
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.DEFERRED}),
}


class Phase(models.TextChoices):
    """The five verbs, in order."""

    EXTRACT = "extract", "Extract"
    MAP = "map", "Map"
    LOAD = "load", "Load"
    COLLECT = "collect", "Collect"
    RECONCILE = "reconcile", "Reconcile"


class RunKind(models.TextChoices):
    """Whether a run reads anew, replays kept rows, or sends a published plan to QAD."""

    LOAD = "load", "Load"
    REPLAY = "replay", "Replay"
    PUBLISH = "publish", "Publish"


class Run(TenantModel):
    """One execution of a sync over chosen periods: one file, one import.

    `claim` is the worker that may move the run until `claimed_until`; `not_before` is when a
    waiting run is due again. `plan` holds what was resolved from the model's catalogue,
    `counts` and `totals` what was counted; `selection` the exceptions that a replay was asked
    for. Only `services.states` writes `state`.
    """

    sync = models.ForeignKey(
        Sync, on_delete=models.CASCADE, related_name="runs", db_constraint=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="replays", db_constraint=False
    )
    kind = models.CharField(max_length=10, choices=RunKind.choices, default=RunKind.LOAD)
    requested_by = models.TextField()
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.EXTRACT)
    step = models.CharField(max_length=40, blank=True)
    periods = models.JSONField(default=list)
    selection = models.JSONField(null=True)
    mapping_version = models.ForeignKey(
        MappingVersion, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    plan = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    timings = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    error_detail = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    deadline = models.DateTimeField()
    claim = models.CharField(max_length=36, blank=True)
    claimed_until = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            same_tenant_pair("run"),
            models.UniqueConstraint(
                fields=["organization", "sync"],
                condition=models.Q(state__in=ACTIVE),
                name="one_active_run_a_sync",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RunState.values), name="run_state_known"
            ),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="run_newest_first")]

    def __str__(self) -> str:
        """Name the run."""
        return f"run {self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether the run may still move."""
        return self.state in ACTIVE


class RunUnit(TenantPart):
    """One QAD entity and period of a run: what was read of it and its control totals.

    `control` maps each amount to the exact sum over all rows as read. `rows` counts them,
    `repeats` those among them that came twice in the same words and count once. `read_by` is
    the run whose evidence holds the pages: this run, or for a replay an earlier one.
    `is_ascending` tells that the keys were seen to ascend, so that none came twice. `left_out`
    counts the rows that are no part of the data set, `left_out_control` their sums.
    `is_checked` tells that postings were compared with the balances.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="units", db_constraint=False
    )
    read_by = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    domain = models.CharField(max_length=20)
    entity = models.CharField(max_length=20)
    year_period = models.PositiveIntegerField()
    period_status = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    group = models.CharField(max_length=420, blank=True)
    pages = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    repeats = models.PositiveBigIntegerField(default=0)
    is_read = models.BooleanField(default=False)
    is_ascending = models.BooleanField(default=False)
    control = models.JSONField(default=dict)
    left_out = models.PositiveBigIntegerField(default=0)
    left_out_control = models.JSONField(default=dict)
    is_checked = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "run", "entity", "year_period"], name="unit_once_a_run"
            ),
        ]
        ordering = ["entity", "year_period"]

    def __str__(self) -> str:
        """Name the unit."""
        return self.part

    @property
    def part(self) -> str:
        """Return the unit's name in evidence and pages: "ENTITY/202611"."""
        return f"{self.entity}/{self.year_period}"


class RunGroup(TenantPart):
    """The cells of one entity member and one period member in a run.

    Units of several QAD entities or periods may fall on one group; its cells are the sums over
    all of them. `first_line` and `lines` are the group's stretch of the file. `control` maps
    each measure to the sum over what was mapped, `held` over what was held. `turned` is the
    part of the control measure, as QAD has it, whose sign the sync's conventions turn.
    `lacking` lists the codes without a member, with the rows and amounts that were held, or
    that went to suspense. `moved` tells how what QAD says differs from what was held before: {}
    on the first load, else {"cells", "by" per measure, "since", "run", "first": [[cell, before,
    after]]}.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="groups", db_constraint=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=420)
    entity = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=200, blank=True)
    is_mapped = models.BooleanField(default=False)
    is_tied_out = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True)
    first_line = models.PositiveBigIntegerField(default=0)
    lines = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    control = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    turned = AmountField(default=Decimal(0))
    lacking = models.JSONField(default=list)
    is_closed = models.BooleanField(default=False)
    moved = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "run", "name"], name="group_once_a_run"
            ),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        """Name the group."""
        return self.name
