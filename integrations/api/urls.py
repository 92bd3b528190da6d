"""Routes of the REST API, version 1: no slash at the end of an address."""

from django.urls import path

from integrations.api import schema_view, views

urlpatterns = [
    path("openapi.json", schema_view.SchemaView.as_view(), name="api_schema"),
    path("me", views.MeView.as_view(), name="api_me"),
    path("runs", views.RunsView.as_view(), name="api_runs"),
    path("runs/<int:run_id>", views.RunView.as_view(), name="api_run"),
]
