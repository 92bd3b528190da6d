"""What a ping found: named steps, kept with who asked and when."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from integrations.models.connections import Connection
from integrations.models.tenants import TenantModel

LONGEST = timedelta(seconds=30)
"""How long a ping may work at most."""
_PATIENCE = timedelta(seconds=30)
"""How long a ping waits for a worker, and how much later than `LONGEST` one may end."""

OLDEST = LONGEST + 2 * _PATIENCE
"""How long ago a ping was asked for at most that may still end."""


class PingState(models.TextChoices):
    """How far a ping is."""

    RUNNING = "running", "Running"
    OK = "ok", "All well"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Ping(TenantModel):
    """One look at one system, step by step.

    `steps` is [{"name", "state", "seconds", "code", "facts", "detail", "found"}] in their order,
    written as each of them ends. `steps` never hold a secret. `started_at` is when a worker took
    it. A ping whose worker died stays “running” in its row: `standing` says what is true.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=PingState.choices, default=PingState.RUNNING)
    steps = models.JSONField(default=list)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "connection", "-id"], name="ping_newest_first")
        ]

    def __str__(self) -> str:
        """Name the ping by number."""
        return f"ping {self.pk}"

    @property
    def broken_code(self) -> str:
        """Why nobody will end this ping: a code of the catalogue, "" where it may still end."""
        if self.state != PingState.RUNNING or timezone.now() <= self.ends_by:
            return ""
        return "ping_broken_off" if self.started_at else "ping_not_begun"

    @property
    def ends_by(self) -> datetime:
        """The moment after which a ping that still runs has lost its worker, or found none."""
        if self.started_at:
            return self.started_at + LONGEST + _PATIENCE
        return self.asked_at + _PATIENCE

    @property
    def standing(self) -> PingState:
        """How far the ping is: its state, or failed where it was broken off."""
        return PingState.FAILED if self.broken_code else PingState(self.state)
