"""Which Anaplan list member stands for which QAD code."""

from django.db import models

from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class MappingVersion(TenantModel):
    """A numbered, approved set of mapping rules; never edited, only followed by another."""

    number = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    approved_by = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            same_tenant_pair("mapping_version"),
            models.UniqueConstraint(fields=["organization", "number"], name="version_number_once"),
        ]

    def __str__(self) -> str:
        """Name the version by its number."""
        return f"version {self.number}"


class MappingRule(TenantPart):
    """One QAD code of one dimension and the member text that the import file carries for it."""

    version = models.ForeignKey(
        MappingVersion, on_delete=models.CASCADE, related_name="rules", db_constraint=False
    )
    dimension = models.CharField(max_length=30)
    code = models.CharField(max_length=80, blank=True)
    member = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version", "dimension", "code"], name="code_mapped_once"
            ),
        ]

    def __str__(self) -> str:
        """Show the pair."""
        return f"{self.dimension} {self.code} -> {self.member}"
