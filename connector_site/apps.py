"""The Django app of the site itself: the Celery app and the start-up checks."""

from importlib import import_module

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Makes the Celery app the current one, so that tasks are queued on the right broker."""

    name = "connector_site"
    verbose_name = "ml-connector site"

    def ready(self) -> None:
        """Loads what registers itself."""
        import_module("connector_site.celery")
        import_module("connector_site.checks")
