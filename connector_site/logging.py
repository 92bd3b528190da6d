"""Log lines as JSON, with the ids of request, organization and run, and without secrets."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

# Ids that a line carries when they are known, in this order.
ID_FIELDS = ("request_id", "organization_id", "run_id")
_SECRET = re.compile(
    r"(?i)(?:(?<=://)[^/\s:@]*:[^/\s@]+(?=@))"
    r"|(?P<name>\b(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)\b"
    r"[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|anaplanauthtoken)\s+)?)[^\s\"',;}]+"
)
REMOVED = "[removed]"


def remove_secrets(text: str) -> str:
    """The text with passwords in URLs and the values of secret-sounding names taken out."""
    return _SECRET.sub(lambda match: f"{match.group('name') or ''}{REMOVED}", text)


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON text; message and traceback pass through `remove_secrets`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname,
            "logger": record.name,
            "message": remove_secrets(record.getMessage()),
        }
        for field in ID_FIELDS:
            value = getattr(record, field, None)
            if value not in (None, ""):
                line[field] = value
        if record.exc_info:
            line["error"] = remove_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def logging_settings(level: str) -> dict[str, Any]:
    """The LOGGING setting: everything to standard error as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "connector_site.logging.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level, "propagate": True},
            # httplib's and kombu's debug lines hold headers and bodies.
            "urllib3": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "amqp": {"level": "WARNING"},
        },
    }
