"""Template tags for the parts of pages that are more than an include: badges and steps."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.templatetags.pages import icon

register = template.Library()


@register.simple_tag
def badge(tone: str, word: str, shape: str = "") -> SafeString:
    """Show a word with the icon of its tone, or with another shape in that tone's colour."""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(shape or tone), word)


@register.simple_tag
def mark(tone: str, word: str) -> SafeString:
    """Show a word with the icon of its tone, without a ground: for cells of dense tables."""
    return format_html('<span class="mark tone-{}">{}{}</span>', tone, icon(tone), word)


@register.inclusion_tag("partials/steps.html")
def steps(current: int, *words: str) -> dict[str, Any]:
    """Show which of a few screens this is; the first one is number 1."""
    places = [
        {"word": word, "number": number, "is_done": number < current, "is_now": number == current}
        for number, word in enumerate(words, 1)
    ]
    return {"steps": places, "current": current, "last": len(words)}
