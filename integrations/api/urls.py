"""Routes of the REST API, version 1: no slash at the end of an address."""

from django.urls import path

from integrations.api import connections, schema_view, views

urlpatterns = [
    path("openapi.json", schema_view.SchemaView.as_view(), name="api_schema"),
    path("me", views.MeView.as_view(), name="api_me"),
    path("runs", views.RunsView.as_view(), name="api_runs"),
    path("runs/<int:run_id>", views.RunView.as_view(), name="api_run"),
    path("connections", connections.ConnectionsView.as_view(), name="api_connections"),
    path(
        "connections/<int:connection_id>",
        connections.ConnectionView.as_view(),
        name="api_connection",
    ),
    path(
        "connections/<int:connection_id>/pings",
        connections.PingsView.as_view(),
        name="api_pings",
    ),
    path(
        "connections/<int:connection_id>/pings/<int:ping_id>",
        connections.PingView.as_view(),
        name="api_ping",
    ),
    path(
        "connections/<int:connection_id>/pings/<int:ping_id>/cancel",
        connections.CancelPingView.as_view(),
        name="api_cancel_ping",
    ),
]
