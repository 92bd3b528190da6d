"""API keys: how partners' programs sign in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models.organizations import Organization
from accounts.models.people import User


class ApiKey(models.Model):
    """A key of one organization; the key itself is shown once and kept as a digest.

    Global, because a call is known by its key alone. `prefix` is the part by which people and
    logs name the key. Without `addresses` it may be used from everywhere. It may never do more
    than its maker may do now. `exposed_at` tells when it was sent in an address of the web.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    addresses = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    maker = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="api_keys")
    created_by = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.EmailField(blank=True)
    exposed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-created_at"], name="keys_newest_first")]

    def __str__(self) -> str:
        """Name the key by its prefix."""
        return f"{self.name} ({self.prefix}…)"

    @property
    def has_expired(self) -> bool:
        """Whether its last moment is over."""
        return self.expires_at <= timezone.now()

    @property
    def is_live(self) -> bool:
        """Whether calls with it are taken."""
        return self.revoked_at is None and not self.has_expired
