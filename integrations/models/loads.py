"""What a run sent to Anaplan and what became of it."""

from typing import Literal

from django.db import models

from integrations.models.runs import Run
from integrations.models.tenants import TenantPart, same_tenant_pair

TaskKind = Literal["imports", "processes"]


class Load(TenantPart):
    """One run's file and its import task.

    `chunk_bytes` is the size that the file is cut by, kept so that every worker cuts alike.
    `intended_at` and `known_tasks` are committed before the import is started and `task_id`
    after: between the two, the task list tells whether the start arrived. `fence` is the
    lease's fencing number. `result` is the task's end as Anaplan answered it. With
    `process_id` the task is that process's, and the import is a step of it.
    """

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, related_name="load", db_constraint=False
    )
    file_id = models.CharField(max_length=20)
    import_id = models.CharField(max_length=20)
    process_id = models.CharField(max_length=20, blank=True)
    chunk_bytes = models.PositiveIntegerField()
    chunks = models.PositiveIntegerField(default=0)
    lines = models.PositiveBigIntegerField(default=0)
    fence = models.BigIntegerField(null=True)
    count_set = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField(null=True)
    known_tasks = models.JSONField(null=True)
    intended_at = models.DateTimeField(null=True)
    task_id = models.CharField(max_length=64, blank=True)
    task_state = models.CharField(max_length=20, blank=True)
    progress = models.CharField(max_length=10, blank=True)
    polls = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=12, blank=True)
    result = models.JSONField(default=dict)
    dump_lines = models.PositiveBigIntegerField(default=0)
    collected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            same_tenant_pair("load"),
            # Takes the place of the unique index of the one-to-one field, which would tell of
            # other organizations' runs.
            models.UniqueConstraint(fields=["organization", "run"], name="one_load_a_run"),
        ]

    @property
    def kind(self) -> TaskKind:
        """What kind of action the task is of."""
        return "processes" if self.process_id else "imports"

    @property
    def action_id(self) -> str:
        """The id of the action that is started."""
        return self.process_id or self.import_id

    def __str__(self) -> str:
        """Name the load by its run."""
        return f"load of run {self.run_id}"


class LoadChunk(TenantPart):
    """One chunk of the file: its line range, its digest and whether Anaplan took it."""

    load = models.ForeignKey(
        Load, on_delete=models.CASCADE, related_name="sent_chunks", db_constraint=False
    )
    number = models.PositiveIntegerField()
    first_line = models.PositiveBigIntegerField()
    last_line = models.PositiveBigIntegerField()
    raw_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "load", "number"], name="chunk_number_once"
            ),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        """Name the chunk by its number."""
        return f"chunk {self.number}"
