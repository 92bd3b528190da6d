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


class RuleKind(models.TextChoices):
    """What a rule holds: one code, codes by their beginning or between two, or all others."""

    EXACT = "exact", "Code"
    PREFIX = "prefix", "Prefix"
    RANGE = "range", "Range"
    DEFAULT = "default", "Default"


class MappingRule(TenantPart):
    """QAD codes of one dimension and a member text that the import file carries for them.

    `pipeline.rules` says which of several rules wins. `position` is the visible order of a
    version; `weight` the part of each amount that the member takes; `valid_from` and `valid_to`
    the first and last period (year*100+period).
    """

    version = models.ForeignKey(
        MappingVersion, on_delete=models.CASCADE, related_name="rules", db_constraint=False
    )
    position = models.PositiveIntegerField(default=0)
    dimension = models.CharField(max_length=30)
    kind = models.CharField(max_length=10, choices=RuleKind.choices, default=RuleKind.EXACT)
    code = models.CharField(max_length=80, blank=True)
    code_to = models.CharField(max_length=80, blank=True)
    domain = models.CharField(max_length=20, blank=True)
    member = models.CharField(max_length=200, blank=True)
    weight = models.DecimalField(max_digits=13, decimal_places=12, default=1)
    valid_from = models.PositiveIntegerField(null=True)
    valid_to = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "version", "dimension", "code"], name="rules_by_code"
            ),
        ]

    def __str__(self) -> str:
        """Show the pair."""
        return f"{self.dimension} {self.code} -> {self.member}"
