"""What calls on the mapping may say: filters of lists, and changes of the draft."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from integrations.api.fields import BoundedListField, StrictSerializer, TextField, WholeNumberField
from integrations.api.paging import NamedPageQuery, PageQuery
from integrations.services.mapping_wishes import (
    DIMENSIONS,
    FIRST_PERIOD,
    KINDS,
    LAST_PERIOD,
    LONGEST,
    find_again,
    find_mistakes,
)

KEYS_A_CALL = 10_000
PARTS_A_KEY = 100
USUAL_LEAST = 50


class MappingRuleQuery(PageQuery):
    """Which rules to list."""

    version = serializers.IntegerField(
        required=False, default=None, min_value=1, max_value=2**31 - 1,
        help_text="Of the version with this number; of the newest unless told otherwise.",
    )  # fmt: skip
    dimension = serializers.ChoiceField(
        choices=DIMENSIONS, required=False, help_text="Only rules of this dimension."
    )
    code = serializers.CharField(
        required=False, default=None, max_length=LONGEST["code"], allow_blank=True,
        trim_whitespace=False, help_text="Only rules with exactly this code.",
    )  # fmt: skip


class UnmappedQuery(NamedPageQuery):
    """Which codes to list."""

    dimension = serializers.ChoiceField(
        choices=DIMENSIONS, required=False, help_text="Only codes of this dimension."
    )


class SuggestionQuery(NamedPageQuery):
    """Which suggestions to list."""

    dimension = serializers.ChoiceField(choices=DIMENSIONS, help_text="The dimension.")
    least = serializers.IntegerField(
        required=False, default=USUAL_LEAST, min_value=USUAL_LEAST, max_value=100,
        help_text="Only suggestions with at least this score.",
    )  # fmt: skip


class PartInput(StrictSerializer):
    """A member that takes the key, or a part of it, from one period to another."""

    member = TextField(
        max_length=LONGEST["member"], allow_blank=True, trim_whitespace=False,
        help_text="The text that the file carries; empty where nobody takes it.",
    )  # fmt: skip
    weight = TextField(
        required=False,
        default="1",
        validators=[RegexValidator(r"^(0\.[0-9]{1,12}|1(\.0{1,12})?)$", "Write 60 % as 0.6.")],
        help_text="Decimal text above 0 and at most 1; at each time the parts add up to 1.",
    )
    valid_from = WholeNumberField(
        required=False, default=None, allow_null=True,
        min_value=FIRST_PERIOD, max_value=LAST_PERIOD, help_text="As year*100+number.",
    )  # fmt: skip
    valid_to = WholeNumberField(
        required=False, default=None, allow_null=True,
        min_value=FIRST_PERIOD, max_value=LAST_PERIOD, help_text="The last period, included.",
    )  # fmt: skip


class ChangeInput(StrictSerializer):
    """What one key is to have instead of what it has."""

    dimension = serializers.ChoiceField(choices=DIMENSIONS)
    kind = serializers.ChoiceField(choices=KINDS, required=False, default="exact")
    code = TextField(
        max_length=LONGEST["code"], allow_blank=True, trim_whitespace=False,
        help_text="The code, its beginning, or the first of a range; empty for a default.",
    )  # fmt: skip
    code_to = TextField(
        required=False, default="", max_length=LONGEST["code_to"], allow_blank=True,
        trim_whitespace=False, help_text="The last code of a range.",
    )  # fmt: skip
    domain = TextField(
        required=False, default="", max_length=LONGEST["domain"], allow_blank=True,
        trim_whitespace=False, help_text="Only in this domain of QAD; empty for every one.",
    )  # fmt: skip
    parts = BoundedListField(
        child=PartInput(), max_length=PARTS_A_KEY, help_text="Empty takes the rule away."
    )
    seen = BoundedListField(
        child=PartInput(), max_length=PARTS_A_KEY, required=False, default=None, allow_null=True,
        help_text=(
            "What the caller saw the key have, draft included; the call is refused where it has "
            "something else now. Left away, it is not compared."
        ),
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is not clear at every time, each with its place."""
        mistakes = find_mistakes(attrs)
        if mistakes:
            raise serializers.ValidationError(mistakes)
        return attrs


class ChangesInput(StrictSerializer):
    """Changes of the draft, all or none."""

    changes = BoundedListField(
        child=ChangeInput(), max_length=KEYS_A_CALL, allow_empty=False,
        help_text="Each key once.",
    )  # fmt: skip

    def validate_changes(self, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a key that stands twice: one of its changes would be lost."""
        again = {
            str(at): {"code": f"The same key stands at changes.{first}."}
            for at, first in find_again(changes).items()
        }
        if again:
            raise serializers.ValidationError(again)
        return changes
