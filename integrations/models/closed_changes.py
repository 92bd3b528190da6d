"""Changes of closed periods that wait for somebody's word before they are sent."""

from django.db import models

from integrations.models.runs import Run
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantPart


class ClosedChangeState(models.TextChoices):
    """What has become of a change."""

    WAITING = "waiting", "Waits for approval"
    APPROVED = "approved", "Approved"
    SUPERSEDED = "superseded", "Superseded"


class ClosedChange(TenantPart):
    """A change of one group of a closed period, as a run has found it.

    `digest` is over all cells that QAD wants in the group: an approval is one of these very
    amounts. `moved` is as in the run's group. A newer change of the group supersedes one that
    waits.
    """

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    group = models.CharField(max_length=420)
    digest = models.CharField(max_length=64)
    moved = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, choices=ClosedChangeState.choices, default=ClosedChangeState.WAITING
    )
    found_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sync", "group"],
                condition=models.Q(state="waiting"),
                name="one_change_waits_a_group",
            ),
        ]

    def __str__(self) -> str:
        """Name the change by its group."""
        return f"{self.group} of {self.sync_id}"
