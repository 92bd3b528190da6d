"""Versions, the current period and the calendar of a model."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import ApiError, Call, envelope, page_answer, read_object
from simulators.anaplan.dimensions import TIME_ID, VERSIONS_ID
from simulators.anaplan.roles import check_workspace_admin
from simulators.anaplan.routing import Router
from simulators.anaplan.settings import Settings
from simulators.anaplan.world import Model

CALENDAR_TYPE = "Calendar Months/Quarters/Years"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH = re.compile(rf"({'|'.join(MONTHS)}) ([0-9]{{2}})")
YEAR = re.compile(r"FY([0-9]{2})")
Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve versions, current period and calendar."""
    router.add_in_model("GET", "/versions", list_versions)
    router.add_in_model("GET", "/currentPeriod", get_current_period)
    router.add_in_model("PUT", "/currentPeriod", set_current_period)
    router.add_in_model("GET", "/modelCalendar", get_calendar)
    router.add_in_model("PUT", "/modelCalendar/fiscalYear", set_fiscal_year)


async def list_versions(call: Call) -> web.Response:
    """`GET …/versions`."""
    dimension = call.model.dimensions.get(VERSIONS_ID)
    names = [item.name for _, item in dimension.all()] if dimension else []
    unset = {"periodText": "", "date": ""}
    rows: list[Row] = [
        {
            "id": f"107{number + 1:09}",
            "name": name,
            "isCurrent": number == 0,
            "isActual": name.casefold().startswith("actual"),
            "editFrom": unset,
            "editTo": unset,
            "switchover": unset,
            "formula": "",
            "notes": "",
        }
        for number, name in enumerate(names)
    ]
    return page_answer(call, "versionMetadata", rows, "version")


def _months(model: Model) -> list[date]:
    """The last day of each month of the model's time; none when its periods are no months."""
    dimension = model.dimensions.get(TIME_ID)
    found = [MONTH.fullmatch(item.name) for _, item in dimension.all()] if dimension else []
    return [_last_day(2000 + int(match[2]), MONTHS.index(match[1]) + 1) for match in found if match]


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _period(model: Model) -> Row:
    day = model.current_period
    if day is None:
        return {"periodText": "", "lastDay": ""}
    return {"periodText": f"{MONTHS[day.month - 1]} {day:%y}", "lastDay": day.isoformat()}


def _period_answer(call: Call) -> web.Response:
    body = _period(call.model) | {"calendarType": CALENDAR_TYPE}
    return envelope(call, "currentPeriod", body, "currentPeriod")


async def get_current_period(call: Call) -> web.Response:
    """`GET …/currentPeriod`: empty texts until it is set."""
    return _period_answer(call)


async def set_current_period(call: Call) -> web.Response:
    """`PUT …/currentPeriod`: the date in the query or in the body, not in both."""
    check_workspace_admin(call)
    query, body = call.request.query.get("date"), (await read_object(call)).get("date")
    if query is not None and body is not None:
        raise ApiError(400, "use query parameter or body to set date, not both")
    text = str(query if body is None else body)
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        day = None
    if day is None:
        words = f"Invalid ISO date format '{text}'. Date should match format YYYY-MM-DD"
        raise ApiError(400, words)
    months = _months(call.model)
    last = _last_day(day.year, day.month)
    if last not in months:
        scale = f"{months[0].replace(day=1)} - {months[-1]}" if months else "-"
        raise ApiError(400, f"Specified date '{text}' is out of timescale range {scale}")
    async with occupancy.alone(call):
        call.model.current_period = last
    return _period_answer(call)


def _year_of(day: date, first: int) -> int:
    """The fiscal year of a day: it begins in month `first` and is named after its end."""
    return day.year + (1 < first <= day.month)


def _fiscal_year(year: int, first: int) -> Row:
    start = date(year - (first > 1), first, 1)
    end = date(start.year + 1, first, 1) - timedelta(days=1)
    return {"year": f"FY{year % 100:02}", "startDate": f"{start}", "endDate": f"{end}"}


def _calendar(model: Model, settings: Settings) -> Row:
    """Nothing for a model whose periods are no months: a calendar without a fiscal year."""
    months = _months(model)
    if not months:
        return {}
    first = MONTHS.index(settings.fiscal_year_start) + 1
    begin, end = _year_of(months[0], first), _year_of(months[-1], first)
    year = model.fiscal_year or begin
    totals = ("quarterTotals", "halfYearTotals", "yearToDateSummary", "yearToGoSummary")
    return {
        "calendarType": CALENDAR_TYPE,
        "currentPeriod": _period(model),
        "pastYearsCount": max(0, year - begin),
        "futureYearsCount": max(0, end - year),
        "fiscalYear": _fiscal_year(year, first),
        "totalsSelection": dict.fromkeys((*totals, "totalOfAllPeriods"), False),
    }


def _calendar_answer(call: Call) -> web.Response:
    body = _calendar(call.model, call.world.settings)
    return envelope(call, "modelCalendar", body, "modelCalendar")


async def get_calendar(call: Call) -> web.Response:
    """`GET …/modelCalendar`."""
    return _calendar_answer(call)


async def set_fiscal_year(call: Call) -> web.Response:
    """`PUT …/modelCalendar/fiscalYear`, for example `{"year": "FY26"}`."""
    check_workspace_admin(call)
    match = YEAR.fullmatch(str((await read_object(call)).get("year", "")))
    if match is None or not _months(call.model):
        raise ApiError(400, "year must be like FY26")
    async with occupancy.alone(call):
        call.model.fiscal_year = 2000 + int(match[1])
        if call.world.settings.year_clears_period:
            call.model.current_period = None
    return _calendar_answer(call)
