"""API keys: how partners' programs sign in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.organizations import Organization


class ApiKey(models.Model):
    """A key of one organization; the key itself is shown once and kept as a digest.

    Global, because a call is known by its key alone. `prefix` is the part by which people and
    logs name the key. Without `addresses` it may be used from everywhere.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    addresses = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_by = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.EmailField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-created_at"], name="keys_newest_first")]

    def __str__(self) -> str:
        """Name the key by its prefix."""
        return f"{self.name} ({self.prefix}…)"
