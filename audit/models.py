"""The trail's tables: flat, append-only, chained per organization."""

from django.db import models


class Event(models.Model):
    """One line of the audit trail; never edited, never deleted.

    `hash` covers every other column and the hash before it, so that a changed, missing or
    moved line breaks the chain. `data` holds ids, counts and digests, never a secret.
    """

    organization_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.TextField()
    request_id = models.TextField(blank=True)
    run_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "sequence"], name="one_event_per_sequence"
            ),
        ]
        indexes = [models.Index(fields=["organization_id", "run_id"], name="event_of_run")]
        ordering = ["organization_id", "sequence"]

    def __str__(self) -> str:
        """Name the event by its place in the chain."""
        return f"{self.sequence} {self.action}"


class ChainHead(models.Model):
    """The newest sequence number and hash of one organization's chain."""

    organization_id = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        """Name the head by its organization and length."""
        return f"{self.organization_id}: {self.sequence}"
