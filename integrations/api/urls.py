"""Routes of the REST API, version 1: no slash at the end of an address."""

from django.urls import path

from integrations.api import connections, mapping, mapping_draft, plans, schema_view, views

urlpatterns = [
    path("openapi.json", schema_view.SchemaView.as_view(), name="api_schema"),
    path("me", views.MeView.as_view(), name="api_me"),
    path("runs", views.RunsView.as_view(), name="api_runs"),
    path("runs/<int:run_id>", views.RunView.as_view(), name="api_run"),
    path("plan-versions", plans.PlanVersionsView.as_view(), name="api_plan_versions"),
    path(
        "plan-versions/<int:version_id>",
        plans.PlanVersionView.as_view(),
        name="api_plan_version",
    ),
    path(
        "plan-versions/<int:version_id>/values",
        plans.PlanValuesView.as_view(),
        name="api_plan_values",
    ),
    path("mapping/versions", mapping.MappingVersionsView.as_view(), name="api_mapping_versions"),
    path(
        "mapping/versions/<int:version_number>",
        mapping.MappingVersionView.as_view(),
        name="api_mapping_version",
    ),
    path("mapping/rules", mapping.MappingRulesView.as_view(), name="api_mapping_rules"),
    path("mapping/unmapped", mapping.UnmappedView.as_view(), name="api_unmapped"),
    path("mapping/suggestions", mapping.SuggestionsView.as_view(), name="api_suggestions"),
    path("mapping/draft", mapping_draft.MappingDraftView.as_view(), name="api_mapping_draft"),
    path(
        "mapping/draft/changes",
        mapping_draft.MappingChangesView.as_view(),
        name="api_mapping_changes",
    ),
    path(
        "mapping/draft/changes/<int:drafted_id>",
        mapping_draft.MappingChangeView.as_view(),
        name="api_mapping_change",
    ),
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
