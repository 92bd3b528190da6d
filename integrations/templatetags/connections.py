"""A connection's address and state, as pages show them."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.parts import badge
from integrations.models import Connection, Ping
from integrations.pipeline.drift import CODES
from integrations.selectors.connections import main_address
from integrations.selectors.ping_words import WORDS
from integrations.selectors.pings import StepState
from integrations.selectors.standing import sign_in_standing
from integrations.services.throttling import Standing

register = template.Library()

_PING_LOOKS = {
    "running": ("busy", "Ping runs"),
    "ok": ("good", "Answers"),
    "failed": ("bad", "Ping failed"),
    "cancelled": ("none", "Ping cancelled"),
}


register.filter(main_address)

_STEP_TONES = {
    "waiting": "none",
    "running": "busy",
    "ok": "good",
    "warn": "warn",
    "failed": "bad",
    "skipped": "none",
}


@register.filter
def step_tone(state: StepState) -> str:
    """Return the tone of a step's state."""
    return _STEP_TONES[state]


@register.filter
def step_word(state: StepState) -> str:
    """Return the word of a step's state."""
    return WORDS[state]


@register.simple_tag
def expiry_badge(connection: Connection) -> SafeString | str:
    """Say that the secret of a sign-in ends within 30 days; nothing for everything else."""
    ending = sign_in_standing(connection).ending
    if ending is None:
        return ""
    word = "has ended" if ending.has_ended else "ends soon"
    return badge("warn", f"{ending.what.capitalize()} {word}")


@register.simple_tag
def connection_state(connection: Connection, ping: Ping | None) -> SafeString:
    """Say whether a connection works, as far as is known."""
    if connection.paused_at:
        return badge("bad", "Paused", "stop")
    if ping is None:
        return badge("none", "Not tried")
    tone, word = _PING_LOOKS[ping.standing]
    return badge(tone, word)


@register.simple_tag
def throttled_for(throttled: Mapping[int, int], connection: Connection) -> SafeString | str:
    """Say for how long a connection may not call; nothing where it may."""
    seconds = throttled.get(connection.pk)
    return badge("wait", f"Throttled for {seconds} s") if seconds else ""


@register.filter
def why_throttled(standing: Standing) -> str:
    """Say what holds the calls to a connection back."""
    if standing.is_asked:
        system = standing.system.label
        return f"{system} has asked for a pause."
    whose = "the tenant's" if standing.is_named else "this connection's"
    return f"{whose} {standing.limit} calls a minute are used up."


@register.filter
def calls_of_limit(standing: Standing) -> str:
    """Say how many calls there are, of how many."""
    return f"{standing.calls} of {standing.limit}"


@register.simple_tag
def drift_badge(alarms: int) -> SafeString:
    """Say how many things of the model have changed."""
    return badge("warn", f"{alarms} change{'' if alarms == 1 else 's'} in the model")


@register.filter
def is_drift(code: str) -> bool:
    """Whether an error says that the model has changed."""
    return code in CODES.values()
