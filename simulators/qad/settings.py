"""Switches of a running stand-in: clocks, limits and manners, changed over a look-in."""

from dataclasses import asdict, dataclass, fields
from typing import Any

SIGNED_OUT_ANSWERS = ("401", "redirect", "login_page")


class BadSetting(ValueError):
    """A setting that does not exist or a value of the wrong kind; the text says which."""


@dataclass(slots=True)
class Settings:
    """Every switch with its default.

    Times are in seconds. `session_minutes` and `idle_minutes` end a token; `expires_in` is
    whether the token answer tells so. `signed_out` is how a call without a valid sign-in is
    answered. `clock_ahead_seconds` moves the clock of all tokens.
    """

    page_seconds: float = 0.0
    basic_seconds: float = 0.02
    session_minutes: float = 480.0
    idle_minutes: float = 30.0
    expires_in: bool = True
    refresh_rotates: bool = True
    clock_ahead_seconds: float = 0.0
    signed_out: str = "401"
    default_page_size: int = 500
    largest_page_size: int = 20_000
    total_count: bool = True

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
        if name == "signed_out" and value not in SIGNED_OUT_ANSWERS:
            raise BadSetting(f"'signed_out' is one of {', '.join(SIGNED_OUT_ANSWERS)}.")
        fits = isinstance(value, type(default)) and isinstance(value, bool) == isinstance(
            default, bool
        )
        is_whole_for_float = isinstance(default, float) and type(value) is int
        if not (fits or is_whole_for_float):
            raise BadSetting(f"'{name}' is {type(default).__name__}, not {value!r}.")

    def describe(self) -> dict[str, Any]:
        """All settings as JSON."""
        return asdict(self)
