"""A connection's address and state, as pages show them."""

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.parts import badge
from integrations.models import Connection, Ping, System

register = template.Library()

_PING_LOOKS = {
    "running": ("busy", "Ping runs"),
    "ok": ("good", "Answers"),
    "failed": ("bad", "Ping failed"),
    "cancelled": ("none", "Ping cancelled"),
}


@register.filter
def main_address(connection: Connection) -> str:
    """Return the one address that people know a connection by."""
    name = "tenant_url" if connection.system == System.QAD else "api_host"
    return str(connection.address.get(name, ""))


@register.simple_tag
def connection_state(connection: Connection, ping: Ping | None) -> SafeString:
    """Say whether a connection works, as far as is known."""
    if connection.paused_at:
        return badge("bad", "Paused", "stop")
    if ping is None:
        return badge("none", "Not tried")
    tone, word = _PING_LOOKS[ping.state]
    return badge(tone, word)
