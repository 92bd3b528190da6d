"""What answers on the mapping look like."""

from rest_framework import serializers

from integrations.api.serializers import Output
from integrations.selectors.mapping_reports import EFFECTS_LISTED

NEXT = "The address of the next page; null on the last."
NEWEST = "The newest version's number, of which this speaks; null before the first."


class MappingVersionOutput(Output):
    """A version of the mapping; it never changes, another one follows it."""

    number = serializers.IntegerField(help_text="Counts the versions of the organization.")
    note = serializers.CharField()
    approved_by = serializers.CharField()
    approved_at = serializers.DateTimeField(source="created_at")
    rules = serializers.IntegerField(source="rule_count")
    runs = serializers.IntegerField(source="run_count", help_text="How many runs have used it.")


class MappingVersionPageOutput(Output):
    """One page of versions."""

    items = MappingVersionOutput(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class MappingPartOutput(Output):
    """A member that takes what a key holds, or a part of it, from one period to another."""

    member = serializers.CharField(help_text="Empty where nobody takes it.")
    weight = serializers.CharField(help_text="Decimal text: `1`, or `0.6` for 60 %.")
    valid_from = serializers.IntegerField(
        allow_null=True, help_text="The first period as year*100+number; null for no end."
    )
    valid_to = serializers.IntegerField(allow_null=True, help_text="The last period.")


class MappingKeyOutput(Output):
    """What a rule holds."""

    dimension = serializers.CharField()
    kind = serializers.CharField(help_text="`exact`, `prefix`, `range` or `default`.")
    code = serializers.CharField(help_text="The code, its beginning, or the first of a range.")
    code_to = serializers.CharField(help_text="The last code of a range, else empty.")
    domain = serializers.CharField(help_text="Empty for every domain of QAD.")


class MappingRuleOutput(MappingKeyOutput, MappingPartOutput):
    """One rule: a key and a member that takes it, or a part of it."""


class MappingRulePageOutput(Output):
    """One page of a version's rules, in their visible order."""

    version = serializers.IntegerField(allow_null=True, help_text=NEWEST)
    items = MappingRuleOutput(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class MoneyOutput(Output):
    """An amount in one currency; currencies are never added."""

    currency = serializers.CharField()
    amount = serializers.CharField(help_text="Exact decimal text.")


class UnmappedOutput(Output):
    """A QAD code that no rule takes."""

    dimension = serializers.CharField()
    code = serializers.CharField()
    names = serializers.ListField(
        child=serializers.CharField(), help_text="Several where domains of QAD differ."
    )
    amounts = MoneyOutput(
        many=True, help_text="The net on the code in the sync where most is at stake."
    )
    records = serializers.IntegerField(help_text="Open records that wait for the code.")
    runs = serializers.ListField(
        child=serializers.IntegerField(), help_text="The runs that hold them."
    )
    drafted = MappingPartOutput(many=True, help_text="What the open draft wants of it.")


class UnmappedPageOutput(Output):
    """One page of codes, by dimension and code."""

    items = UnmappedOutput(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class SuggestionOutput(Output):
    """The member that fits a code without one best."""

    dimension = serializers.CharField()
    code = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField())
    member = serializers.CharField()
    member_name = serializers.CharField(help_text="Empty where Anaplan has none.")
    score = serializers.IntegerField(help_text="0 to 100; see the page on the mapping desk.")
    reason = serializers.CharField(help_text="For people, such as `same code` or `name 93 %`.")
    is_drafted = serializers.BooleanField(help_text="Whether the open draft maps it already.")


class SuggestionPageOutput(Output):
    """One page of suggestions, by code."""

    items = SuggestionOutput(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class MemberEffectOutput(Output):
    """What a member would have in one sync and currency, before and after the draft."""

    sync = serializers.CharField()
    dimension = serializers.CharField()
    member = serializers.CharField(help_text="Empty for codes that nobody takes.")
    currency = serializers.CharField()
    before = serializers.CharField(help_text="Exact decimal text, as `after` and `by`.")
    after = serializers.CharField()
    by = serializers.CharField(help_text="How much more it has.")


class EffectOutput(Output):
    """What the draft would move of all that runs have read."""

    rows = serializers.IntegerField(help_text="Rows that would go to other members.")
    restated = serializers.ListField(
        child=serializers.IntegerField(), help_text="Periods closed in QAD whose figures change."
    )
    members = MemberEffectOutput(
        many=True, help_text=f"What moves most stands first; {EFFECTS_LISTED} at most."
    )
    members_in_all = serializers.IntegerField()
    unknown = MappingKeyOutput(
        many=True,
        help_text="Changed entities, periods and currencies of which no amounts are kept; "
        f"{EFFECTS_LISTED} at most.",
    )


class MappingDraftOutput(Output):
    """The open draft; a person approves or discards it."""

    id = serializers.IntegerField(source="draft.pk")
    state = serializers.CharField(source="draft.state", help_text="`open`.")
    begun_by = serializers.CharField(source="draft.begun_by")
    begun_at = serializers.DateTimeField(source="draft.begun_at")
    version = serializers.IntegerField(allow_null=True, help_text=NEWEST)
    changes = serializers.IntegerField(help_text="How many keys it changes.")
    conflicts = serializers.IntegerField(
        help_text="How many of them a newer version has changed otherwise."
    )
    effect = EffectOutput()


class MappingChangeOutput(MappingKeyOutput):
    """What the draft wants of one key."""

    id = serializers.IntegerField()
    before = MappingPartOutput(many=True, help_text="What the key had when it was changed.")
    now = MappingPartOutput(many=True, help_text="What the newest version has.")
    parts = MappingPartOutput(many=True, help_text="What it is to have; empty for no rule.")
    in_conflict = serializers.BooleanField(
        help_text="Whether a newer version has changed the key otherwise; a person decides."
    )
    changed_by = serializers.ListField(
        child=serializers.CharField(),
        help_text="All who have changed it, the last one at the end; none of them approves it.",
    )
    changed_at = serializers.DateTimeField()


class MappingChangePageOutput(Output):
    """One page of the draft's changes, oldest first."""

    items = MappingChangeOutput(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)
