"""What staff see of people and organizations: facts to help with, no tenant data, no secrets."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import Membership, Organization, User
from accounts.staff import staff_site

__all__ = ["staff_site"]


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page to read; rows are made and changed by services alone."""

    actions = None

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
    """People; staff may only switch an account off or on."""

    list_display = ("email", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email",)
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "created_at", "last_login")
    readonly_fields = ("email", "name", "is_staff", "created_at", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let staff with the right to change people switch others off, never themselves."""
        is_own = obj is not None and obj.pk == request.user.pk
        return not is_own and super(ReadOnly, self).has_change_permission(request, obj)


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
