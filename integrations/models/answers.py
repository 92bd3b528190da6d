"""Answers of the REST API that are given again when a call is repeated."""

from django.db import models

from integrations.models.tenants import TenantModel


class KeptAnswer(TenantModel):
    """The answer to one `Idempotency-Key`, kept for a day.

    `digest` is over method, address and body, so that the key stands for one wish only. The row
    is made before the work and filled after it in the same transaction: a call that comes in
    meanwhile waits for it, and a call that fails leaves nothing.
    """

    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"], name="one_answer_an_idempotency_key"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "created_at"], name="kept_answers_oldest_first")
        ]

    def __str__(self) -> str:
        """Name the answer by its key."""
        return self.key
