"""The OpenAPI document as a page of its own, for everybody."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import PublicApiView
from integrations.api.schema import schema


class SchemaView(PublicApiView):
    """What the API can do, for programs and generators of clients."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Return the document."""
        return Response(schema())
