"""What every table of an organization has in common."""

from django.db import models

from accounts.models import Organization


class TenantModel(models.Model):
    """A row of one organization; row-level security hides it from all others."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


def same_tenant_pair(name: str) -> models.UniqueConstraint:
    """Make (organization, id) a target for composite foreign keys."""
    return models.UniqueConstraint(fields=["organization", "id"], name=f"{name}_tenant_pair")
