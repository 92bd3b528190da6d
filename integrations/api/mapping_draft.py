"""The endpoints on the draft of the mapping: programs change it, and a person approves it."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_keys import Scope
from integrations.api.base import ApiView
from integrations.api.mapping_inputs import ChangesInput
from integrations.api.mapping_serializers import (
    MappingChangeOutput,
    MappingChangePageOutput,
    MappingDraftOutput,
)
from integrations.api.paging import PageQuery, page_answer
from integrations.api.schema import IDEMPOTENCY_KEY, IF_NONE_MATCH, UNCHANGED, problems
from integrations.api.views import valid
from integrations.selectors.draft_pages import read_draft_page
from integrations.selectors.drafts import get_change
from integrations.selectors.mapping_pages import page_changes
from integrations.selectors.mapping_reports import change_report, draft_report
from integrations.services.mapping_drafts import change_draft, drop_changes
from integrations.services.mapping_wishes import read_wish


class MappingDraftView(ApiView):
    """The open draft of the mapping; no call approves or discards it."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="get_mapping_draft",
        summary="Read the open draft of the mapping",
        parameters=[IF_NONE_MATCH],
        responses={200: MappingDraftOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read the open draft and what it moves. Needs the scope `mapping:read`.

        404 while no draft is open. A person approves or discards it, on its page.
        """
        return _draft(self)


class MappingChangesView(ApiView):
    """The changes of the open draft."""

    needs = {"GET": Scope.MAPPING_READ, "POST": Scope.MAPPING_WRITE}

    @extend_schema(
        operation_id="list_mapping_changes",
        summary="List the changes of the open draft",
        parameters=[PageQuery, IF_NONE_MATCH],
        responses={200: MappingChangePageOutput, **UNCHANGED, **problems(404, 422)},
    )
    def get(self, request: Request) -> Response:
        """List changes, oldest first, a page at a time. Needs the scope `mapping:read`."""
        query = valid(PageQuery(data=request.query_params.dict()))
        page = page_changes(self.caller.organization, after=query["after"], size=query["limit"])
        found = [change_report(drafted) for drafted in page.changes]
        return page_answer(request, MappingChangeOutput(found, many=True).data, page.after)

    @extend_schema(
        operation_id="change_mapping_draft",
        summary="Change the draft of the mapping",
        parameters=[IDEMPOTENCY_KEY],
        request=ChangesInput,
        responses={200: MappingDraftOutput, **problems(400, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Put up to 10,000 changes in the open draft, all or none. Needs `mapping:write`.

        A draft is begun where none is open. A change to what the newest version has leaves the
        draft. Where a key has something else than `seen`, the answer is 409
        `mapping_changed_meanwhile`, and `fields` says of each such key what it has now. The key
        and the member who made it both count as authors: neither approves the draft.
        """
        asked = valid(ChangesInput(data=request.data))
        change_draft(
            organization=self.caller.organization,
            wishes=[read_wish(change) for change in asked["changes"]],
            requested_by=self.caller.name,
            made_for=[self.caller.maker],
        )
        return _draft(self)


class MappingChangeView(ApiView):
    """One change of the open draft."""

    needs = {"DELETE": Scope.MAPPING_WRITE}

    @extend_schema(
        operation_id="drop_mapping_change",
        summary="Take a change out of the draft",
        responses={204: None, **problems(404, 409)},
    )
    def delete(self, request: Request, drafted_id: int) -> Response:  # noqa: ARG002
        """Take one change out of the open draft. Needs the scope `mapping:write`."""
        organization = self.caller.organization
        get_change(organization, drafted_id)
        dropped = drop_changes(
            organization=organization, change_ids=[drafted_id], requested_by=self.caller.name
        )
        if not dropped:
            raise Http404
        return Response(status=204)


def _draft(view: ApiView) -> Response:
    page = read_draft_page(view.caller.organization)
    if page.draft is None:
        raise Http404
    return Response(MappingDraftOutput(draft_report(page)).data)
