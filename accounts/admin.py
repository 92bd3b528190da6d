"""What staff see of people and organizations: facts to help with, no tenant data, no secrets."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import Membership, Organization, User
from accounts.services.people import switch_account
from accounts.staff import staff_site

__all__ = ["staff_site"]


# Django takes no type argument here when it runs.
class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page to read; rows are made and changed by services alone."""

    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse new rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse deletions."""
        return False


@admin.register(User, site=staff_site)
class UserAdmin(ReadOnly):
    """People; staff who may change people switch accounts off and on."""

    actions = ("switch_off", "switch_on")
    list_display = ("email", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email",)
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "created_at", "last_login")

    def has_switch_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change people switch accounts."""
        return isinstance(request.user, User) and request.user.has_perm("accounts.change_user")

    @admin.action(description="Switch accounts off", permissions=["switch"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Let nobody sign in to the chosen accounts, and end their sessions."""
        self._switch(request, chosen, is_active=False)

    @admin.action(description="Switch accounts on again", permissions=["switch"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Let the chosen people sign in again."""
        self._switch(request, chosen, is_active=True)

    def _switch(self, request: HttpRequest, chosen: QuerySet[User], *, is_active: bool) -> None:
        if not isinstance(request.user, User):
            return
        switched = [
            switch_account(user=user, is_active=is_active, by=request.user) for user in chosen
        ]
        word = "on" if is_active else "off"
        self.message_user(request, f"{sum(switched)} of {len(switched)} were switched {word}.")


@admin.register(Organization, site=staff_site)
class OrganizationAdmin(ReadOnly):
    """Organizations, without their keys."""

    list_display = ("name", "slug", "time_zone", "created_at", "closes_at", "closed_at")
    search_fields = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "time_zone", "base_currency", "created_at", "closes_at", "closed_at")


@admin.register(Membership, site=staff_site)
class MembershipAdmin(ReadOnly):
    """Who belongs where, and in which role."""

    list_display = ("user", "organization", "role", "ends_on", "created_at", "last_seen_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "organization__name", "organization__slug")
    ordering = ("organization__name", "user__email")
    fields = ("user", "organization", "role", "extra_rights", "ends_on", "created_at")
