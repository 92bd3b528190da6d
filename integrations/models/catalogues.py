"""What a model offers by name, as it was found, and what has changed behind our back."""

from django.db import models

from integrations.models.connections import Connection
from integrations.models.tenants import TenantModel


class ModelCatalogue(TenantModel):
    """The actions, import sources, export layouts and lists of one model, as last found.

    Both states are {kind: {id: facts}}, see `integrations.pipeline.drift`. `accepted` holds what
    syncs use, as it was when it was first used, chosen, or taken as right by a person; where the
    found one differs from it, an alarm stands open.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    workspace_id = models.CharField(max_length=32)
    model_id = models.CharField(max_length=32)
    found = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    accepted = models.JSONField(default=dict)
    accepted_at = models.DateTimeField()
    accepted_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "model_id"], name="model_catalogue_once"
            ),
        ]

    def __str__(self) -> str:
        """Name the model."""
        return f"catalogue of {self.model_id}"


class DriftAlarm(TenantModel):
    """One thing of a model that is no longer as it was accepted; open until somebody ends it.

    `code` is of the catalogue of errors, `facts` fill its sentences; `kind` is "imports",
    "exports" or "lists", `object_id` and `name` are the accepted ones.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    model_id = models.CharField(max_length=32)
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=64)
    name = models.TextField()
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "connection", "model_id", "code", "kind", "object_id"],
                condition=models.Q(ended_at=None),
                name="drift_alarm_open_once",
            ),
        ]

    def __str__(self) -> str:
        """Name what has changed."""
        return f"{self.code}: {self.name}"
