"""What answers on plans look like."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.paging import PageQuery
from integrations.api.serializers import Output, SyncOutput
from integrations.selectors.plans import APPROVED


class PlanTotalOutput(Output):
    """The sum over one fiscal period in one currency; currencies are never added."""

    period = serializers.IntegerField()
    currency = serializers.CharField()
    amount = serializers.CharField(help_text="Exact decimal text.")


class PlanVersionOutput(Output):
    """A version of a plan; it never changes, but that another one takes its place."""

    id = serializers.IntegerField()
    sync = SyncOutput()
    number = serializers.IntegerField(help_text="Counts the versions of the sync.")
    name = serializers.CharField()
    reference = serializers.CharField(help_text="What the version is called in QAD.")
    plan_type = serializers.CharField(help_text="`BUDGET` or `FORECAST`.")
    state = serializers.CharField(help_text="`published` or `superseded`.")
    sha256 = serializers.CharField(help_text="Over the bytes that Anaplan exported.")
    exported_at = serializers.DateTimeField()
    approved_by = serializers.CharField()
    approved_at = serializers.DateTimeField()
    rows = serializers.IntegerField(help_text="Values in QAD's codes.")
    held_rows = serializers.IntegerField(
        help_text="Cells of the export that have no place in QAD and are no values."
    )
    totals = serializers.SerializerMethodField()

    @extend_schema_field(PlanTotalOutput(many=True))
    def get_totals(self, version: Any) -> list[dict[str, Any]]:
        """Return the sums per fiscal period and currency."""
        return [
            {"period": int(period), "currency": currency, "amount": amount}
            for period, currency, amount in version.totals
        ]


class PlanVersionPageOutput(Output):
    """One page of versions."""

    items = PlanVersionOutput(many=True)
    next = serializers.CharField(
        allow_null=True, help_text="The address of the next page; null on the last."
    )


class PlanValueOutput(Output):
    """One planned amount in QAD's own codes."""

    entity = serializers.CharField()
    period = serializers.IntegerField(
        source="year_period", help_text="Fiscal period as year*100+number."
    )
    account = serializers.CharField(source="gl_account")
    cost_center = serializers.CharField(help_text="Empty where the plan has none.")
    currency = serializers.CharField()
    amount = serializers.CharField(source="amount_text", help_text="Exact decimal text.")


class PlanValuePageOutput(Output):
    """One page of values, in a steady order."""

    items = PlanValueOutput(many=True)
    next = serializers.CharField(
        allow_null=True, help_text="The address of the next page; null on the last."
    )


class PlanVersionQuery(PageQuery):
    """Which versions to list."""

    state = serializers.ChoiceField(
        choices=[str(state) for state in APPROVED],
        required=False,
        help_text="Only versions in this state.",
    )
    sync = serializers.IntegerField(
        required=False, default=None, min_value=1, help_text="Only versions of the sync of this id."
    )


class PlanValueQuery(PageQuery):
    """Which values to list."""

    entity = serializers.CharField(required=False, max_length=80, help_text="Only this QAD entity.")
    period = serializers.IntegerField(
        required=False, default=None, min_value=190001, max_value=999999,
        help_text="Only this fiscal period, as year*100+number.",
    )  # fmt: skip
    account = serializers.CharField(required=False, max_length=80, help_text="Only this account.")
    cost_center = serializers.CharField(
        required=False, max_length=80, allow_blank=True,
        help_text="Only this cost center; empty for values that have none.",
    )  # fmt: skip
