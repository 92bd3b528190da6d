"""The map of the site: pages and health."""

from django.urls import URLPattern, URLResolver, path

from connector_site import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
