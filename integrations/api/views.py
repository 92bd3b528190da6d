"""The endpoints of version 1."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_keys import Scope
from accounts.throttles import (
    API_CALLS_A_KEY,
    API_CALLS_AN_ADDRESS,
    API_CALLS_AN_ORGANIZATION,
    Limit,
)
from integrations.api.base import ApiView
from integrations.api.paging import page_answer
from integrations.api.schema import (
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    LOCATION,
    RETRY_AFTER,
    UNCHANGED,
    problems,
)
from integrations.api.serializers import (
    MeOutput,
    OneRunOutput,
    RunInput,
    RunOutput,
    RunPageOutput,
    RunQuery,
)
from integrations.selectors.runs import RunFilter, get_run, list_runs
from integrations.services import syncs

LOOK_AGAIN_SECONDS = 5


class MeView(ApiView):
    """Who calls."""

    needs = {"GET": None}

    @extend_schema(
        operation_id="me",
        summary="Who calls",
        parameters=[IF_NONE_MATCH],
        responses={200: MeOutput, **UNCHANGED, **problems()},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Tell the organization of the key, what the key may do, until when and how often."""
        answer = {
            "organization": self.caller.organization,
            "key": self.caller.key,
            "scopes": sorted(self.caller.scopes),
            "limits": [
                _limit("key", API_CALLS_A_KEY),
                _limit("organization", API_CALLS_AN_ORGANIZATION),
                _limit("address", API_CALLS_AN_ADDRESS),
            ],
        }
        return Response(MeOutput(answer).data)


class RunsView(ApiView):
    """The runs of the organization."""

    needs = {"GET": Scope.RUNS_READ, "POST": Scope.RUNS_WRITE}

    @extend_schema(
        operation_id="list_runs",
        summary="List runs",
        parameters=[RunQuery, IF_NONE_MATCH],
        responses={200: RunPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List runs, newest first, a page at a time. Needs the scope `runs:read`."""
        query = valid(RunQuery(data=request.query_params.dict()))
        page = list_runs(
            self.caller.organization,
            RunFilter(query.get("state", ""), query["sync"]),
            before=query["after"],
            size=query["limit"],
        )
        return page_answer(request, RunOutput(page.runs, many=True).data, page.older)

    @extend_schema(
        operation_id="start_run",
        summary="Start a run",
        parameters=[IDEMPOTENCY_KEY, LOCATION, RETRY_AFTER],
        request=RunInput,
        responses={202: RunOutput, **problems(400, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Queue a run of a sync. Needs the scope `runs:write`.

        A sync has one active run at most: while one is under way, the answer is 409.
        """
        asked = valid(RunInput(data=request.data))
        organization = self.caller.organization
        run = syncs.start_run(
            organization=organization,
            sync_id=syncs.find_sync(organization, asked["sync"]).pk,
            periods=asked["periods"],
            requested_by=self.caller.name,
            may_join=False,
        )
        place = settings.PUBLIC_ORIGIN + reverse("api_run", args=[run.pk])
        headers = {"Location": place, "Retry-After": str(LOOK_AGAIN_SECONDS)}
        return Response(RunOutput(run).data, status=202, headers=headers)


class RunView(ApiView):
    """One run of the organization."""

    needs = {"GET": Scope.RUNS_READ}

    @extend_schema(
        operation_id="get_run",
        summary="Read a run",
        parameters=[IF_NONE_MATCH],
        responses={200: OneRunOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request, run_id: int) -> Response:  # noqa: ARG002
        """Read one run. Needs the scope `runs:read`."""
        return Response(OneRunOutput(get_run(self.caller.organization, run_id)).data)


def valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _limit(counted: str, limit: Limit) -> dict[str, object]:
    return {"counted": counted, "calls": limit.item.amount, "seconds": limit.item.get_expiry()}
