"""What a ping found: named steps, kept with who asked and when."""

from django.db import models

from integrations.models.connections import Connection
from integrations.models.tenants import TenantModel


class PingState(models.TextChoices):
    """How far a ping is."""

    RUNNING = "running", "Running"
    OK = "ok", "All well"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Ping(TenantModel):
    """One look at one system, step by step.

    `steps` is [{"name", "state", "seconds", "code", "facts", "detail", "found"}] in their order,
    written as each of them ends. `steps` never hold a secret.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=PingState.choices, default=PingState.RUNNING)
    steps = models.JSONField(default=list)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "connection", "-id"], name="ping_newest_first")
        ]

    def __str__(self) -> str:
        """Name the ping by number."""
        return f"ping {self.pk}"
