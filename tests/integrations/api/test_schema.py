"""The OpenAPI document: it is current, and the API keeps to it whatever is sent."""

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from limits import RateLimitItemPerMinute
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts import authentication
from accounts.throttles import Limit
from connector_site.api_reference import PATH, api_reference
from connector_site.wsgi import application
from integrations.api.base import ApiView, PublicApiView
from integrations.api.urls import urlpatterns
from tests.integrations.api.calls import program_of
from tests.integrations.scenes import make_house, make_run
from tests.names import unique

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
    unsupported_method,
]
OPERATIONS = [
    "GET /api/v1/me",
    "GET /api/v1/plan-versions",
    "GET /api/v1/plan-versions/{version_id}",
    "GET /api/v1/plan-versions/{version_id}/values",
    "GET /api/v1/mapping/versions",
    "GET /api/v1/mapping/versions/{version_number}",
    "GET /api/v1/mapping/rules",
    "GET /api/v1/mapping/unmapped",
    "GET /api/v1/mapping/suggestions",
    "GET /api/v1/mapping/draft",
    "GET /api/v1/mapping/draft/changes",
    "POST /api/v1/mapping/draft/changes",
    "DELETE /api/v1/mapping/draft/changes/{drafted_id}",
    "GET /api/v1/runs",
    "POST /api/v1/runs",
    "GET /api/v1/runs/{run_id}",
    "GET /api/v1/connections",
    "GET /api/v1/connections/{connection_id}",
    "POST /api/v1/connections/{connection_id}/pings",
    "GET /api/v1/connections/{connection_id}/pings/{ping_id}",
    "POST /api/v1/connections/{connection_id}/pings/{ping_id}/cancel",
]


@pytest.fixture(scope="module")
def document(engines):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(scope="module")
def program(engines):
    """A program; the many wrong keys that are tried here shut nobody else out."""
    house = make_house()
    make_run(house)
    many = Limit(unique("many"), RateLimitItemPerMinute(10_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authentication, "UNKNOWN_KEYS_AN_ADDRESS", many)
        yield program_of(house)


def operations_of(document):
    return {found.ok().label: found.ok() for found in document.get_all_operations()}


def test_the_file_in_the_docs_is_the_document():
    """`python -m connector_site.api_reference` writes it again."""
    assert PATH.read_text("utf-8") == api_reference()


def test_everybody_may_read_the_document(engines):
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"
    again = Client().get("/api/v1/openapi.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_every_operation_is_tried(document):
    assert sorted(operations_of(document)) == sorted(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_keeps_to_the_document(document, program, label):
    operation = operations_of(document)[label]
    headers = {"Authorization": f"Bearer {program.key.text}"}

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def try_one(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    try_one()


def test_every_endpoint_names_its_scope_or_is_public():
    for pattern in urlpatterns:
        view = pattern.callback.view_class
        assert issubclass(view, PublicApiView)
        methods = {name.upper() for name in view.http_method_names if hasattr(view, name)}
        assert methods
        if issubclass(view, ApiView):
            assert set(view.needs) == methods - {"HEAD"}
        else:
            assert methods == {"GET"}


def test_an_endpoint_without_a_scope_is_closed(program, monkeypatch):
    from integrations.api.views import MeView

    assert program.call("me").status_code == 200
    monkeypatch.setattr(MeView, "needs", {})
    assert program.call("me").status_code == 403
