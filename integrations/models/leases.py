"""Global rows: the right to load a model, and which runs are due."""

from django.db import models


class ModelLease(models.Model):
    """The right to load one Anaplan model, with a fencing number that only grows.

    Global, because the model locks for everybody: `key` is made of what Anaplan itself named
    (customer and model), never of a typed id. It holds ids only.
    """

    key = models.CharField(max_length=400, primary_key=True)
    fence = models.BigIntegerField(default=0)
    organization_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Name the lease by its key."""
        return self.key


class DueRun(models.Model):
    """A run that may move at `due_at`.

    Global, because it is read before a tenant is known. It holds ids only.
    """

    run_id = models.BigIntegerField(primary_key=True)
    organization_id = models.BigIntegerField()
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the run that is due."""
        return f"run {self.run_id}"
