"""Texts of the error catalogue and names of dimensions, as pages show them."""

from collections.abc import Mapping

from django import template

from integrations.selectors.mappings import DIMENSIONS

register = template.Library()


class _Unknown(dict[str, str]):
    """Stands for facts that are not known any more."""

    def __missing__(self, key: str) -> str:
        return "…"


@register.filter
def words(text: str, facts: Mapping[str, str | int] | None = None) -> str:
    """Return a catalogue text with its facts; a fact that was not kept becomes an ellipsis."""
    known = {name: str(value) for name, value in (facts or {}).items()}
    return text.format_map(_Unknown(known))


@register.filter
def dimension_name(dimension: str) -> str:
    """Return a dimension's name as people say it."""
    return dict(DIMENSIONS).get(dimension, dimension)
