"""How documents of an instance profile stand, as an icon and a word."""

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.parts import badge
from integrations.selectors.document_checks import Overview

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


@register.simple_tag
def checks_summary(overview: Overview) -> str:
    """Say in a line how the profile in force stands."""
    if overview.version is None:
        return "No profile"
    return f"Version {overview.version.number}: {_counts(overview)}"


def _counts(overview: Overview) -> str:
    if overview.is_under_way:
        return "being checked"
    if overview.checked_at is None:
        return "not checked since the change"
    warnings = f"{overview.warned} warning{'' if overview.warned == 1 else 's'}"
    parts = [
        (overview.good, f"{overview.good} in order"),
        (overview.warned, warnings),
        (overview.bad, f"{overview.bad} not usable"),
        (overview.unchecked, f"{overview.unchecked} not checked"),
    ]
    return ", ".join(text for number, text in parts if number)
