"""The OpenID provider through which an organization's members sign in."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from integrations.fields import SealedField
from integrations.models.tenants import TenantModel


class SignInProvider(TenantModel):
    """Where the provider is, how ml-connector is known there, and for which addresses it speaks.

    `domains` are what stands behind the @, in lower case.
    """

    reference = models.UUIDField(default=uuid.uuid4, editable=False)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255)
    secret = SealedField()
    secret_set_at = models.DateTimeField()
    secret_set_by = models.TextField()
    domains = ArrayField(models.CharField(max_length=253))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_provider_an_organization")
        ]

    def __str__(self) -> str:
        """Name the provider."""
        return self.issuer
