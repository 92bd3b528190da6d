"""Plans from Anaplan: versions that are never changed, and their values in QAD's own codes."""

from django.db import models

from integrations.fields import AmountField
from integrations.models.runs import Run
from integrations.models.syncs import PlanType, Sync
from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class PlanState(models.TextChoices):
    """Where a version stands; only drafts and held ones can be published."""

    INCOMPLETE = "incomplete", "Incomplete"
    DRAFT = "draft", "Draft"
    HELD = "held", "Held: suspicious shrink"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"


class PlanVersion(TenantModel):
    """One pull of a plan: what the export said, and who approved it by publishing.

    `sha256` is over the export's bytes. `totals` holds [period, currency, amount] per period of
    the export, `held` the same of what has no place in QAD; `lost` says what it has less than
    the version that was published when it came. From the end of its run on only `state` and the
    approval change, which the database itself sees to.
    """

    sync = models.ForeignKey(
        Sync, on_delete=models.PROTECT, related_name="plan_versions", db_constraint=False
    )
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="plan_versions", db_constraint=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    plan_type = models.CharField(max_length=10, choices=PlanType.choices)
    state = models.CharField(max_length=12, choices=PlanState.choices, default=PlanState.INCOMPLETE)
    source_model = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    exported_at = models.DateTimeField()
    rows = models.PositiveBigIntegerField(default=0)
    held_rows = models.PositiveBigIntegerField(default=0)
    totals = models.JSONField(default=list)
    held = models.JSONField(default=list)
    lost = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            same_tenant_pair("plan_version"),
            models.UniqueConstraint(
                fields=["organization", "sync", "number"], name="plan_number_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "sync", "name"],
                condition=models.Q(state=PlanState.PUBLISHED),
                name="one_published_version_a_plan",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=PlanState.values), name="plan_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=False)
                | ~models.Q(state__in=[PlanState.PUBLISHED, PlanState.SUPERSEDED]),
                name="published_plan_is_approved",
            ),
        ]

    def __str__(self) -> str:
        """Name the version as QAD knows it."""
        return self.reference

    @property
    def reference(self) -> str:
        """Return what the version is called in QAD: each has rows of its own there."""
        return f"{self.name}-A{self.number}"


class PlanValue(TenantPart):
    """One planned amount in QAD's own codes; never changed, as the database itself sees to.

    `number` counts the values of a version from 1.
    """

    version = models.ForeignKey(
        PlanVersion,
        on_delete=models.PROTECT,
        related_name="values",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveBigIntegerField()
    entity = models.CharField(max_length=80)
    year_period = models.PositiveIntegerField()
    gl_account = models.CharField(max_length=80)
    cost_center = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=80, blank=True)
    amount = AmountField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version", "number"], name="plan_value_number_once"
            ),
            models.UniqueConstraint(
                fields=[
                    "organization", "version", "entity", "year_period", "gl_account",
                    "cost_center", "currency",
                ],
                name="one_value_a_place",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """Name the place."""
        return f"{self.entity} {self.year_period} {self.gl_account} {self.cost_center}".strip()

    @property
    def amount_text(self) -> str:
        """Return the amount's own digits."""
        return f"{self.amount:f}"
