"""What every endpoint of the REST API shares: sign-in, scope, limits, tenant and headers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, get_conditional_response, set_response_etag
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_keys import Scope
from accounts.authentication import Caller, KeyAuthentication
from accounts.errors import Refused
from accounts.services.refusals import note_refusal
from accounts.throttles import (
    API_CALLS_A_KEY,
    API_CALLS_AN_ADDRESS,
    API_CALLS_AN_ORGANIZATION,
    Allowance,
    take,
    take_from,
)
from audit.context import acting
from audit.tenancy import tenant
from integrations.api.fields import BoundedParser
from integrations.api.repeats import answer_once


class HasScope(BasePermission):
    """Lets a call through whose key has the scope that the view asks for; denies by default."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the view takes the method from this key; an unknown method is not asked."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in view.allowed_methods:
            return True
        if not isinstance(view, ApiView) or method not in view.needs:
            return False
        scope = view.needs[method]
        if scope is not None and scope not in view.caller.scopes:
            view.note_refusal(scope)
            raise Refused("api_scope_missing", scope=scope)
        return True


class PublicApiView(APIView):
    """An endpoint for everybody; calls are counted by where they come from."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[Any] = ()
    parser_classes = (BoundedParser,)
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    allowance: Allowance | None = None

    def initial(self, request: Request, *arguments: Any, **keywords: Any) -> None:
        """Count the call, then ask who calls."""
        self.note(take_from(request._request, API_CALLS_AN_ADDRESS), "address")
        super().initial(request, *arguments, **keywords)

    def note(self, allowance: Allowance, counted: str) -> None:
        """Keep the tightest limit for the headers; refuse a call that is one too many."""
        if self.allowance is None or allowance.remaining <= self.allowance.remaining:
            self.allowance = allowance
        if allowance.wait:
            raise Refused("api_too_many_calls", counted=counted, seconds=allowance.wait)

    def finalize_response(
        self, request: Request, response: Response, *arguments: Any, **keywords: Any
    ) -> Response:
        """Add what is left of the limit, and an ETag to what was read."""
        final = super().finalize_response(request, response, *arguments, **keywords)
        add_never_cache_headers(final)
        if self.allowance is not None:
            final["RateLimit-Limit"] = str(self.allowance.limit)
            final["RateLimit-Remaining"] = str(self.allowance.remaining)
            final["RateLimit-Reset"] = str(self.allowance.reset)
        if request.method in ("GET", "HEAD"):
            final.add_post_render_callback(_unless_known(request._request))
        return final


class ApiView(PublicApiView):
    """An endpoint of one organization, in one transaction of that tenant.

    `needs` names the scope of each method; None stands for any key. A method without an entry is
    refused. What a call changes is taken back where the answer is an error.
    """

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    needs: ClassVar[Mapping[str, Scope | None]] = {}

    @property
    def caller(self) -> Caller:
        """The program that calls."""
        return cast(Caller, self.request.user)

    def note_refusal(self, scope: Scope) -> None:
        """Tell the trail that a key tried to change what it may not; reading is no deed."""
        if self.request.method not in ("GET", "HEAD"):
            note_refusal(
                organization=self.caller.organization,
                actor=self.caller.name,
                right=scope,
                address=self.request.path,
            )

    def perform_authentication(self, request: Request) -> None:
        """Find the key, and count the call for it and for its organization."""
        super().perform_authentication(request)
        key = self.caller.key
        self.note(take(API_CALLS_A_KEY, str(key.pk)), "key")
        self.note(take(API_CALLS_AN_ORGANIZATION, str(key.organization_id)), "organization")

    def dispatch(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> Response:
        """Answer a call; the tenant is open for the handler alone, and closed by an error."""
        self.args, self.kwargs = arguments, keywords
        self.request = call = self.initialize_request(request, *arguments, **keywords)
        self.headers = self.default_response_headers
        try:
            self.initial(call, *arguments, **keywords)
            handler = self._handler(call)
            with acting(self.caller.name), tenant(self.caller.organization.pk):
                answer = answer_once(
                    call, self.caller.organization, lambda: handler(call, *arguments, **keywords)
                )
        except Exception as error:
            answer = self.handle_exception(error)
        self.response = self.finalize_response(call, answer, *arguments, **keywords)
        return self.response

    def _handler(self, call: Request) -> Callable[..., Response]:
        name = str(call.method).lower()
        if name not in self.http_method_names:
            return self.http_method_not_allowed
        return getattr(self, name, self.http_method_not_allowed)


def _unless_known(request: HttpRequest) -> Callable[[HttpResponse], HttpResponse | None]:
    """Make an answer 304 where the caller has the same bytes already."""

    def compare(response: HttpResponse) -> HttpResponse | None:
        if response.status_code != 200:
            return None
        set_response_etag(response)
        found = get_conditional_response(request, etag=response["ETag"], response=response)
        return None if found is response else found

    return compare
