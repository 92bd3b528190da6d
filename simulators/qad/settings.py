"""Switches of a running stand-in: clocks, limits and manners, changed over a look-in."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

SIGNED_OUT_ANSWERS = ("401", "redirect", "login_page")
CHOICES = {
    "signed_out": SIGNED_OUT_ANSWERS,
    "cookie_signed_out": SIGNED_OUT_ANSWERS,
    "missing_workspace": ("default", "403"),
    "unknown_workspace": ("403", "default"),
    "unknown_filter": ("empty", "400"),
    "several_filters": ("together", "first"),
    "document_paths": ("modules", "apps"),
    "browse_keys": ("tables", "bare"),
    "unknown_browse": ("empty", "404"),
    "total_count_shape": ("object", "number"),
    "metadata_at": ("data", "top"),
    "wrong_verb": ("500", "405"),
    "plan_batches": ("whole", "partial"),
    "plan_entities": ("user", "workspace"),
    "plan_periods": ("calendar", "any"),
    "plan_currencies": ("known", "any"),
}

LEAST = {"clock_ahead_seconds": -1e9, "default_page_size": 1, "largest_page_size": 1}


class BadSetting(ValueError):
    """A setting that does not exist or a value of the wrong kind; the text says which."""


@dataclass(slots=True)
class Settings:
    """Every switch with its default; what each means stands in `docs/simulators-qad.md`.

    Times are in seconds, but for those that say minutes. `clock_ahead_seconds` moves the clock
    of all tokens and sessions.
    """

    page_seconds: float = 0.0
    basic_seconds: float = 0.02
    session_minutes: float = 480.0
    idle_minutes: float = 30.0
    expires_in: bool = True
    refresh_rotates: bool = True
    clock_ahead_seconds: float = 0.0
    signed_out: str = "401"
    cookie_signed_out: str = "redirect"
    basic_allowed: bool = True
    form_allowed: bool = True
    token_values_in_query: bool = True
    missing_workspace: str = "default"
    unknown_workspace: str = "403"
    default_page_size: int = 500
    largest_page_size: int = 20_000
    total_count: bool = True
    documents_need_paging: bool = False
    unknown_filter: str = "empty"
    filter_ignores_case: bool = False
    several_filters: str = "together"
    document_filters: bool = True
    document_paths: str = "modules"
    sort_offered: bool = True
    browse_needs_paging: bool = True
    browse_strict_action: bool = False
    browse_short_ids: bool = True
    browse_total: bool = False
    browse_noise: bool = True
    browse_keys: str = "tables"
    unknown_browse: str = "empty"
    total_count_shape: str = "object"
    entity_needs_view_uri: bool = True
    metadata_at: str = "data"
    wrong_verb: str = "500"
    opening_balances: bool = False
    resting_balances: bool = False
    plan_batches: str = "whole"
    plan_upsert: bool = True
    plan_entities: str = "user"
    plan_periods: str = "calendar"
    plan_currencies: str = "known"
    largest_plan_batch: int = 200

    def change(self, raw: object) -> None:
        """Set what a JSON object names; BadSetting leaves everything as it was."""
        if not isinstance(raw, dict):
            raise BadSetting("Settings are a JSON object of names and values.")
        known = {item.name: item.type for item in fields(self)}
        for name, value in raw.items():
            if name not in known:
                raise BadSetting(f"Unknown setting '{name}'; known are: {', '.join(known)}.")
            self._check(name, value)
        for name, value in raw.items():
            setattr(self, name, type(getattr(self, name))(value))

    def _check(self, name: str, value: object) -> None:
        default = getattr(self, name)
        if name in CHOICES and value not in CHOICES[name]:
            raise BadSetting(f"'{name}' is one of {', '.join(CHOICES[name])}.")
        fits = isinstance(value, type(default)) and isinstance(value, bool) == isinstance(
            default, bool
        )
        is_whole_for_float = isinstance(default, float) and type(value) is int
        if not (fits or is_whole_for_float):
            raise BadSetting(f"'{name}' is {type(default).__name__}, not {value!r}.")
        if not isinstance(value, int | float) or isinstance(value, bool):
            return
        least = LEAST.get(name, 0)
        if not least <= value < math.inf:
            raise BadSetting(f"'{name}' is at least {least}, and finite, not {value!r}.")

    def describe(self) -> dict[str, Any]:
        """All settings as JSON."""
        return asdict(self)
