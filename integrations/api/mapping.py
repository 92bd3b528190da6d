"""The endpoints on the mapping: versions, rules, codes without a member and suggestions."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_keys import Scope
from accounts.throttles import API_SUGGESTIONS_AN_ORGANIZATION, take
from integrations.api.base import ApiView
from integrations.api.mapping_inputs import MappingRuleQuery, SuggestionQuery, UnmappedQuery
from integrations.api.mapping_serializers import (
    MappingRuleOutput,
    MappingRulePageOutput,
    MappingVersionOutput,
    MappingVersionPageOutput,
    SuggestionOutput,
    SuggestionPageOutput,
    UnmappedOutput,
    UnmappedPageOutput,
)
from integrations.api.paging import PageQuery, page_answer
from integrations.api.schema import IF_NONE_MATCH, UNCHANGED, problems
from integrations.api.views import valid
from integrations.selectors.mapping_pages import (
    get_numbered,
    page_rules,
    page_suggestions,
    page_unmapped,
    page_versions,
)
from integrations.selectors.mapping_reports import rule_report, suggestion_report, unmapped_report


class MappingVersionsView(ApiView):
    """The versions of the organization's mapping."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="list_mapping_versions",
        summary="List mapping versions",
        parameters=[PageQuery, IF_NONE_MATCH],
        responses={200: MappingVersionPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List versions that a person has approved, newest first. Needs `mapping:read`."""
        query = valid(PageQuery(data=request.query_params.dict()))
        page = page_versions(self.caller.organization, before=query["after"], size=query["limit"])
        return page_answer(request, MappingVersionOutput(page.versions, many=True).data, page.older)


class MappingVersionView(ApiView):
    """One version of the organization's mapping."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="get_mapping_version",
        summary="Read a mapping version",
        parameters=[IF_NONE_MATCH],
        responses={200: MappingVersionOutput, **UNCHANGED, **problems(404)},
    )
    def get(self, request: Request, version_number: int) -> Response:  # noqa: ARG002
        """Read the version with a number. Needs the scope `mapping:read`."""
        version = get_numbered(self.caller.organization, version_number)
        return Response(MappingVersionOutput(version).data)


class MappingRulesView(ApiView):
    """The rules of a version."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="list_mapping_rules",
        summary="List the rules of a mapping version",
        parameters=[MappingRuleQuery, IF_NONE_MATCH],
        responses={200: MappingRulePageOutput, **UNCHANGED, **problems(404, 422)},
    )
    def get(self, request: Request) -> Response:
        """List rules in their visible order, a page at a time. Needs the scope `mapping:read`.

        A version's rules never change. `next` stays with the version of the first page, whatever
        is approved meanwhile.
        """
        query = valid(MappingRuleQuery(data=request.query_params.dict()))
        page = page_rules(
            self.caller.organization,
            number=query["version"],
            dimension=query.get("dimension", ""),
            code=query["code"],
            after=query["after"],
            size=query["limit"],
        )
        number = page.version.number if page.version else None
        items = MappingRuleOutput(list(map(rule_report, page.rules)), many=True).data
        return page_answer(request, items, page.after, version=number)


class UnmappedView(ApiView):
    """The codes without a member."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="list_unmapped_codes",
        summary="List codes without a member",
        parameters=[UnmappedQuery, IF_NONE_MATCH],
        responses={200: UnmappedPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List codes that no rule takes, with what is at stake. Needs the scope `mapping:read`.

        They stand by dimension and code, so that no page shifts while codes are mapped.
        """
        query = valid(UnmappedQuery(data=request.query_params.dict()))
        codes, following = page_unmapped(
            self.caller.organization,
            dimension=query.get("dimension", ""),
            after=query["after"],
            size=query["limit"],
        )
        return page_answer(
            request, UnmappedOutput(list(map(unmapped_report, codes)), many=True).data, following
        )


class SuggestionsView(ApiView):
    """The members that are suggested for codes without one."""

    needs = {"GET": Scope.MAPPING_READ}

    @extend_schema(
        operation_id="list_mapping_suggestions",
        summary="List suggestions for codes without a member",
        parameters=[SuggestionQuery, IF_NONE_MATCH],
        responses={200: SuggestionPageOutput, **UNCHANGED, **problems(422)},
    )
    def get(self, request: Request) -> Response:
        """List suggestions of one dimension, by code. Needs the scope `mapping:read`.

        Each call compares all names of the dimension, so an organization has 20 of them a minute.
        """
        query = valid(SuggestionQuery(data=request.query_params.dict()))
        organization = self.caller.organization
        allowance = take(API_SUGGESTIONS_AN_ORGANIZATION, str(organization.pk))
        self.note(allowance, "organization")
        pairs, following = page_suggestions(
            organization,
            dimension=query["dimension"],
            least=query["least"],
            after=query["after"],
            size=query["limit"],
        )
        found = [suggestion_report(*pair) for pair in pairs]
        return page_answer(request, SuggestionOutput(found, many=True).data, following)
