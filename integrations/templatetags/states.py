"""The states of runs, units and records as an icon and a word."""

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.parts import badge, mark

register = template.Library()

TONES = {
    "queued": "wait",
    "running": "busy",
    "waiting": "wait",
    "reconciled": "good",
    "partial": "warn",
    "failed": "bad",
    "cancelled": "none",
    "unknown": "unknown",
    "unverified": "unknown",
    "deferred": "warn",
}
_PLAN_TONES = {
    "incomplete": "none",
    "draft": "wait",
    "held": "warn",
    "published": "good",
    "superseded": "none",
}
_MARKS = {
    "reconciled": ("good", "Ties out"),
    "partial": ("warn", "Differs"),
    "unverified": ("unknown", "Not read back"),
    "unknown": ("unknown", "Not known"),
    "failed": ("none", "Not compared"),
    "cancelled": ("none", "Not compared"),
    "deferred": ("none", "Not compared"),
}
_FIGURES = {
    "equal": ("good", "Equal"),
    "explained": ("warn", "Explained"),
    "unread": ("unknown", "Not read"),
    "differs": ("bad", "Differs"),
}


@register.simple_tag
def run_state(state: str, word: str) -> SafeString:
    """Show a run's state."""
    return badge(TONES[state], word)


@register.simple_tag
def plan_state(state: str, word: str) -> SafeString:
    """Show how a version of a plan stands."""
    return badge(_PLAN_TONES[state], word)


@register.simple_tag
def tie_out_mark(state: str, differences: int | str = 0) -> SafeString:
    """Say in two words what the run's comparison came to; a failed run may have compared."""
    tone, word = _MARKS.get(state, ("wait", "Not yet"))
    if state == "failed" and differences:
        tone, word = ("bad", "Differs")
    return mark(tone, word)


@register.simple_tag
def figures_mark(state: str) -> SafeString:
    """Say whether QAD, file and Anaplan agree in one place."""
    tone, word = _FIGURES[state]
    return mark(tone, word)


@register.simple_tag
def finality_mark(finality: str) -> SafeString:
    """Say whether QAD may still change the figures: "final", "preliminary", or a count."""
    return mark("good" if finality == "final" else "wait", finality.capitalize())


@register.filter
def figures_tone(state: str) -> str:
    """Return the tone of a place's state, for its class."""
    return _FIGURES[state][0]
