"""Records that did not arrive: the only source rows that are rows of their own."""

from django.db import models

from integrations.models.runs import Run
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantPart, same_tenant_pair


class Verdict(models.TextChoices):
    """What became of one source row in one run."""

    LOADED = "loaded", "Loaded"
    UNCHANGED = "unchanged", "Unchanged"
    HELD = "held", "Held"
    REJECTED = "rejected", "Rejected"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


class ExceptionState(models.TextChoices):
    """Whether the exception still asks for something."""

    OPEN = "open", "Open"
    RELEASED = "released", "Released"
    SUPERSEDED = "superseded", "Superseded"


class RecordException(TenantPart):
    """One source row that was held, rejected, ignored or failed, with its reason.

    `values` holds the amounts of the row by measure, as exact text. `message` is Anaplan's or
    our own wording. `code` is an entry of the catalogue. `codes` are QAD's codes of a held row by
    dimension. `tries` counts its replays.
    """

    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        related_name="exceptions",
        db_constraint=False,
        db_index=False,
    )
    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    part = models.CharField(max_length=40)
    source_key = models.TextField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    code = models.CharField(max_length=60)
    dimension = models.CharField(max_length=30, blank=True)
    member_code = models.CharField(max_length=80, blank=True)
    message = models.TextField(blank=True)
    cell_key = models.TextField(blank=True)
    line = models.PositiveBigIntegerField(null=True)
    values = models.JSONField(default=dict)
    codes = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, choices=ExceptionState.choices, default=ExceptionState.OPEN
    )
    ended_by = models.ForeignKey(
        Run, on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            same_tenant_pair("record_exception"),
            models.UniqueConstraint(
                fields=["organization", "run", "part", "source_key"], name="one_verdict_a_record"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "sync", "part"],
                condition=models.Q(state="open"),
                name="open_exceptions",
            ),
        ]

    def __str__(self) -> str:
        """Name the record by its key."""
        return f"{self.part} {self.source_key}"
