"""Log lines as JSON, with the ids of request, organization and run, and without secrets."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from audit.context import current_acting
from audit.tenancy import NoTenant, current_scope
from integrations.transport.redaction import redact

_KEPT_CHARACTERS = 4_000


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON text; message and traceback without secrets."""
        time = datetime.fromtimestamp(record.created, tz=UTC)
        line: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _cleaned(record.getMessage()),
            **_ids(),
        }
        if record.exc_info:
            line["error"] = _cleaned(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _ids() -> dict[str, Any]:
    acting = current_acting()
    try:
        organization: int | None = current_scope().organization_id
    except NoTenant:
        organization = None
    found = {
        "request_id": acting.request_id,
        "organization_id": organization,
        "run_id": acting.run_id,
    }
    return {name: value for name, value in found.items() if value}


def _cleaned(text: str) -> str:
    # Lines that name a source file hold no secret, but words as long as one.
    return "\n".join(
        line if line.startswith('  File "') else redact(line, keep=_KEPT_CHARACTERS)
        for line in text.splitlines()
    )


def logging_settings(level: str) -> dict[str, Any]:
    """The LOGGING setting: everything to standard error as JSON lines.

    Single ticks and hints, several every few seconds, are told at level DEBUG only.
    """
    hints = {"level": "INFO" if level == "DEBUG" else "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "connector_site.logging.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level, "propagate": True},
            "gunicorn.error": {"level": level, "propagate": True},
            "celery.beat": hints,
            "celery.worker.strategy": hints,
            "celery.app.trace": hints,
            # Their debug lines hold headers and bodies.
            "urllib3": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }
