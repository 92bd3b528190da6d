"""The map of the site: pages and health."""

from django.urls import URLPattern, URLResolver, include, path

from connector_site import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("o/<slug:slug>/", include("integrations.urls")),
]

handler400 = "accounts.error_pages.bad_request"
handler403 = "accounts.error_pages.forbidden"
handler404 = "accounts.error_pages.not_found"
handler500 = "accounts.error_pages.failure"
