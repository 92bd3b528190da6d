"""The endpoints on plans: published versions and their values in QAD's codes."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_keys import Scope
from integrations.api.base import ApiView
from integrations.api.paging import page_answer
from integrations.api.plan_serializers import (
    PlanValueOutput,
    PlanValuePageOutput,
    PlanValueQuery,
    PlanVersionOutput,
    PlanVersionPageOutput,
    PlanVersionQuery,
)
from integrations.api.schema import IF_NONE_MATCH, UNCHANGED, problems
from integrations.api.views import valid
from integrations.selectors.plans import (
    APPROVED,
    ValueFilter,
    get_version,
    list_values,
    list_versions,
)


class PlanVersionsView(ApiView):
    """The published plans of the organization."""

    needs = {"GET": Scope.PLANS_READ}

    @extend_schema(
        operation_id="list_plan_versions",
        summary="List plan versions",
        parameters=[PlanVersionQuery, IF_NONE_MATCH],
        responses={200: PlanVersionPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List versions that a person has published, newest first. Needs the scope `plans:read`.

        `published` answers now, `superseded` did so before. Drafts are not shown.
        """
        query = valid(PlanVersionQuery(data=request.query_params.dict()))
        state = query.get("state", "")
        page = list_versions(
            self.caller.organization,
            states=(state,) if state else APPROVED,
            sync_id=query["sync"],
            before=query["after"],
            size=query["limit"],
        )
        return page_answer(request, PlanVersionOutput(page.versions, many=True).data, page.older)


class PlanVersionView(ApiView):
    """One published plan of the organization."""

    needs = {"GET": Scope.PLANS_READ}

    @extend_schema(
        operation_id="get_plan_version",
        summary="Read a plan version",
        parameters=[IF_NONE_MATCH],
        responses={200: PlanVersionOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request, version_id: int) -> Response:  # noqa: ARG002
        """Read one version that a person has published. Needs the scope `plans:read`."""
        version = get_version(self.caller.organization, version_id, states=APPROVED)
        return Response(PlanVersionOutput(version).data)


class PlanValuesView(ApiView):
    """The values of one published plan."""

    needs = {"GET": Scope.PLANS_READ}

    @extend_schema(
        operation_id="list_plan_values",
        summary="List the values of a plan version",
        parameters=[PlanValueQuery, IF_NONE_MATCH],
        responses={200: PlanValuePageOutput, **UNCHANGED, **problems(404, 422)},
    )
    def get(self, request: Request, version_id: int) -> Response:
        """List the values of a published version, a page at a time. Needs `plans:read`.

        Values never change, so a program may keep them under the version's `sha256`.
        """
        query = valid(PlanValueQuery(data=request.query_params.dict()))
        version = get_version(self.caller.organization, version_id, states=APPROVED)
        page = list_values(version, _chosen(query), after=query["after"], size=query["limit"])
        return page_answer(request, PlanValueOutput(page.values, many=True).data, page.after)


def _chosen(query: dict[str, Any]) -> ValueFilter:
    return ValueFilter(
        query.get("entity", ""), query["period"], query.get("account", ""), query.get("cost_center")
    )
