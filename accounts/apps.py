"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Owns users, organizations and memberships."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"
