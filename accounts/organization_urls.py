"""Routes of people below `/o/<slug>/`; the middleware turns the slug into the organization."""

from django.urls import path

from accounts.views import invitations, keys, members, rights

urlpatterns = [
    path("members/", members.member_list, name="member_list"),
    path("members/invite/", invitations.invite_member, name="invite_member"),
    path(
        "members/invitations/<int:invitation_id>/resend/",
        invitations.resend_invitation,
        name="resend_invitation",
    ),
    path(
        "members/invitations/<int:invitation_id>/withdraw/",
        invitations.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("members/leave/", members.leave_organization, name="leave_organization"),
    path("members/<int:member_id>/", members.member_page, name="member_page"),
    path("members/<int:member_id>/remove/", members.remove_member, name="remove_member"),
    path("keys/", keys.key_list, name="key_list"),
    path("keys/new/", keys.create_key, name="create_key"),
    path("keys/<int:key_id>/revoke/", keys.revoke_key, name="revoke_key"),
    path("roles/", rights.role_table, name="role_table"),
    path("rights/", rights.rights_on, name="rights_on"),
]
