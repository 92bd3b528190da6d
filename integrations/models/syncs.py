"""A sync: a data set, where it is read and through which named action it is loaded."""

from django.db import models

from integrations.models.connections import Connection
from integrations.models.tenants import TenantModel, same_tenant_pair

PLAN_DATA_SET = "plan"


class BalanceGate(models.TextChoices):
    """What it does to a run that an entity's period does not sum to zero.

    For spend, that its postings are not what the balances say.
    """

    WARN = "warn", "Load it and warn"
    BLOCK = "block", "Load nothing"
    OFF = "off", "Do not check"


class UnmappedPolicy(models.TextChoices):
    """What becomes of rows that have a code without a member."""

    HOLD = "hold", "Hold its rows and load all others"
    BLOCK = "block", "Load nothing"
    SUSPENSE = "suspense", "Load its rows on a suspense member"


class PlanType(models.TextChoices):
    """What kind of plan a version is, in QAD's words."""

    BUDGET = "BUDGET", "Budget"
    FORECAST = "FORECAST", "Forecast"


class Sync(TenantModel):
    """Loads one data set from one QAD into one Anaplan model through one import action.

    A sync whose data set is `plan` goes the other way: it has an export and no import, and the
    QAD that it names as its source takes the plan. `plan_name` names the versions where no
    column does, `plan_codes` maps {dimension: {member: code}} where several codes share a member
    and one of them takes its plan, `plan_shrink` is the loss of rows in percent from which on a
    version is held.

    `entities` lists the QAD entities as [{"domain", "entity"}]; `bindings` maps the header
    names of the import's file to fields of the data set or to "=constant", `export_bindings`
    those of the read-back's file where they are others; `parameters` are the import's prompts as
    [{"entityType", "entityName"}]. Actions are kept by name and resolved to ids at run time.
    With `process_name` that process is started, of which the import is a step; `sends_all` is
    for one that empties its target first. `conventions` are those of `pipeline.conventions` and
    `policies` those of `pipeline.policies`, {} for what is usual. `suspense_members` names per
    dimension the member that takes codes without one.
    """

    name = models.CharField(max_length=80)
    data_set = models.CharField(max_length=30, default="gl_balances")
    source = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    target = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    workspace_id = models.CharField(max_length=32)
    model_id = models.CharField(max_length=32)
    import_name = models.CharField(max_length=200, blank=True)
    process_name = models.CharField(max_length=200, blank=True)
    export_name = models.CharField(max_length=200, blank=True)
    bindings = models.JSONField(default=dict, blank=True)
    export_bindings = models.JSONField(default=dict, blank=True)
    parameters = models.JSONField(default=list, blank=True)
    entities = models.JSONField(default=list)
    sends_all = models.BooleanField(default=False)
    conventions = models.JSONField(default=dict, blank=True)
    policies = models.JSONField(default=dict, blank=True)
    balance_gate = models.CharField(
        max_length=10, choices=BalanceGate.choices, default=BalanceGate.WARN
    )
    unmapped_policy = models.CharField(
        max_length=10, choices=UnmappedPolicy.choices, default=UnmappedPolicy.HOLD
    )
    suspense_members = models.JSONField(default=dict, blank=True)
    plan_name = models.CharField(max_length=60, blank=True)
    plan_type = models.CharField(max_length=10, choices=PlanType.choices, default=PlanType.BUDGET)
    plan_codes = models.JSONField(default=dict, blank=True)
    plan_shrink = models.PositiveSmallIntegerField(default=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            same_tenant_pair("sync"),
            models.UniqueConstraint(fields=["organization", "name"], name="sync_name_once"),
        ]

    def __str__(self) -> str:
        """Name the sync."""
        return self.name

    @property
    def brings_plan(self) -> bool:
        """Whether it brings a plan from Anaplan to QAD."""
        return self.data_set == PLAN_DATA_SET
