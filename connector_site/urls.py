"""The map of the site: pages by app, and what is shown when something goes wrong."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("o/<slug:slug>/", include("integrations.urls")),
]

handler400 = "accounts.error_pages.bad_request"
handler403 = "accounts.error_pages.forbidden"
handler404 = "accounts.error_pages.not_found"
handler500 = "accounts.error_pages.failure"
