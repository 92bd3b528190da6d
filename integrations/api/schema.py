"""What the OpenAPI document says beyond the code: sign-in, problem documents and headers."""

import json
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from integrations.api.repeats import HEADER

PROBLEM = "application/problem+json"
# Any call may be refused for these; each endpoint names what it adds.
ALWAYS = (401, 403, 406, 429, 500)
_WORDS = {
    400: "The body can't be read.",
    401: "No live API key.",
    403: "The key has not the scope.",
    404: "Not there, or not the organization's.",
    406: "Something else than JSON was asked for.",
    409: "A rule forbids it now.",
    413: "The body is too large.",
    415: "The body is not declared as JSON.",
    422: "Fields are wrong; they are listed.",
    429: "Too many calls.",
    500: "Unexpected failure.",
}


class FieldProblemOutput(serializers.Serializer[Any]):
    """One field that can't be taken."""

    field = serializers.CharField(help_text="Its name; parts of a list with their place.")
    problem = serializers.CharField()


class ProblemOutput(serializers.Serializer[Any]):
    """A problem document after RFC 9457, from the catalogue of errors."""

    type = serializers.CharField(help_text="The address of the code's description.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened and what to do, for people.")
    code = serializers.CharField(help_text="For programs; it does not change.")
    # The member is called so in answers; the base has a property of that name.
    fields = FieldProblemOutput(many=True)  # type: ignore[assignment]
    request_id = serializers.CharField(help_text="The reference of the call in the trail.")


# The library comes without types.
class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the sign-in by API key."""

    target_class = "accounts.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:  # noqa: ARG002
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An API key: `mlc_…`."}


IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]{1,128}$"},
    OpenApiParameter.HEADER,
    description="Names one wish: the same call with the same key is done once in 24 hours.",
)
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, description="Where it is read.", response=[202]
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    description="Seconds after which it is worth to ask.",
    response=[202, 429],
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: 304 without a body while nothing has changed.",
)
UNCHANGED = {304: OpenApiResponse(description="Nothing has changed since that ETag.")}


def problems(*more: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the errors of an endpoint: those of every call, and these."""
    return {
        (status, PROBLEM): OpenApiResponse(ProblemOutput, description=_WORDS[status])
        for status in sorted({*ALWAYS, *more})
    }


def close_inputs(result: dict[str, Any], **_details: Any) -> dict[str, Any]:
    """Tell that input has no fields beside those that are named."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Input"):
            component["additionalProperties"] = False
    return result


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI document; it changes with the code only."""
    # The library comes without types.
    found = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return dict(json.loads(json.dumps(found)))
