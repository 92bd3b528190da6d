"""The versions of an instance profile, and what checking it against its QAD has found."""

from django.db import models

from integrations.models.connections import Connection
from integrations.models.tenants import TenantModel


class ProfileVersion(TenantModel):
    """One state of a connection's instance profile; the newest is the one in force.

    `digest` is the SHA-256 of the profile as sorted JSON.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    number = models.PositiveIntegerField()
    profile = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "number"], name="profile_number_once"
            ),
        ]

    def __str__(self) -> str:
        """Name the version."""
        return f"profile version {self.number}"


class CheckLevel(models.TextChoices):
    """What a check means for syncs."""

    OK = "ok", "In order"
    WARN = "warn", "Needs an admin's word"
    BAD = "bad", "Not usable"


class DocumentCheck(TenantModel):
    """What asking the instance for one document of its profile has found, the latest only.

    `digest` is that of the profile which was checked: another profile voids the result.
    `code` is of the catalogue of errors, "" where all is in order. `evidence` is what was seen:
    status, content type and the first characters, without secrets. `missed_…` is the newest look
    that found nothing out, such as one in an outage: what an earlier look has found stays.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    document = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    level = models.CharField(max_length=4, choices=CheckLevel.choices)
    code = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    checked_at = models.DateTimeField()
    checked_by = models.TextField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.TextField(blank=True)
    missed_at = models.DateTimeField(null=True)
    missed_code = models.CharField(max_length=60, blank=True)
    missed_facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "document"], name="document_checked_once"
            ),
        ]

    @property
    def is_good(self) -> bool:
        """Whether syncs may read the document: in order, or a warning that was accepted."""
        return self.level == CheckLevel.OK or self.accepted_at is not None

    def __str__(self) -> str:
        """Name the document and what was found."""
        return f"{self.document}: {self.level}"
