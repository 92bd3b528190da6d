"""The endpoints of connections and their pings."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_keys import Scope
from integrations.api.base import ApiView
from integrations.api.connection_serializers import (
    ConnectionOutput,
    ConnectionPageOutput,
    PingOutput,
)
from integrations.api.paging import PageQuery, page_answer
from integrations.api.schema import (
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    LOCATION,
    RETRY_AFTER,
    UNCHANGED,
    problems,
)
from integrations.api.views import valid
from integrations.selectors.connections import (
    connection_report,
    get_connection,
    newest_ping,
    page_connections,
)
from integrations.selectors.pings import get_ping, ping_report
from integrations.services.pinging import asking

LOOK_AGAIN_SECONDS = 1


class ConnectionsView(ApiView):
    """The connections of the organization."""

    needs = {"GET": Scope.CONNECTIONS_READ}

    @extend_schema(
        operation_id="list_connections",
        summary="List connections",
        parameters=[PageQuery, IF_NONE_MATCH],
        responses={200: ConnectionPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List connections, oldest first, a page at a time. Needs the scope `connections:read`."""
        query = valid(PageQuery(data=request.query_params.dict()))
        pairs, last = page_connections(
            self.caller.organization, after=query["after"], size=query["limit"]
        )
        reports = [connection_report(*pair) for pair in pairs]
        return page_answer(request, ConnectionOutput(reports, many=True).data, last)


class ConnectionView(ApiView):
    """One connection of the organization."""

    needs = {"GET": Scope.CONNECTIONS_READ}

    @extend_schema(
        operation_id="get_connection",
        summary="Read a connection",
        parameters=[IF_NONE_MATCH],
        responses={200: ConnectionOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request, connection_id: int) -> Response:  # noqa: ARG002
        """Read one connection; never its secrets. Needs the scope `connections:read`."""
        connection = get_connection(self.caller.organization, connection_id)
        report = connection_report(connection, newest_ping(connection))
        return Response(ConnectionOutput(report).data)


class PingsView(ApiView):
    """The pings of a connection."""

    needs = {"POST": Scope.CONNECTIONS_PING}

    @extend_schema(
        operation_id="ping_connection",
        summary="Ping a connection",
        parameters=[IDEMPOTENCY_KEY, LOCATION, RETRY_AFTER],
        request=None,
        responses={202: PingOutput, **problems(400, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, connection_id: int) -> Response:  # noqa: ARG002
        """Begin a ping, or join the one that runs. Needs the scope `connections:ping`.

        Read `Location` again after `Retry-After` seconds until `state` is no longer `running`;
        that takes 30 seconds at most. Two pings of an organization run at once at most; a third
        is refused with 409.
        """
        organization = self.caller.organization
        get_connection(organization, connection_id)
        ping = asking.start_ping(
            organization=organization, connection_id=connection_id, asked_by=self.caller.name
        )
        place = reverse("api_ping", args=[connection_id, ping.pk])
        headers = {
            "Location": settings.PUBLIC_ORIGIN + place,
            "Retry-After": str(LOOK_AGAIN_SECONDS),
        }
        body = _report(self, connection_id, ping.pk)
        return Response(body, status=202, headers=headers)


class PingView(ApiView):
    """One ping of a connection."""

    needs = {"GET": Scope.CONNECTIONS_READ}

    @extend_schema(
        operation_id="get_ping",
        summary="Read a ping",
        parameters=[IF_NONE_MATCH],
        responses={200: PingOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request, connection_id: int, ping_id: int) -> Response:  # noqa: ARG002
        """Read one ping with its steps as far as they are. Needs the scope `connections:read`."""
        return Response(_report(self, connection_id, ping_id))


class CancelPingView(ApiView):
    """The way to stop a ping."""

    needs = {"POST": Scope.CONNECTIONS_PING}

    @extend_schema(
        operation_id="cancel_ping",
        summary="Cancel a ping",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: PingOutput, **problems(400, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, connection_id: int, ping_id: int) -> Response:  # noqa: ARG002
        """Stop a ping before its next step. Needs the scope `connections:ping`.

        One that has ended is refused with 409.
        """
        get_ping(self.caller.organization, connection_id, ping_id)
        asking.cancel_ping(
            organization=self.caller.organization,
            connection_id=connection_id,
            ping_id=ping_id,
            asked_by=self.caller.name,
        )
        return Response(_report(self, connection_id, ping_id))


def _report(view: ApiView, connection_id: int, ping_id: int) -> Any:
    ping = get_ping(view.caller.organization, connection_id, ping_id)
    return PingOutput(ping_report(ping)).data
