"""The audit store: compressed blocks, and what each of them is evidence of."""

from django.db import models

from integrations.models.runs import Run
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class EvidenceBlock(TenantModel):
    """Bytes as they came or went, compressed; stored once per content and organization."""

    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    raw_size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            same_tenant_pair("evidence_block"),
            models.UniqueConstraint(fields=["organization", "sha256"], name="content_once"),
        ]

    def __str__(self) -> str:
        """Name the block by its digest."""
        return self.sha256[:12]


class EvidenceKind(models.TextChoices):
    """What a block shows."""

    PAGE = "page", "A page as QAD sent it"
    CELLS = "cells", "What QAD says per target cell"
    SEGMENT = "segment", "Lines of the file"
    EXPORT = "export", "A chunk of an exported plan as Anaplan gave it"
    DUMP = "dump", "Anaplan's failure dump"
    READ_BACK = "read_back", "What Anaplan holds per cell"
    POSITION = "position", "What each cell is believed to hold"


class Evidence(TenantPart):
    """One block's place in a run: of which kind, of which part, the how manieth."""

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="evidence", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=12, choices=EvidenceKind.choices)
    part = models.CharField(max_length=420, blank=True)
    number = models.PositiveIntegerField()
    block = models.ForeignKey(
        EvidenceBlock, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    rows = models.PositiveIntegerField()
    first_key = models.TextField(blank=True)
    last_key = models.TextField(blank=True)
    first_line = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "run", "kind", "part", "number"], name="evidence_once"
            ),
        ]
        ordering = ["run", "kind", "part", "number"]

    def __str__(self) -> str:
        """Name the evidence by its place."""
        return f"{self.kind} {self.part} {self.number}"


class Position(TenantPart):
    """What the cells of one group of a sync are believed to hold.

    The group is the pair of an entity member and a period member. The cells lie in the
    evidence of kind `position` of `run`; `digest` covers keys and amounts.
    """

    sync = models.ForeignKey(
        Sync, on_delete=models.CASCADE, related_name="positions", db_constraint=False
    )
    group = models.CharField(max_length=420)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    digest = models.CharField(max_length=64)
    cells = models.PositiveBigIntegerField()
    read_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sync", "group"], name="one_position_a_group"
            ),
        ]

    def __str__(self) -> str:
        """Name the position by its group."""
        return self.group
