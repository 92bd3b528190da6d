"""The Celery app and the beat table: every periodic job stands here."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector_site.settings")

# All apps on one broker get the shortest visibility timeout that any of them sets, and Celery
# reads it in three places: it stands here once. It is far above the longest slice, since a
# message that outlives it is delivered a second time while the first still works.
VISIBILITY_TIMEOUT_SECONDS = 600
# A broker that takes the connection and never answers would otherwise hang the caller for ever;
# a person who starts a run waits for as long. A worker asks for a message for one second at a time.
BROKER_TIMEOUT_SECONDS = 2
QUICK_QUEUE = "quick"
SLICE_SOFT_LIMIT_SECONDS = 180
SLICE_HARD_LIMIT_SECONDS = 240

BEAT_TABLE: dict[str, dict[str, Any]] = {
    "resume stalled runs": {
        "task": "integrations.tasks.resume_stalled_runs",
        "schedule": 5.0,
        # A tick that nobody took before the next one is worthless.
        "options": {"expires": 5.0},
    },
    "purge expired": {
        "task": "integrations.tasks.purge_expired",
        "schedule": 3600.0,
        "options": {"expires": 600.0},
    },
    "watch ends": {
        "task": "integrations.tasks.watch_ends",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "watch models": {
        "task": "integrations.tasks.watch_models",
        "schedule": 1800.0,
        "options": {"expires": 900.0},
    },
    "watch profiles": {
        "task": "integrations.tasks.watch_profiles",
        "schedule": 1800.0,
        "options": {"expires": 900.0},
    },
    "watch lists": {
        "task": "integrations.tasks.watch_lists",
        "schedule": 1800.0,
        "options": {"expires": 900.0},
    },
    "close due organizations": {
        "task": "integrations.tasks.close_due_organizations",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
}


def celery_settings(broker_url: str) -> dict[str, Any]:
    """Celery's settings: hints only, delivered late-acknowledged, never a result."""
    transport = {
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        "socket_timeout": BROKER_TIMEOUT_SECONDS,
        "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
    return {
        "broker_url": broker_url,
        "broker_transport_options": transport,
        "result_backend_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS},
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        "broker_connection_timeout": BROKER_TIMEOUT_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # The row in PostgreSQL is found again by beat, so that publishing may give up early.
        "task_publish_retry": False,
        "task_default_queue": "ml-connector",
        # What a person waits for never stands behind a run's slice.
        "task_routes": {"integrations.tasks.carry_out_ping": {"queue": QUICK_QUEUE}},
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "result_backend": None,
        # Only both together bring a task back whose process was killed.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_soft_time_limit": SLICE_SOFT_LIMIT_SECONDS,
        "task_time_limit": SLICE_HARD_LIMIT_SECONDS,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 30.0,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_eta_task_limit": 100,
        "worker_max_tasks_per_child": 500,
        "worker_hijack_root_logger": False,
        # Ticks need no memory of the last tick, so beat keeps no file.
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": BEAT_TABLE,
        "timezone": "UTC",
    }


@setup_logging.connect
def _log_as_django_does(**_details: object) -> None:
    dictConfig(settings.LOGGING)


@worker_process_init.connect
def _expect_long_streams(**_details: object) -> None:
    from integrations.services.waiting import expect_long_streams

    expect_long_streams()


app = Celery("ml-connector")
app.conf.update(celery_settings(settings.REDIS_URL))
app.autodiscover_tasks(["integrations"])
