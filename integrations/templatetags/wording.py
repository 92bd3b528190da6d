"""Texts of the error catalogue and names of dimensions, as pages show them."""

from collections.abc import Mapping
from decimal import Decimal

from django import template

from audit.catalogue import fill
from integrations.selectors.mappings import DIMENSIONS

register = template.Library()

NOUNS = {
    "entity": ("entity", "entities"),
    "gl_account": ("GL account", "GL accounts"),
    "cost_center": ("cost center", "cost centers"),
    "supplier": ("supplier", "suppliers"),
    "period": ("period", "periods"),
    "currency": ("currency", "currencies"),
    "sub_account": ("sub-account", "sub-accounts"),
    "project": ("project", "projects"),
}


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


@register.filter
def dimension_noun(dimension: str, number: int) -> str:
    """Return what so many codes of a dimension are called within a sentence."""
    one, many = NOUNS[dimension]
    return one if number == 1 else many
