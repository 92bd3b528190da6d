"""Template tags for icons, moments and lengths of time."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

register = template.Library()

# Drawn on a grid of 16 by 16 with strokes of the text's own colour.
_ICONS = {
    "good": '<circle cx="8" cy="8" r="6.5"/><path d="m5.2 8.2 2 2 3.8-4.2"/>',
    "warn": '<path d="M8 2 14.5 13.5h-13z"/><path d="M8 6.5v3.2M8 11.6v.1"/>',
    "bad": '<circle cx="8" cy="8" r="6.5"/><path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/>',
    "wait": '<circle cx="8" cy="8" r="6.5"/><path d="M8 4.5V8l2.4 1.5"/>',
    "busy": '<path d="M14.5 8A6.5 6.5 0 1 1 8 1.5"/>',
    "none": '<circle cx="8" cy="8" r="6.5" stroke-dasharray="2.2 2"/>',
    "unknown": '<circle cx="8" cy="8" r="6.5"/>'
    '<path d="M6.2 6.3c.2-2.4 3.7-2.2 3.6 0C9.8 7.7 8 7.8 8 9.2M8 11.3v.1"/>',
    "stop": '<circle cx="8" cy="8" r="6.5"/><path d="M5 8h6"/>',
    "person": '<circle cx="8" cy="5.5" r="3"/>'
    '<path d="M2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5"/>',
    "play": '<path d="M5 3.2v9.6l7.6-4.8z"/>',
    "again": '<path d="M13.2 6A5.6 5.6 0 1 0 13.6 9"/><path d="M13.6 2.8V6h-3.2"/>',
    "arrow": '<path d="M3 8h10M9.5 4.5 13 8l-3.5 3.5"/>',
    "remove": '<path d="M3.5 4.5h9M6.5 4.5v-2h3v2M5 4.5l.5 9h5l.5-9"/>',
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; the word beside it carries the meaning."""
    shape = mark_safe(_ICONS[name])  # noqa: S308
    return format_html(
        '<svg class="icon icon-{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        name,
        shape,
    )


@register.simple_tag
def moment(value: datetime | None, *, relative: bool = False) -> str:
    """Show an instant in the organization's zone, with its UTC form on pointing."""
    if value is None:
        return "—"
    local = timezone.localtime(value)
    shown = f"{local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"
    if relative:
        shown = f"{_ago(value)}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.astimezone(UTC).isoformat(timespec="seconds"),
        f"{local.day} {local:%b %Y, %H:%M:%S %Z} ({value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)",
        shown,
    )


def _ago(value: datetime) -> str:
    passed = timezone.now() - value
    if passed < timedelta(seconds=0):
        return f"in {timesince(timezone.now(), value, depth=1)}"
    if passed < timedelta(seconds=60):
        return "just now"
    return f"{timesince(value, depth=1)} ago"


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """Say a length of time as people read it: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds is None:
        return "—"
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    if 0 < total < 0.05:
        return "< 0.1 s"
    if total < 10:
        return f"{total:.1f} s"
    minutes, rest = divmod(round(total), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@register.simple_tag
def elapsed(begun: datetime | None, ended: datetime | None) -> str:
    """Show how long something took; the browser counts on while it has no end."""
    if begun is None:
        return "—"
    if ended is not None:
        return duration(ended - begun)
    return format_html(
        '<span data-since="{}">{}</span>',
        begun.astimezone(UTC).isoformat(),
        duration(timezone.now() - begun),
    )


@register.filter
def count(value: int | str | None) -> str:
    """Show a whole number with thousands separators; "—" where there is none yet."""
    return "—" if value in (None, "") else f"{value:,}"
