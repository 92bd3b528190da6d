"""What both systems have on their lists, as it was last read, and the money on each code."""

from django.db import models

from integrations.models.connections import Connection
from integrations.models.syncs import Sync
from integrations.models.tenants import TenantModel, TenantPart, same_tenant_pair


class MemberCarries(models.TextChoices):
    """By what an import knows the members of a list."""

    CODE = "code", "Code"
    NAME = "name", "Name"


class QadCode(TenantPart):
    """A code of a QAD list: an account, a cost center, an entity, a supplier, …

    `domain` is that of the workspace in which it was read. `parent` is the group it stands in,
    "" where QAD names none. `former_name` is what it was called before `renamed_at`;
    `missing_since` is when a read did not find it any more. `noted_at` is when a person has
    seen the last change of it.
    """

    source = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    dimension = models.CharField(max_length=30)
    domain = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    parent = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    former_name = models.CharField(max_length=200, blank=True)
    renamed_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    inactive_since = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "dimension", "domain", "code"],
                name="qad_code_once",
            ),
        ]

    def __str__(self) -> str:
        """Name the code."""
        return f"{self.dimension} {self.code}"


class CodeList(TenantPart):
    """When the codes of a dimension were last read whole in a domain of a QAD.

    `error_code` says why the last reading gave nothing; `read_at` is of the last one that did.
    """

    source = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    dimension = models.CharField(max_length=30)
    domain = models.CharField(max_length=20, blank=True)
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "dimension", "domain"], name="code_list_once"
            ),
        ]

    def __str__(self) -> str:
        """Name the list."""
        return f"{self.dimension} of {self.domain}"


class MemberList(TenantModel):
    """The Anaplan list whose members a dimension is mapped to, and by what the import knows them.

    The list is kept by name and resolved to its id at each read. `error_code` says why the last
    read gave nothing; `tried_at` is when that was.
    """

    dimension = models.CharField(max_length=30)
    target = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    workspace_id = models.CharField(max_length=32)
    model_id = models.CharField(max_length=32)
    list_name = models.CharField(max_length=200)
    carries = models.CharField(
        max_length=5, choices=MemberCarries.choices, default=MemberCarries.CODE
    )
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            same_tenant_pair("member_list"),
            models.UniqueConstraint(
                fields=["organization", "dimension"], name="one_member_list_a_dimension"
            ),
        ]

    def __str__(self) -> str:
        """Name the list."""
        return f"{self.dimension}: {self.list_name}"


class ListMember(TenantPart):
    """A member of an Anaplan list; `text` is what an import file carries for it."""

    member_list = models.ForeignKey(
        MemberList, on_delete=models.CASCADE, related_name="members", db_constraint=False
    )
    text = models.CharField(max_length=200)
    code = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    parent = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "member_list", "text"], name="list_member_once"
            ),
        ]

    def __str__(self) -> str:
        """Name the member."""
        return self.text


class CodeAmount(TenantPart):
    """What the rows of one unit come to on one code, as the last run that mapped it has found.

    `amount` is the net of a ledger, else the data set's amount, with the sign that the file has;
    in `currency`. Codes of statistical accounts have none.
    """

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    domain = models.CharField(max_length=20, blank=True)
    entity = models.CharField(max_length=80)
    year_period = models.PositiveIntegerField()
    dimension = models.CharField(max_length=30)
    code = models.CharField(max_length=80)
    currency = models.CharField(max_length=10, blank=True)
    rows = models.PositiveBigIntegerField()
    amount = models.DecimalField(max_digits=38, decimal_places=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "organization", "sync", "entity", "year_period", "dimension", "code",
                    "currency", "domain",
                ],
                name="code_amount_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["organization", "dimension", "code"], name="amounts_by_code"),
        ]

    def __str__(self) -> str:
        """Name the code and its unit."""
        return f"{self.dimension} {self.code} of {self.entity} {self.year_period}"
