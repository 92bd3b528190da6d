"""The switches of the stand-in; each default is what the real service is known to do."""

import ipaddress
import math
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

LEAST = dict.fromkeys(("page_size", "export_chunk_bytes", "dump_chunk_bytes", "read_page_bytes"), 1)
LEAST["bad_certificate_status"] = 400

RetryAfter = Literal["seconds", "date", "none"]
ErrorBody = Literal["json", "html", "empty"]
UnknownParent = Literal["fails", "dropped"]
UnauthorizedBody = Literal["failure", "envelope", "empty"]
TaskAnswer = Literal["full", "id", "bare"]
StepWords = Literal["processing", "updating"]
OtherWorkspaces = Literal["names", "ids"]
YearStart = Literal["Jan", "Apr", "Jul"]
FailureWords = Literal["capitals", "camel"]
OpenIdAlgorithm = Literal["HS256", "RS256"]


@dataclass(slots=True)
class Settings:
    """Switches that tests may move at any time; docs/simulators-anaplan.md tells what each is."""

    task_seconds: float = 0.2
    open_seconds: float = 0.2
    idle_minutes: float = 60.0
    token_minutes: float = 35.0
    private_hours: float = 48.0
    read_request_minutes: float = 30.0
    requests_per_minute: int = 600
    rate_window_seconds: float = 60.0
    retry_after: RetryAfter = "seconds"
    too_many_body: ErrorBody = "json"
    page_size: int = 5_000
    export_chunk_bytes: int = 10_000_000
    dump_chunk_bytes: int = 10_000_000
    read_page_bytes: int = 10_000_000
    read_pages_have_header: bool = False
    read_pages_cut_rows: bool = False
    deleted_reads_stay: bool = False
    most_cell_writes: int = 100_000
    most_cell_write_bytes: int = 15_000_000
    most_cell_reads: int = 1_000_000
    next_link_always: bool = True
    wrong_type_status: int = 415
    unauthorized_body: UnauthorizedBody = "failure"
    saved_views_need_asking: bool = False
    views_show_empty_rows: bool = False
    reads_show_empty_rows: bool = False
    complete_needs_body: bool = True
    incomplete_keeps_old: bool = True
    default_downloads: bool = False
    busy_status: int = 0
    busy_task_status: int = 0
    busy_close_status: int = 409
    not_admin_status: int = 403
    not_granted_status: int = 403
    not_granted_is_defined: bool = False
    older_routes: bool = True
    other_workspaces: OtherWorkspaces = "names"
    step_words: StepWords = "processing"
    row_count_is_exact: bool = False
    fiscal_year_start: YearStart = "Jan"
    year_clears_period: bool = False
    locked_status: int = 423
    offline_status: int = 424
    offline_lets_admins: bool = False
    archived_status: int = 422
    deployed_status: int = 425
    unknown_task_status: int = 404
    ended_cancel_status: int = 0
    locale_is_needed: bool = True
    task_answer: TaskAnswer = "full"
    warned_rows_are_dropped: bool = False
    first_text_wins: bool = False
    stray_delimiter_refuses_row: bool = False
    values_are_empty: bool = False
    nested_is_bare: bool = False
    process_fails_on_ignored: bool = False
    process_is_silent: bool = False
    process_stops_at_failure: bool = True
    cancel_keeps_steps: bool = False
    queued_cancel_at_once: bool = False
    unknown_parent: UnknownParent = "fails"
    parents_in_same_call: bool = True
    failure_words: FailureWords = "capitals"
    list_csv_has_ids: bool = False
    users_are_accounts: bool = False
    no_dump_status: int = 404
    no_dump_chunks_status: int = 404
    cell_write_has_envelope: bool = False
    cells_are_double: bool = False
    trim_zeros: bool = False
    export_bom: bool = False
    export_crlf: bool = False
    audit_refuses_long_ranges: bool = True
    basic_is_enabled: bool = True
    refresh_rotates: bool = False
    ended_token_refreshes: bool = False
    deactivation_ends_tokens: bool = True
    failures_until_locked: int = 0
    allowed_addresses: str = ""
    refused_address_status: int = 403
    certificate_v1: bool = True
    certificate_milliseconds: bool = False
    certificate_minutes: float = 5.0
    certificate_reuse: bool = False
    certificate_by_email: bool = True
    bad_certificate_status: int = 401
    oauth_error_status: int = 403
    oauth_code_seconds: float = 60.0
    device_seconds: int = 900
    device_interval: int = 5
    activation_address: str = ""
    refresh_token_always: bool = True
    reuse_ends_all: bool = False
    openid_algorithm: OpenIdAlgorithm = "HS256"

    def change(self, name: str, value: object) -> None:
        """Move one switch; BadSetting when it is not there or cannot be that."""
        kind = _KINDS.get(name)
        if kind is None:
            raise BadSetting(f"There is no switch {name!r}; there are: {', '.join(_KINDS)}")
        if kind is float and type(value) is int:
            value = float(value)
        if get_origin(kind) is Literal:
            if value not in get_args(kind):
                raise BadSetting(f"{name!r} must be one of {', '.join(get_args(kind))}")
        elif type(value) is not kind:
            raise BadSetting(f"{name!r} must be a {kind.__name__}")
        elif kind in (int, float) and not LEAST.get(name, 0) <= value < math.inf:
            raise BadSetting(f"{name!r} must be at least {LEAST.get(name, 0)}, and finite")
        if name == "allowed_addresses":
            _check_networks(str(value))
        setattr(self, name, value)


def _check_networks(text: str) -> None:
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError as error:
            raise BadSetting(f"'allowed_addresses': {error}") from error


class BadSetting(ValueError):
    """A switch that is not there, or a value that it cannot have."""


_KINDS: dict[str, Any] = {
    found.name: get_type_hints(Settings)[found.name] for found in fields(Settings)
}
