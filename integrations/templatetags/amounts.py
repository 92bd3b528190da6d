"""Amounts as people read them: every digit kept, 0.00 for exactly zero alone."""

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.html import format_html

register = template.Library()

MISSING = "—"
QUANTITY = "quantity"
COUNTED = frozenset({QUANTITY, "members"})


def format_amount(value: Decimal | str | None, *, places: int = 2) -> str:
    """Show an amount with thousands separators and at least `places` decimals.

    No digit is rounded away: 0.004 stays 0.004, so that 0.00 means exactly zero.
    """
    if value is None:
        return MISSING
    plain = format(Decimal(value), "f")
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    if not (whole + fraction).strip("0"):
        sign = ""
    grouped = f"{int(whole or '0'):,}"
    return f"{sign}{grouped}.{fraction}" if fraction else f"{sign}{grouped}"


def format_measure(value: Decimal | str | None, measure: str) -> str:
    """Show money with two decimals at least, and what is counted with only those it has."""
    return format_amount(value, places=0 if measure in COUNTED else 2)


@register.filter
def amount(value: Decimal | str | None, measure: str = "") -> str:
    """Show an amount of a measure; an absent one as a dash that says what it stands for."""
    if value is None:
        return format_html('<span title="not read back">{}</span>', MISSING)
    return format_measure(value, measure)


@register.simple_tag
def amount_of(values: Mapping[str, str], measure: str) -> str:
    """Show one of a record's amounts; a dash where it carries none."""
    return amount(values.get(measure), measure) if measure in values else MISSING


@register.filter
def period_name(year_period: int | str) -> str:
    """Show a fiscal period as year and number: 202611 as 2026/11."""
    text = str(year_period)
    return f"{text[:4]}/{text[4:]}" if len(text) == 6 and text.isdecimal() else text


@register.filter
def unit_name(part: str) -> str:
    """Show a unit, "ENTITY/202611", as people say it: "ENTITY, 2026/11"; lists have no period."""
    entity, _, period = part.rpartition("/")
    if period == "0":
        return entity
    return f"{entity}, {period_name(period)}"


@register.filter
def period_range(periods: list[int]) -> str:
    """Show the periods of a run in few words; all where none were chosen."""
    if not periods:
        return "All periods"
    if not any(periods):
        return "Whole list"
    names = [period_name(period) for period in sorted(periods)]
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} ({len(names)})"
