"""What every table of an organization has in common."""

from django.db import models

from accounts.models import Organization


class TenantModel(models.Model):
    """A row of one organization; row-level security hides it from all others."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class TenantPart(models.Model):
    """A row that belongs to another row of the same organization.

    The composite key to that row proves the organization too, so that the database checks
    one key for each row and not three. Indexes begin with the organization and the owner.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        abstract = True


def same_tenant_pair(name: str) -> models.UniqueConstraint:
    """Make (organization, id) a target for composite foreign keys."""
    return models.UniqueConstraint(fields=["organization", "id"], name=f"{name}_tenant_pair")
