"""The proof: QAD, last sent and Anaplan side by side."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from integrations.fields import AmountField
from integrations.models.runs import Run
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantPart


class TieOutPlace(TenantPart):
    """One entity, period, account and currency of a run, added up over its cells.

    `measures` names what the amounts count; each of the others has one amount a measure:
    `source` what QAD says, `sent` what the files said last, `target` what Anaplan answered
    when read back (empty where it was not read), `listed` the part of the difference that
    listed records carry. `is_mapped` is false for QAD accounts that have no member yet.
    A row a measure would be three times as many rows to write and to check.
    """

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    group = models.PositiveIntegerField()
    entity = models.CharField(max_length=200)
    period = models.CharField(max_length=200)
    account = models.CharField(max_length=200)
    currency = models.CharField(max_length=200, blank=True)
    measures = ArrayField(models.CharField(max_length=20))
    is_mapped = models.BooleanField(default=True)
    source = ArrayField(AmountField())
    sent = ArrayField(AmountField())
    target = ArrayField(AmountField(), null=True)
    listed = ArrayField(AmountField())
    records = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["organization", "run"], name="tie_out_of_run")]

    def __str__(self) -> str:
        """Name the place."""
        return f"{self.entity} {self.period} {self.account}"


class TieOutLine(TenantPart):
    """One measure of a place: a view of `TieOutPlace` to read from, a line a measure."""

    run = models.ForeignKey(
        Run, on_delete=models.DO_NOTHING, related_name="tie_out_lines", db_constraint=False
    )
    group = models.PositiveIntegerField()
    entity = models.CharField(max_length=200)
    period = models.CharField(max_length=200)
    account = models.CharField(max_length=200)
    currency = models.CharField(max_length=200, blank=True)
    measure = models.CharField(max_length=20)
    is_mapped = models.BooleanField()
    source = AmountField()
    sent = AmountField()
    target = AmountField(null=True)
    listed = AmountField()
    records = models.PositiveIntegerField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        """Name the line by its place."""
        return f"{self.entity} {self.period} {self.account} {self.measure}"


class CellDifference(TenantPart):
    """One target cell where QAD, last sent and Anaplan do not say the same.

    `code` is an entry of the catalogue where the cell shows what became of it by itself.
    """

    run = models.ForeignKey(
        Run,
        on_delete=models.CASCADE,
        related_name="differences",
        db_constraint=False,
        db_index=False,
    )
    cell_key = models.TextField()
    measure = models.CharField(max_length=20)
    source = AmountField()
    sent = AmountField()
    target = AmountField(null=True)
    is_explained = models.BooleanField(default=False)
    explanation = models.TextField(blank=True)
    code = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "run"], name="differences_of_run")]

    def __str__(self) -> str:
        """Name the cell."""
        return f"{self.cell_key} {self.measure}"


class TieOutSignOff(TenantPart):
    """A member's name under one entity and period of a sync, as one run has proved it.

    `digest` covers every amount of every cell, `totals` are the sums per currency and measure
    that the member saw. The row stays for ever; a later run that finds something else ends it by
    `reopened_at`, a code of the catalogue and its own number.
    """

    sync = models.ForeignKey(
        Sync, on_delete=models.CASCADE, related_name="sign_offs", db_constraint=False
    )
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="sign_offs", db_constraint=False
    )
    group = models.CharField(max_length=420)
    entity = models.CharField(max_length=200)
    period = models.CharField(max_length=200)
    signed_by = models.TextField()
    signed_at = models.DateTimeField(auto_now_add=True)
    digest = models.CharField(max_length=64)
    totals = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_code = models.CharField(max_length=60, blank=True)
    reopened_by = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sync", "group"],
                condition=models.Q(reopened_at=None),
                name="one_live_sign_off_a_group",
            ),
        ]

    def __str__(self) -> str:
        """Name the group and who signed."""
        return f"{self.group} by {self.signed_by}"
