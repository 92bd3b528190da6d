"""The names of periods that a sync writes by itself, where no mapping names them."""

from collections.abc import Iterable, Sequence

from integrations.pipeline.rules import Rule

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write_period(pattern: str, year_period: int) -> str:
    """Write a year-period as a pattern says; "" without a pattern or without a month."""
    year, period = divmod(year_period, 100)
    is_month = 1 <= period <= len(_MONTHS)
    if not pattern or ("{Mon}" in pattern and not is_month):
        return ""
    texts = {
        "{Mon}": _MONTHS[period - 1] if is_month else "",
        "{mm}": f"{period:02d}",
        "{m}": str(period),
        "{yyyy}": str(year),
        "{yy}": f"{year % 100:02d}",
        "{period}": f"{period:02d}",
    }
    name = pattern
    for mark, text in texts.items():
        name = name.replace(mark, text)
    return name


def name_periods(pattern: str, periods: Iterable[int], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with names of the periods that the mapping has no rule for."""
    known = {rule.code for rule in rules if rule.dimension == "period"}
    names = {str(period): write_period(pattern, period) for period in periods}
    more = [
        Rule("period", code, name) for code, name in names.items() if name and code not in known
    ]
    return [*rules, *more]
