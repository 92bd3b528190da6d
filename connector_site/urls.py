"""The map of the site: pages by app, and what is shown when something goes wrong."""

from django.urls import URLPattern, URLResolver, include, path

from connector_site import api_page, components
from integrations.views import approvals, organization_sign_in
from integrations.views.organizations import organization_create

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("", include("accounts.own_urls")),
    path("organizations/new/", organization_create, name="organization_create"),
    # Not below /o/: there nobody but members finds anything.
    path(
        "sign-in/organization/<slug:short_name>/",
        organization_sign_in.begin,
        name="organization_sign_in",
    ),
    path(
        "sign-in/organization/<slug:short_name>/done/",
        organization_sign_in.done,
        name="organization_sign_in_done",
    ),
    # One address for the whole installation: OAuth clients register it.
    path("connect/anaplan/done/", approvals.anaplan_approved, name="anaplan_approved"),
    path("o/<slug:slug>/", include("accounts.organization_urls")),
    path("o/<slug:slug>/", include("integrations.urls")),
    path("api/", api_page.api_reference, name="api_reference"),
    path("api/v1/", include("integrations.api.urls")),
    path("staff/components/", components.show, name="components"),
    path("staff/components/confirm/", components.confirm, name="components_confirm"),
]

handler400 = "connector_site.api_errors.bad_request"
handler403 = "connector_site.api_errors.forbidden"
handler404 = "connector_site.api_errors.not_found"
handler429 = "accounts.error_pages.too_many_requests"
handler500 = "connector_site.api_errors.failure"
