"""Sizes and waits that an installation or a test may set."""

from django.conf import settings

CHUNK_BYTES = 45_000_000


def chunk_bytes() -> int:
    """Return how many bytes of the file go into one chunk before compression (Anaplan: 50 MB)."""
    return int(getattr(settings, "CHUNK_BYTES", CHUNK_BYTES))


def start_grace() -> float:
    """Return the seconds after which an import that the task list does not show never started."""
    return float(settings.START_GRACE_SECONDS)
