"""The policies of a sync: which periods are read when, and what stops or holds a run."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from integrations.transport.errors import IntegrationError

Gate = Literal["warn", "block", "off"]
_Time = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]
"""The states of a period that QAD has closed; figures of others are preliminary."""


class Policies(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a run reads and what it does with what is unusual; what is usual is not kept.

    Open periods are read each time, unless `final_only`. Of the closed ones the last
    `closed_periods` are read again (None: all of them), each once in `closed_hours`; one whose
    state has changed is read at once. `closed_changes` says what becomes of a change in a
    closed period: it is loaded, or held until a person has approved it. A unit whose rows are
    more than `volume_share` percent fewer or more than before is of abnormal volume; one that
    had rows and has none is empty. Each gate warns, blocks the run before anything is sent, or
    is off. A run that sends nothing leaves the read-back out while the last one is younger than
    `read_back_hours`. Without `retry_failed` cells that Anaplan has refused are kept back until
    somebody replays them. Between `quiet_from` and `quiet_to`, written 06:30 by the
    organization's clock, no load begins.
    """

    final_only: bool = False
    closed_periods: Annotated[int, Meta(ge=0, le=600)] | None = None
    closed_hours: Annotated[int, Meta(ge=0, le=24 * 366)] = 0
    closed_changes: Literal["load", "approve"] = "load"
    volume_gate: Gate = "warn"
    volume_share: Annotated[int, Meta(ge=1, le=100_000)] = 50
    empty_gate: Gate = "block"
    read_back_hours: Annotated[int, Meta(ge=0, le=24 * 31)] = 0
    retry_failed: bool = True
    quiet_from: _Time = ""
    quiet_to: _Time = ""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Policies":
        """Return the checked policies; policies_invalid with the place and the reason."""
        try:
            found = msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at ")
            raise _invalid(place.strip("`$. ") or "policies", reason) from None
        if bool(found.quiet_from) != bool(found.quiet_to):
            place = "quiet_to" if found.quiet_from else "quiet_from"
            raise _invalid(place, "quiet hours have a beginning and an end")
        return found

    def quiet_seconds(self, now: datetime) -> int:
        """Return how long the quiet hours last from a moment on, 0 outside of them.

        `now` is by the organization's clock. Hours that begin after they end go over midnight.
        """
        if not self.quiet_from or self.quiet_from == self.quiet_to:
            return 0
        begin, end = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to)
        at = now.time()
        is_quiet = begin <= at < end if begin < end else at >= begin or at < end
        if not is_quiet:
            return 0
        day = now.date() + timedelta(days=at >= end)
        until = datetime.combine(day, end, tzinfo=now.tzinfo)
        return -((now.astimezone(UTC) - until.astimezone(UTC)) // timedelta(seconds=1))


def _invalid(place: str, reason: str) -> IntegrationError:
    return IntegrationError("policies_invalid", place=place, reason=reason)


def is_abnormal(rows: int, usual: int, share: int) -> bool:
    """Whether a number of rows is more than `share` percent away from the usual one."""
    return abs(rows - usual) * 100 > usual * share
