"""Who may do what at each address: one line a route, and a route without a line fails the build.

A line names each method that the address takes, and what it needs. All other methods are refused.
An address that ends in "…" stands for all routes below it.
"""

from enum import StrEnum

from accounts.api_keys import Scope
from accounts.permissions import Right
from tests.house.api_matrix import API


class Need(StrEnum):
    """What an address needs where no organization is open."""

    NOTHING = "everybody may"
    SIGN_IN = "signed in"
    STAFF = "signed in as staff"


Line = dict[str, Need | Right | Scope | None]

EVERYBODY, SIGNED_IN, STAFF = Need.NOTHING, Need.SIGN_IN, Need.STAFF

SITE: dict[str, Line] = {
    "/": {"GET": EVERYBODY},
    "/sign-up/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-up/code/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-in/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-in/code/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-in/remember/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-in/passkey/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-in/organization/<short_name>/": {"GET": EVERYBODY},
    "/sign-in/organization/<short_name>/done/": {"GET": EVERYBODY},
    "/sign-out/": {"POST": EVERYBODY},
    "/password/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/password/code/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/password/new/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/password/done/": {"GET": EVERYBODY},
    "/account/": {"GET": SIGNED_IN},
    "/account/confirm/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/confirm/code/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/confirm/passkey/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/email/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/password/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/password/first/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/sessions/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/app/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/app/remove/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/passkeys/": {"GET": SIGNED_IN},
    "/account/passkeys/add/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/passkeys/<pk>/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/passkeys/<pk>/remove/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/account/recovery-codes/": {"GET": SIGNED_IN},
    "/account/recovery-codes/new/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/demo/mail/": {"GET": EVERYBODY},
    "/staff/admin/…": {"GET": STAFF},
    "/theme/": {"POST": EVERYBODY},
    "/invitations/<token>/": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/connect/anaplan/done/": {"GET": SIGNED_IN},
    "/organizations/new/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/errors/": {"GET": EVERYBODY},
    "/api/": {"GET": EVERYBODY},
    "/api/v1/openapi.json": {"GET": EVERYBODY},
    "/staff/components/": {"GET": STAFF},
    "/staff/components/confirm/": {"GET": STAFF, "POST": STAFF},
}
ORGANIZATION: dict[str, Line] = {
    "/o/<slug>/": {"GET": Right.VIEW},
    "/o/<slug>/start/": {"GET": Right.VIEW},
    "/o/<slug>/members/": {"GET": Right.VIEW},
    "/o/<slug>/members/invite/": {"POST": Right.MANAGE_MEMBERS},
    "/o/<slug>/members/invitations/<invitation_id>/resend/": {"POST": Right.MANAGE_MEMBERS},
    "/o/<slug>/members/invitations/<invitation_id>/withdraw/": {"POST": Right.MANAGE_MEMBERS},
    "/o/<slug>/members/<member_id>/": {"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS},
    "/o/<slug>/members/<member_id>/remove/": {
        "GET": Right.MANAGE_MEMBERS,
        "POST": Right.MANAGE_MEMBERS,
    },
    "/o/<slug>/members/leave/": {"GET": Right.VIEW, "POST": Right.VIEW},
    "/o/<slug>/roles/": {"GET": Right.VIEW},
    "/o/<slug>/rights/": {"GET": Right.READ_TRAIL},
    "/o/<slug>/settings/": {"GET": Right.VIEW, "POST": Right.CHANGE_SETTINGS},
    "/o/<slug>/settings/sign-in/": {"GET": Right.SET_SIGN_IN, "POST": Right.SET_SIGN_IN},
    "/o/<slug>/settings/sign-in/try/": {"POST": Right.SET_SIGN_IN},
    "/o/<slug>/settings/sign-in/remove/": {"GET": Right.SET_SIGN_IN, "POST": Right.SET_SIGN_IN},
    "/o/<slug>/settings/close/": {
        "GET": Right.CLOSE_ORGANIZATION,
        "POST": Right.CLOSE_ORGANIZATION,
    },
    "/o/<slug>/settings/keep/": {"POST": Right.CLOSE_ORGANIZATION},
    "/o/<slug>/connections/": {"GET": Right.VIEW},
    "/o/<slug>/connections/anaplan/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/anaplan/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/approve/": {"GET": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/device/": {"GET": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/device/begin/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/device/poll/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/budget/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/remove/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/qad/new/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/connections/qad/<qad_id>/change/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/connections/qad/<qad_id>/workspace/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/qad/<qad_id>/workspace/refresh/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/model/": {"GET": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/model/choose/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/model/refresh/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/model/needs/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/alarms/<alarm_id>/accept/": {"POST": Right.CONNECT},
    "/o/<slug>/syncs/": {"GET": Right.VIEW},
    "/o/<slug>/syncs/new/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/syncs/<sync_id>/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/syncs/<sync_id>/elsewhere/": {"GET": Right.CONNECT, "POST": Right.CONNECT},
    "/o/<slug>/syncs/<sync_id>/replay/": {"GET": Right.REPLAY, "POST": Right.REPLAY},
    "/o/<slug>/connections/<connection_id>/profile/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/profile/instance/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/profile/json/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/profile/add/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/profile/default/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/profile/versions/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/profile/versions/<number>/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/profile/versions/<number>/restore/": {
        "POST": Right.CONNECT
    },
    "/o/<slug>/connections/<connection_id>/profile/documents/<document>/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/profile/documents/<document>/remove/": {
        "GET": Right.CONNECT,
        "POST": Right.CONNECT,
    },
    "/o/<slug>/connections/<connection_id>/checks/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/checks/results/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/checks/ask/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/checks/<document>/accept/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/ping/": {"POST": Right.CONNECT},
    "/o/<slug>/connections/<connection_id>/ping/live/": {"GET": Right.VIEW},
    "/o/<slug>/connections/<connection_id>/pings/<ping_id>/cancel/": {"POST": Right.CONNECT},
    "/o/<slug>/runs/": {"GET": Right.VIEW},
    "/o/<slug>/runs/start/": {"POST": Right.RUN},
    "/o/<slug>/runs/<run_id>/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/progress/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/results/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/cancel/": {"POST": Right.RUN},
    "/o/<slug>/runs/<run_id>/replay/": {"GET": Right.REPLAY, "POST": Right.REPLAY},
    "/o/<slug>/runs/<run_id>/records/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/records/replay/": {"POST": Right.REPLAY},
    "/o/<slug>/changes/": {"GET": Right.VIEW},
    "/o/<slug>/changes/<change_id>/": {"GET": Right.VIEW},
    "/o/<slug>/changes/<change_id>/approve/": {
        "GET": Right.APPROVE_CLOSED_PERIOD,
        "POST": Right.APPROVE_CLOSED_PERIOD,
    },
    "/o/<slug>/plans/": {"GET": Right.VIEW},
    "/o/<slug>/plans/<version_id>/": {"GET": Right.VIEW},
    "/o/<slug>/plans/<version_id>/csv/": {"GET": Right.VIEW},
    "/o/<slug>/plans/<version_id>/xlsx/": {"GET": Right.VIEW},
    "/o/<slug>/plans/<version_id>/publish/": {
        "GET": Right.PUBLISH_PLAN,
        "POST": Right.PUBLISH_PLAN,
    },
    "/o/<slug>/runs/<run_id>/cells/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/rows/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/sign-off/": {"GET": Right.VIEW},
    "/o/<slug>/runs/<run_id>/sign-off/<number>/": {
        "GET": Right.SIGN_OFF,
        "POST": Right.SIGN_OFF,
    },
    "/o/<slug>/mapping/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/map/": {"POST": Right.MAP},
    "/o/<slug>/mapping/release/": {"POST": Right.REPLAY},
    "/o/<slug>/mapping/accept/": {"GET": Right.MAP, "POST": Right.MAP},
    "/o/<slug>/mapping/rules/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/draft/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/draft/keep/": {"POST": Right.MAP},
    "/o/<slug>/mapping/draft/date/": {"POST": Right.MAP},
    "/o/<slug>/mapping/draft/<draft_id>/approve/": {"POST": Right.MAP},
    "/o/<slug>/mapping/draft/<draft_id>/discard/": {"GET": Right.MAP, "POST": Right.MAP},
    "/o/<slug>/mapping/draft/changes/<drafted_id>/drop/": {"POST": Right.MAP},
    "/o/<slug>/mapping/versions/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/versions/<mapping_id>/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/versions/<mapping_id>/restate/": {"POST": Right.RUN},
    "/o/<slug>/mapping/grid/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/grid/save/": {"POST": Right.MAP},
    "/o/<slug>/mapping/members/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/rule/": {"GET": Right.VIEW, "POST": Right.MAP},
    "/o/<slug>/mapping/import/": {"GET": Right.VIEW, "POST": Right.MAP},
    "/o/<slug>/mapping/import/template/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/import/<upload_id>/": {"GET": Right.MAP},
    "/o/<slug>/mapping/import/<upload_id>/put/": {"POST": Right.MAP},
    "/o/<slug>/mapping/import/<upload_id>/errors/": {"GET": Right.MAP},
    "/o/<slug>/mapping/export/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/lists/": {"GET": Right.VIEW},
    "/o/<slug>/mapping/lists/read/": {"POST": Right.MAP},
    "/o/<slug>/mapping/lists/choose/": {"POST": Right.MAP},
    "/o/<slug>/mapping/lists/seen/": {"POST": Right.MAP},
    "/o/<slug>/mapping/lists/push/": {"POST": Right.RUN},
    "/o/<slug>/keys/": {"GET": Right.VIEW},
    "/o/<slug>/keys/new/": {"GET": Right.MANAGE_KEYS, "POST": Right.MANAGE_KEYS},
    "/o/<slug>/keys/<key_id>/revoke/": {"GET": Right.MANAGE_KEYS, "POST": Right.MANAGE_KEYS},
}
# The API has its scopes in a table of its own.
MATRIX: dict[str, Line] = {**SITE, **ORGANIZATION, **API}


def line_of(address: str) -> Line | None:
    """Return the line of an address, or of the whole branch that it belongs to."""
    if address in MATRIX:
        return MATRIX[address]
    branches = [name for name in MATRIX if name.endswith("…") and address.startswith(name[:-1])]
    return MATRIX[max(branches, key=len)] if branches else None
