"""What calls may say and what answers look like; input and output stand apart."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.fields import StrictSerializer, TextField, WholeNumberField
from integrations.api.paging import PageQuery
from integrations.selectors.runs import state_choices
from integrations.services.reports import read_back_report, standings_report

Output = serializers.Serializer[Any]
PERIODS_A_RUN = 120


class OrganizationOutput(Output):
    """The organization of the key."""

    name = serializers.CharField()
    slug = serializers.CharField(help_text="Its short name in the addresses of pages.")
    time_zone = serializers.CharField()
    base_currency = serializers.CharField()


class KeyOutput(Output):
    """The key of the call; the secret part is never given again."""

    prefix = serializers.CharField(help_text="What the trail and pages call the key.")
    name = serializers.CharField()
    expires_at = serializers.DateTimeField()
    addresses = serializers.ListField(
        child=serializers.CharField(), help_text="Where it may be used; empty for everywhere."
    )


class LimitOutput(Output):
    """So many calls in so many seconds, counted for the key or for all of the organization's."""

    counted = serializers.ChoiceField(choices=["key", "organization", "address"])
    calls = serializers.IntegerField()
    seconds = serializers.IntegerField()


class MeOutput(Output):
    """Who calls, and what that key may do now."""

    organization = OrganizationOutput()
    key = KeyOutput()
    scopes = serializers.ListField(
        child=serializers.CharField(),
        help_text="The scopes of the key as far as the rights of its maker go today.",
    )
    limits = LimitOutput(many=True)


class SyncOutput(Output):
    """The sync of a run."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class FailureOutput(Output):
    """Why a run waits or has ended without being reconciled."""

    code = serializers.CharField(help_text="A code of the catalogue of errors.")
    message = serializers.CharField()


class RunOutput(Output):
    """One execution of a sync."""

    id = serializers.IntegerField()
    sync = SyncOutput()
    kind = serializers.CharField(help_text="`load`, or `replay` of kept rows.")
    parent_id = serializers.IntegerField(
        allow_null=True, help_text="The run whose rows are replayed."
    )
    state = serializers.CharField(help_text="One of the states that lists can be narrowed to.")
    phase = serializers.CharField(help_text="`extract`, `map`, `load`, `collect` or `reconcile`.")
    periods = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Fiscal periods as year*100+number; empty for all that the calendar has.",
    )
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows, cells and verdicts, as far as counted."
    )
    failure = serializers.SerializerMethodField()

    @extend_schema_field(FailureOutput(allow_null=True))
    def get_failure(self, run: Any) -> dict[str, str] | None:
        """Return the reason, where there is one."""
        if not run.error_code:
            return None
        return {"code": run.error_code, "message": run.error_message}


class StandingOutput(Output):
    """One entity and period of a run: whether QAD may still change it, and who has signed it."""

    entity = serializers.CharField()
    period = serializers.CharField()
    finality = serializers.CharField(
        allow_blank=True,
        help_text=(
            "`final` where QAD has reported or frozen the period, `preliminary` where it has not; "
            "empty for lists, which have no periods."
        ),
    )
    signed_by = serializers.CharField(allow_null=True, help_text="Null where no sign-off holds.")
    signed_at = serializers.DateTimeField(allow_null=True)
    reopened = serializers.CharField(
        allow_null=True,
        help_text="Why the last sign-off holds no more: a code of the catalogue of errors.",
    )


class ReadBackOutput(Output):
    """When Anaplan answered what the run compares with, and which run asked."""

    by_run = serializers.IntegerField(
        help_text="An earlier run, where this one has sent nothing and the sync takes that."
    )
    at = serializers.DateTimeField(allow_null=True)


class OneRunOutput(RunOutput):
    """One execution of a sync, with how its entities and periods stand."""

    standings = serializers.SerializerMethodField()
    read_back = serializers.SerializerMethodField()

    @extend_schema_field(StandingOutput(many=True))
    def get_standings(self, run: Any) -> list[dict[str, Any]]:
        """Return them in the run's order; empty before anything was mapped."""
        return standings_report(run)

    @extend_schema_field(ReadBackOutput(allow_null=True))
    def get_read_back(self, run: Any) -> dict[str, Any] | None:
        """Return when Anaplan was read back; null where it was not."""
        return read_back_report(run)


class RunPageOutput(Output):
    """One page of runs."""

    items = RunOutput(many=True)
    next = serializers.CharField(
        allow_null=True, help_text="The address of the next page; null on the last."
    )


class RunQuery(PageQuery):
    """Which runs to list."""

    state = serializers.ChoiceField(
        choices=[],
        required=False,
        help_text="Only runs of this state; `active` for all that may still move.",
    )
    sync = serializers.IntegerField(
        required=False, default=None, min_value=1, help_text="Only runs of the sync with this id."
    )

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        states = cast(serializers.ChoiceField, self.fields["state"])
        states.choices = [value for value, _ in state_choices()]


class RunInput(StrictSerializer):
    """Which sync to run, and over which fiscal periods."""

    sync = TextField(max_length=80, help_text="The sync's name, as pages and runs show it.")
    periods = serializers.ListField(
        child=WholeNumberField(min_value=190001, max_value=999999),
        required=False,
        default=list,
        max_length=PERIODS_A_RUN,
        help_text="As year*100+number, such as 202611; left away or empty for all of them.",
    )

    def validate_periods(self, periods: list[int]) -> list[int]:
        """Refuse numbers whose last two digits are no period, and keep each one once."""
        if any(period % 100 == 0 for period in periods):
            raise serializers.ValidationError("A period is year*100+number, with a number from 1.")
        return sorted(set(periods))
