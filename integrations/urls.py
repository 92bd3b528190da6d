"""Routes below `/o/<slug>/`; the middleware turns the slug into `request.organization`."""

from django.urls import include, path

from integrations.views import (
    budget,
    connections,
    document_checks,
    mappings,
    models,
    onboarding,
    organizations,
    ping,
    profile_forms,
    profiles,
    qad_connection,
    qad_workspace,
    records,
    run_page,
    runs,
    sign_in_provider,
    syncs,
)

_PROFILE = [
    path("profile/", profiles.profile, name="profile"),
    path("profile/instance/", profile_forms.profile_instance, name="profile_instance"),
    path("profile/json/", profile_forms.profile_json, name="profile_json"),
    path("profile/add/", profile_forms.add_document, name="add_document"),
    path("profile/default/", profiles.profile_default, name="profile_default"),
    path("profile/versions/", profiles.profile_versions, name="profile_versions"),
    path("profile/versions/<int:number>/", profiles.profile_version, name="profile_version"),
    path(
        "profile/versions/<int:number>/restore/",
        profiles.restore_version,
        name="restore_version",
    ),
    path(
        "profile/documents/<str:document>/",
        profile_forms.profile_document,
        name="profile_document",
    ),
    path(
        "profile/documents/<str:document>/remove/",
        profile_forms.remove_document,
        name="remove_document",
    ),
    path("checks/", document_checks.document_checks, name="document_checks"),
    path("checks/results/", document_checks.check_results, name="check_results"),
    path("checks/ask/", document_checks.ask_for_check, name="ask_for_check"),
    path("checks/<str:document>/accept/", document_checks.accept_warning, name="accept_warning"),
]
"""Below one connection to QAD."""

urlpatterns = [
    path("", onboarding.organization_home, name="organization_home"),
    path("start/", onboarding.onboarding, name="onboarding"),
    path("settings/", organizations.organization_settings, name="organization_settings"),
    path("settings/sign-in/", sign_in_provider.sign_in_provider, name="sign_in_provider"),
    path("settings/sign-in/try/", sign_in_provider.try_provider, name="try_provider"),
    path("settings/sign-in/remove/", sign_in_provider.remove_provider, name="remove_provider"),
    path("settings/close/", organizations.close_organization, name="close_organization"),
    path("settings/keep/", organizations.keep_organization, name="keep_organization"),
    path("connections/", connections.connection_list, name="connection_list"),
    path("connections/<int:connection_id>/", connections.connection_page, name="connection"),
    path(
        "connections/<int:connection_id>/budget/",
        budget.connection_budget,
        name="connection_budget",
    ),
    path(
        "connections/<int:connection_id>/remove/",
        connections.remove_connection,
        name="remove_connection",
    ),
    path("connections/qad/new/", qad_connection.connect_qad, name="connect_qad"),
    path("connections/qad/<int:qad_id>/change/", qad_connection.change_qad, name="change_qad"),
    path(
        "connections/qad/<int:qad_id>/workspace/", qad_workspace.qad_workspace, name="qad_workspace"
    ),
    path(
        "connections/qad/<int:qad_id>/workspace/refresh/",
        qad_workspace.refresh_workspaces,
        name="refresh_workspaces",
    ),
    path("connections/<int:connection_id>/model/", models.model_picker, name="model_picker"),
    path("connections/<int:connection_id>/model/choose/", models.choose_model, name="choose_model"),
    path(
        "connections/<int:connection_id>/model/refresh/",
        models.refresh_models,
        name="refresh_models",
    ),
    path("connections/<int:connection_id>/model/needs/", models.model_needs, name="model_needs"),
    path(
        "connections/<int:connection_id>/alarms/<int:alarm_id>/accept/",
        models.accept_drift,
        name="accept_drift",
    ),
    path("syncs/", syncs.sync_list, name="sync_list"),
    path("syncs/new/", syncs.edit_sync, name="new_sync"),
    path("syncs/<int:sync_id>/", syncs.edit_sync, name="edit_sync"),
    path("connections/<int:connection_id>/", include(_PROFILE)),
    path("connections/<int:connection_id>/ping/", ping.start_ping, name="start_ping"),
    path("connections/<int:connection_id>/ping/live/", ping.ping_live, name="ping_live"),
    path(
        "connections/<int:connection_id>/pings/<int:ping_id>/cancel/",
        ping.cancel_ping,
        name="cancel_ping",
    ),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/start/", runs.start_run, name="start_run"),
    path("runs/<int:run_id>/", run_page.run_page, name="run_page"),
    path("runs/<int:run_id>/progress/", run_page.run_progress, name="run_progress"),
    path("runs/<int:run_id>/results/", run_page.run_results, name="run_results"),
    path("runs/<int:run_id>/cancel/", run_page.cancel_run, name="cancel_run"),
    path("runs/<int:run_id>/replay/", run_page.replay_run, name="replay_run"),
    path("runs/<int:run_id>/records/", records.run_records, name="run_records"),
    path("runs/<int:run_id>/records/replay/", records.replay_records, name="replay_records"),
    path("mapping/", mappings.mapping, name="mapping"),
    path("mapping/set/", mappings.set_rule, name="set_rule"),
    path("mapping/remove/", mappings.remove_rule, name="remove_rule"),
]
