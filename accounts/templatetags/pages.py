"""Template tags for icons, moments and lengths of time."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from accounts.icons import ICONS

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; the word beside it carries the meaning."""
    shape = mark_safe(ICONS[name])  # noqa: S308
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
