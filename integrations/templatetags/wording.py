"""Texts of the error catalogue and names of dimensions, as pages show them."""

from collections.abc import Mapping
from decimal import Decimal

from django import template

from audit.catalogue import fill
from integrations.selectors.mappings import DIMENSIONS

register = template.Library()


@register.filter
def words(text: str, facts: Mapping[str, str | int] | None = None) -> str:
    """Return a catalogue text with its facts; a fact that was not kept becomes an ellipsis."""
    return fill(text, facts or {})


@register.filter
def part(weight: Decimal) -> str:
    """Return a weight as percent: all of it is not worth a word."""
    return "" if weight == 1 else f"{(weight * 100).normalize():f}%"


@register.filter
def dimension_name(dimension: str) -> str:
    """Return a dimension's name as people say it."""
    return dict(DIMENSIONS).get(dimension, dimension)
