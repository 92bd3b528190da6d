"""Input of the REST API: what is not asked for is refused, so that a typing error is told."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that knows all of its fields."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse fields that it does not have."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    dict.fromkeys(unknown[:20], "There is no such field.")
                )
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction; neither text nor true and false are taken for one."""

    def to_internal_value(self, data: Any) -> int:
        """Take whole numbers only."""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A JSON text; numbers are not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        """Take text only."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    """A JSON list that is refused for its length before its items are looked at."""

    def to_internal_value(self, data: Any) -> Any:
        """Look at the length first."""
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            message = self.error_messages["max_length"].format(max_length=self.max_length)
            raise serializers.ValidationError(message, code="max_length")
        return super().to_internal_value(data)


class BoundedParser(JSONParser):
    """Reads JSON; a body that is nested too deep is the caller's mistake, not a failure."""

    def parse(self, stream: Any, *arguments: Any, **keywords: Any) -> Any:
        """Return what the body says."""
        try:
            return super().parse(stream, *arguments, **keywords)
        except RecursionError:
            raise ParseError("it is nested too deep") from None
