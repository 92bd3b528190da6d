"""How documents of an instance profile stand, as an icon and a word."""

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.parts import badge

register = template.Library()

_LOOKS = {
    "ok": ("good", "In order"),
    "accepted": ("good", "Accepted"),
    "warn": ("warn", "Warning"),
    "bad": ("bad", "Not usable"),
    "unchecked": ("unknown", "Not checked"),
    "off": ("none", "Switched off"),
}


@register.simple_tag
def check_state(state: str) -> SafeString:
    """Show how a document stands."""
    tone, word = _LOOKS[state]
    return badge(tone, word)
