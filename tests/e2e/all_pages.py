"""Every page of the site in one table: how it is reached, and by whom.

A new page is a new line of `PAGES`; what it needs to have something to show is made in `scene.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.scene import Scene
from tests.integrations.desk_scene import WRONG_LINES


@dataclass(frozen=True)
class Stop:
    """How a page is reached: by which path, by whom, and what is pressed there.

    Axe looks at the part that a selector names; of a long page that repeats itself, where all
    rules are not wanted on all of it, at a short one.
    """

    path: str | Callable[[Scene], str]
    who: str = "owner"
    press: str = ""
    part: str = "html"
    short: str = ""

    def find_path(self, scene: Scene) -> str:
        """Return the path; one without a slash in front lies below the organization."""
        path = self.path if isinstance(self.path, str) else self.path(scene)
        return path if path.startswith("/") else scene.url(path)


OPEN_MENU = """() => { document.querySelector(".menu").open = true;
  for (const tone of ["good", "warn", "bad", "info"]) document.dispatchEvent(
    new CustomEvent("notice", { detail: { text: "Said in place.", tone } })); }"""
OPEN_DIALOG = """() => new Promise((done) => {
  document.addEventListener("dialog-opened", () => done(true));
  document.querySelector("a[data-asks]").click(); })"""

# The name is the route's, and after a comma what is so about the page.
PAGES = {
    "home, stranger": Stop("/", "nobody"),
    "home, several organizations": Stop("/", "traveller"),
    "account_signup": Stop("/sign-up/", "nobody"),
    "account_email_verification_sent": Stop("/sign-up/code/", "signing up"),
    "account_login": Stop("/sign-in/", "nobody"),
    "mfa_authenticate": Stop("/sign-in/code/", "asked for code"),
    "mfa_trust": Stop("/sign-in/remember/", "asked to remember"),
    "account_reset_password": Stop("/password/", "nobody"),
    "account_confirm_password_reset_code": Stop("/password/code/", "forgetful"),
    "account_complete_password_reset": Stop("/password/new/", "renewing"),
    "account_password_reset_completed": Stop("/password/done/", "nobody"),
    "mfa_index": Stop("/account/", "staff"),
    "mfa_index, unprotected": Stop("/account/"),
    "account_reauthenticate": Stop("/account/confirm/", "stale"),
    "mfa_reauthenticate": Stop("/account/confirm/code/", "stale"),
    "mfa_reauthenticate_webauthn": Stop("/account/confirm/passkey/", "stale"),
    "account_email": Stop("/account/email/"),
    "account_change_password": Stop("/account/password/"),
    "account_set_password": Stop("/account/password/first/", "newcomer"),
    "usersessions_list": Stop("/account/sessions/"),
    "mfa_activate_totp": Stop("/account/app/"),
    "mfa_deactivate_totp": Stop("/account/app/remove/", "staff"),
    "mfa_list_webauthn": Stop("/account/passkeys/", "staff"),
    "mfa_list_webauthn, none": Stop("/account/passkeys/"),
    "mfa_add_webauthn": Stop("/account/passkeys/add/"),
    "mfa_edit_webauthn": Stop(lambda scene: f"/account/passkeys/{scene.passkey_id}/", "staff"),
    "mfa_remove_webauthn": Stop(
        lambda scene: f"/account/passkeys/{scene.passkey_id}/remove/", "staff"
    ),
    "mfa_view_recovery_codes": Stop("/account/recovery-codes/", "staff"),
    "mfa_generate_recovery_codes": Stop("/account/recovery-codes/new/", "staff"),
    "kept_mail": Stop("/demo/mail/", "nobody"),
    "organization_create": Stop("/organizations/new/", "newcomer"),
    "invitation": Stop(lambda scene: scene.invitation, "nobody"),
    "invitation, for another": Stop(lambda scene: scene.invitation, "newcomer"),
    "onboarding": Stop("start/"),
    "onboarding, new": Stop(lambda scene: scene.bare.url("start/"), "beginner"),
    "member_list": Stop("members/"),
    "member_list, viewer": Stop("members/", "viewer"),
    "member_page": Stop(lambda scene: f"members/{scene.member_id}/"),
    "remove_member": Stop(lambda scene: f"members/{scene.member_id}/remove/"),
    "leave_organization": Stop("members/leave/"),
    "role_table": Stop("roles/"),
    "rights_on": Stop("rights/"),
    "rights_on, asked": Stop(
        lambda scene: f"rights/?right=run&day={scene.house.organization.today()}"
    ),
    "organization_settings": Stop("settings/"),
    "organization_settings, closing": Stop(lambda scene: scene.closing.url("settings/")),
    "member_list, closing": Stop(lambda scene: scene.closing.url("members/")),
    "sign_in_provider": Stop(lambda scene: scene.provided("settings/sign-in/")),
    "sign_in_provider, none": Stop(lambda scene: scene.closing.url("settings/sign-in/")),
    "remove_provider": Stop(lambda scene: scene.provided("settings/sign-in/remove/")),
    "close_organization": Stop("settings/close/"),
    "connection_list": Stop("connections/"),
    "connection_list, empty": Stop(lambda scene: scene.bare.url("connections/"), "beginner"),
    "connect_qad": Stop("connections/qad/new/"),
    "change_qad": Stop(lambda scene: f"connections/qad/{scene.qad.pk}/change/"),
    "connection, qad": Stop(lambda scene: f"connections/{scene.qad.pk}/"),
    "qad_workspace": Stop(lambda scene: f"connections/qad/{scene.qad.pk}/workspace/"),
    "connection": Stop(lambda scene: f"connections/{scene.house.sync.target_id}/"),
    "connection, paused": Stop(lambda scene: f"connections/{scene.paused.pk}/"),
    "add_anaplan": Stop("connections/anaplan/"),
    "add_anaplan, certificate": Stop("connections/anaplan/?way=certificate"),
    "change_anaplan": Stop(lambda scene: f"connections/{scene.paused.pk}/anaplan/"),
    "device_code": Stop(lambda scene: scene.coded("owner")),
    "connection, throttled": Stop(lambda scene: f"connections/{scene.throttled.pk}/"),
    "connection, answers": Stop(lambda scene: scene.pinged("ok")),
    "connection, ping failed": Stop(lambda scene: scene.pinged("failed")),
    "connection, ping runs": Stop(lambda scene: scene.pinged("running")),
    "remove_connection": Stop(lambda scene: f"connections/{scene.house.sync.target_id}/remove/"),
    "connection, changed": Stop(lambda scene: scene.in_model("")),
    "model_picker": Stop(lambda scene: scene.in_model("model/")),
    "model_needs": Stop(lambda scene: scene.in_model("model/needs/")),
    "sync_list": Stop(lambda scene: scene.modelled.url("syncs/")),
    "new_sync": Stop("syncs/new/"),
    "edit_sync": Stop(lambda scene: scene.modelled.url(f"syncs/{scene.modelled.sync.pk}/")),
    "repoint_sync": Stop(
        lambda scene: scene.modelled.url(f"syncs/{scene.modelled.sync.pk}/elsewhere/")
    ),
    "profile": Stop(lambda scene: scene.profile("profile/")),
    "profile_instance": Stop(lambda scene: scene.profile("profile/instance/")),
    "profile_json": Stop(lambda scene: scene.profile("profile/json/")),
    "add_document": Stop(lambda scene: scene.profile("profile/add/")),
    "profile_document": Stop(lambda scene: scene.profile("profile/documents/gl_balance/")),
    "remove_document": Stop(lambda scene: scene.profile("profile/documents/gl_balance/remove/")),
    "profile_default": Stop(lambda scene: scene.profile("profile/default/")),
    "profile_versions": Stop(lambda scene: scene.profile("profile/versions/?from=1&to=2")),
    "profile_version": Stop(lambda scene: scene.profile("profile/versions/2/")),
    "document_checks": Stop(lambda scene: scene.profile("checks/")),
    "run_list": Stop("runs/"),
    "run_list, empty": Stop("runs/?state=deferred"),
    "run_list, menu and notices": Stop("runs/", press=OPEN_MENU),
    "run_page": Stop(lambda scene: scene.run(scene.proved)),
    "run_page, held": Stop(lambda scene: scene.run(scene.held, "?entity=E_US01&period=Nov+26")),
    "run_page, red": Stop(lambda scene: scene.run(scene.swapped)),
    "run_page, waiting": Stop(lambda scene: scene.run(scene.waiting)),
    "run_records": Stop(
        lambda scene: scene.run(scene.held, "records/?verdict=held&code=unmapped_gl_account")
    ),
    "closed_changes": Stop(lambda scene: scene.changed("changes/")),
    "closed_changes, viewer": Stop(lambda scene: scene.changed("changes/"), "viewer"),
    "closed_changes, empty": Stop(lambda scene: scene.bare.url("changes/"), "beginner"),
    "closed_change": Stop(lambda scene: scene.changed(f"changes/{scene.change.pk}/")),
    "approve_closed_change": Stop(
        lambda scene: scene.changed(f"changes/{scene.change.pk}/approve/")
    ),
    "run_page, closed period changed": Stop(
        lambda scene: scene.run(scene.change.run, "?entity=E_US01&period=Oct+26")
    ),
    "plan_list": Stop("plans/"),
    "plan_list, empty": Stop(lambda scene: scene.bare.url("plans/"), "beginner"),
    "plan_version": Stop(lambda scene: f"plans/{scene.plan.pk}/"),
    "publish_plan": Stop(lambda scene: f"plans/{scene.plan.pk}/publish/"),
    "run_cells": Stop(lambda scene: scene.behind("cells")),
    "run_rows": Stop(
        lambda scene: scene.behind("rows", "&cell=E_US01%2CA_1000%2CCC_100%2CNov+26%2CUSD")
    ),
    "replay_run": Stop(lambda scene: scene.run(scene.held, "replay/")),
    "replay_held": Stop(lambda scene: scene.url(f"syncs/{scene.held.sync_id}/replay/")),
    "sign_offs": Stop(lambda scene: scene.run(scene.final, "sign-off/")),
    "sign_off": Stop(lambda scene: scene.run(scene.final, "sign-off/4/")),
    "mapping": Stop(lambda scene: scene.desk()),
    "mapping, empty": Stop(lambda scene: scene.bare.url("mapping/"), "beginner"),
    "accept_suggestions": Stop(lambda scene: scene.desk("accept/?least=70")),
    "mapping_rules": Stop("mapping/rules/"),
    "mapping_draft": Stop(lambda scene: scene.desk("draft/")),
    "mapping_draft, none": Stop(lambda scene: scene.bare.url("mapping/draft/"), "beginner"),
    "discard_draft": Stop(lambda scene: scene.desk(f"draft/{scene.draft.pk}/discard/")),
    "mapping_versions": Stop("mapping/versions/"),
    "mapping_version": Stop(lambda scene: scene.desk(f"versions/{scene.house.version.pk}/")),
    "mapping_grid": Stop(lambda scene: scene.desk("grid/?dimension=cost_center")),
    "mapping_grid, nothing known": Stop(lambda scene: scene.desk("grid/?dimension=project")),
    "mapping_rule": Stop("mapping/rule/"),
    "mapping_rule, prefix": Stop(
        lambda scene: scene.desk("rule/?dimension=cost_center&kind=prefix&code=3")
    ),
    "mapping_rule, dated": Stop(
        lambda scene: scene.desk("rule/?dimension=cost_center&kind=exact&code=200")
    ),
    "mapping_files": Stop(lambda scene: scene.filed.url("mapping/import/")),
    "mapping_files, viewer": Stop(lambda scene: scene.filed.url("mapping/import/"), "viewer"),
    "mapping_upload": Stop(lambda scene: scene.uploaded("replace")),
    "mapping_upload, errors": Stop(lambda scene: scene.uploaded("add", WRONG_LINES)),
    "mapping_lists": Stop(lambda scene: scene.aligned),
    "mapping_lists, empty": Stop(lambda scene: scene.bare.url("mapping/lists/"), "beginner"),
    "key_list": Stop(lambda scene: f"keys/#key-{scene.key.pk}"),
    "key_list, empty": Stop(lambda scene: scene.bare.url("keys/"), "beginner"),
    "create_key": Stop("keys/new/"),
    "revoke_key": Stop(lambda scene: f"keys/{scene.key.pk}/revoke/"),
    "api_reference": Stop("/api/", "nobody"),
    "error_list": Stop("/errors/", "nobody", short="main > section:nth-of-type(2)"),
    "components": Stop("/staff/components/", "staff"),
    "components_confirm": Stop("/staff/components/confirm/", "staff"),
    "components_confirm, in place": Stop("/staff/components/", "staff", OPEN_DIALOG, "dialog"),
    "administration": Stop("/staff/admin/", "staff"),
    "administration, people": Stop("/staff/admin/accounts/user/", "staff"),
    "not found": Stop("/nowhere/"),
}
# Routes that only take what a form sends, answer with a part of a page, or lead elsewhere.
NO_PAGES = {
    "sign_out", "choose_theme", "organization_home", "start_run", "run_progress", "run_results",
    "cancel_run", "replay_records", "map_code", "release_codes", "keep_changes", "date_draft",
    "approve_draft", "restate_periods", "drop_change", "save_grid", "find_members",
    "invite_member",
    "resend_invitation", "withdraw_invitation", "keep_organization", "mfa_login_webauthn",
    "refresh_workspaces", "connection_budget", "choose_model", "refresh_models", "accept_drift",
    "restore_version", "check_results", "ask_for_check", "accept_warning",
    "try_provider", "organization_sign_in", "organization_sign_in_done", "approve_anaplan",
    "begin_device", "poll_device", "anaplan_approved", "start_ping", "ping_live", "cancel_ping",
    "plan_csv", "plan_xlsx", "put_upload", "upload_errors", "export_mapping", "mapping_template",
    "read_lists", "choose_member_list", "mark_seen", "push_codes",
}  # fmt: skip
