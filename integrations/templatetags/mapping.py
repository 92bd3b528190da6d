"""Keys and states of the mapping, as pages show them."""

from django import template
from django.utils.http import urlencode

from integrations.pipeline.grid_rows import RowState
from integrations.pipeline.mapping_changes import Parts, parts_in_words
from integrations.pipeline.rules import RuleKey

register = template.Library()

_TONES = {
    RowState.UNMAPPED: "warn",
    RowState.MEMBER_GONE: "bad",
    RowState.NOT_IN_QAD: "none",
    RowState.IN_DRAFT: "wait",
}


@register.filter
def key_query(key: RuleKey) -> str:
    """Return what the address of a key's form ends with."""
    return urlencode({name: value for name, value in key._asdict().items() if value})


@register.filter
def key_words(key: RuleKey) -> str:
    """Say what a rule holds, without its dimension."""
    code = {
        "exact": key.code or "(blank)",
        "prefix": f"{key.code}…",
        "range": f"{key.code} to {key.code_to}",
        "default": "All others",
    }.get(key.kind, key.code)
    return f"{code}, domain {key.domain}" if key.domain else code


@register.filter
def parts_words(parts: Parts) -> str:
    """Say who takes a key, in one line."""
    return parts_in_words(parts)


@register.filter
def state_tone(state: RowState) -> str:
    """Return the tone of a row's state."""
    return _TONES.get(state, "good")
