"""The audit app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Owns the trail; after each migration the runtime role gets just the rights it needs."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "audit"

    def ready(self) -> None:
        """Grant the runtime role its rights whenever tables may have changed."""
        from audit.rowsecurity import grant_runtime_role

        post_migrate.connect(grant_runtime_role, dispatch_uid="audit.grant_runtime_role")
