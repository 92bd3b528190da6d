"""The integrations app."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Owns connections, mappings, syncs, runs and their evidence."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "integrations"
