"""Changes to the mapping that nobody has approved yet."""

from django.db import models

from integrations.models.mappings import MappingVersion, RuleKind
from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class DraftState(models.TextChoices):
    """What has become of a draft."""

    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    DISCARDED = "discarded", "Discarded"


class MappingDraft(TenantModel):
    """A set of changes to the newest mapping version; an organization has one open at a time.

    `version` is what an approved one has become. `asks_second` is whether a second person was
    asked for when it was begun: then it needs one, whatever the organization says later.
    """

    state = models.CharField(max_length=10, choices=DraftState.choices, default=DraftState.OPEN)
    asks_second = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    begun_by = models.TextField()
    begun_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    version = models.ForeignKey(
        MappingVersion, on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False
    )

    class Meta:
        constraints = [
            same_tenant_pair("mapping_draft"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state="open"),
                name="one_open_mapping_draft",
            ),
        ]

    def __str__(self) -> str:
        """Name the draft by its number."""
        return f"draft {self.pk}"


class MappingChange(TenantPart):
    """What a draft wants of one key: its parts instead of those that were there.

    `parts` and `before` are lists of {"member", "weight", "valid_from", "valid_to"}, weights as
    text; [] says that the key has no rule. `before` is what the newest version had when the
    change was made: it is compared with what it has at the approval. `changed_by` names all who
    have changed it, the last one at the end.
    """

    draft = models.ForeignKey(
        MappingDraft, on_delete=models.CASCADE, related_name="changes", db_constraint=False
    )
    dimension = models.CharField(max_length=30)
    domain = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=10, choices=RuleKind.choices, default=RuleKind.EXACT)
    code = models.CharField(max_length=80, blank=True)
    code_to = models.CharField(max_length=80, blank=True)
    parts = models.JSONField(default=list)
    before = models.JSONField(default=list)
    changed_by = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "draft", "dimension", "domain", "kind", "code", "code_to"],
                name="one_change_a_key",
            ),
        ]

    def __str__(self) -> str:
        """Name the change by its key."""
        return f"{self.dimension} {self.kind} {self.code}"
