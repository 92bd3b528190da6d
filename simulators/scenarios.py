"""Named scenarios: what goes wrong at a real customer, as settings and faults from the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulators.serving import Step

Values = Mapping[str, Any]


class UnknownScenario(ValueError):
    """A name that no scenario of the system has; the text lists those that there are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of one system: what it is like in `words`, and what brings it about."""

    name: str
    words: str
    settings: Values = field(default_factory=dict)
    faults: Sequence[Values] = ()
    others: Sequence[Step] = ()

    @property
    def steps(self) -> list[Step]:
        """The look-ins that bring it about."""
        found: list[Step] = []
        if self.settings:
            found.append(("POST", "settings", self.settings))
        if self.faults:
            found.append(("POST", "faults", self.faults))
        return [*found, *self.others]


_START = {"path": "/imports/[^/]+/tasks/?$", "method": "POST"}
_WRONG_PASSWORD = {
    "status": "FAILURE_BAD_CREDENTIAL",
    "statusMessage": "The username or password is invalid.",
}

ANAPLAN = (
    Scenario(
        "model-locked-by-user",
        "the first model is locked: reading goes on, anything else is 423",
        settings={"activeState": "LOCKED"},
    ),
    Scenario(
        "model-archived",
        "the first model is in the archive: every call is 422",
        settings={"activeState": "ARCHIVED"},
    ),
    Scenario(
        "model-offline",
        "the first model is offline: every call is 424",
        settings={"activeState": "MAINTENANCE"},
    ),
    Scenario(
        "busy-model",
        "somebody's import has the first model for an hour: tasks wait, cells do not answer",
        others=[("POST", "hold", {"seconds": 3600})],
    ),
    Scenario(
        "import-cancelled",
        "the first import is cancelled by somebody and writes nothing",
        faults=[{**_START, "kind": "task_cancelled"}],
    ),
    Scenario(
        "import-never-ends",
        "the first import runs until it is cancelled",
        faults=[{**_START, "kind": "task_never_ends"}],
    ),
    Scenario(
        "import-loses-rows",
        "every import leaves out two rows and counts them as done",
        faults=[{**_START, "kind": "ignore_rows", "rows": 2, "times": -1}],
    ),
    Scenario(
        "lost-answer-after-start",
        "the first import is started, but the answer to the start is lost",
        faults=[{**_START, "kind": "reset"}],
    ),
    Scenario(
        "lost-chunk",
        "the first chunk that is uploaded is thanked for and lost",
        faults=[{"path": "/chunks/", "method": "PUT", "kind": "lose_chunk"}],
    ),
    Scenario(
        "dump-gone",
        "every import with refused rows promises a dump that is 404",
        faults=[{"path": "/dumps?(/|$)", "kind": "dump_gone", "times": -1}],
    ),
    Scenario(
        "rate-limited",
        "after ten calls three are 429, with a second to wait",
        faults=[
            {"path": "^/2/0/", "kind": "rate_limited", "retry_after": 1, "after": 10, "times": 3}
        ],
    ),
    Scenario(
        "login-page-instead-of-json",
        "after three calls a proxy answers with its sign-in page and status 200",
        faults=[{"path": "^/2/0/", "kind": "html", "after": 3, "times": -1}],
    ),
    Scenario(
        "token-expires-midway",
        "every token ends at the fourth call, once; a new one is good",
        faults=[{"path": "^/2/0/", "kind": "token_revoked", "after": 3}],
    ),
    Scenario(
        "password-changed",
        "after one sign-in the password is another, and every token ends at the fourth call",
        faults=[
            {"path": "^/2/0/", "kind": "token_revoked", "refresh": True, "after": 3},
            {
                "path": "^/token/authenticate",
                "kind": "status",
                "status": 401,
                "body": _WRONG_PASSWORD,
                "after": 1,
                "times": -1,
            },
        ],
    ),
    Scenario(
        "messages-in-another-form",
        "the words in answers are objects instead of text",
        faults=[{"path": "^/2/0/", "kind": "message_form", "times": -1}],
    ),
)

QAD = (
    Scenario(
        "slow-erp",
        "every page takes a second, Basic half a second more",
        settings={"page_seconds": 1.0, "basic_seconds": 0.5},
    ),
    Scenario(
        "shifting-pages",
        "from page 2 on each page begins one row early, as when rows come in while it is read",
        faults=[{"path": "[?&]page=([2-9]|1[0-9])", "kind": "shift_rows", "by": 1, "times": -1}],
    ),
    Scenario(
        "vanishing-rows",
        "from page 2 on each page begins one row late: a row between two pages is never seen",
        faults=[{"path": "[?&]page=([2-9]|1[0-9])", "kind": "shift_rows", "by": -1, "times": -1}],
    ),
    Scenario(
        "repeated-page",
        "the first page 2 that is asked for has the rows of page 1",
        faults=[{"path": "[?&]page=2(&|$)", "kind": "repeat_page"}],
    ),
    Scenario(
        "rows-twice",
        "every first page has its first row twice",
        faults=[{"path": "[?&]page=1(&|$)", "kind": "duplicate_rows", "times": -1}],
    ),
    Scenario(
        "rate-limited",
        "after three calls three are 429, with a second to wait",
        faults=[
            {"path": "/api/", "kind": "rate_limited", "retry_after": 1, "after": 3, "times": 3}
        ],
    ),
    Scenario(
        "login-page-instead-of-json",
        "a call without a good token gets the login page with status 200, and at the third call "
        "every token ends, once",
        settings={"signed_out": "login_page", "cookie_signed_out": "login_page"},
        faults=[{"path": "/api/", "kind": "token_revoked", "after": 2}],
    ),
    Scenario(
        "token-expires-midway",
        "every access token ends at the third call, once; the refresh token is good",
        faults=[{"path": "/api/", "kind": "token_revoked", "after": 2}],
    ),
    Scenario(
        "password-changed",
        "after one sign-in and two calls the password is another, and nobody is let in any more",
        faults=[
            {"path": "/api/", "kind": "status", "status": 401, "after": 2, "times": -1},
            {
                "path": "/oauth/token$",
                "kind": "status",
                "status": 400,
                "body": {"error": "invalid_grant", "error_description": "Bad credentials"},
                "after": 1,
                "times": -1,
            },
        ],
    ),
    Scenario(
        "answers-cut-off",
        "every fifth answer or so ends in the middle, with status 200",
        faults=[{"path": "/api/", "kind": "truncate", "probability": 0.2, "times": -1}],
    ),
    Scenario(
        "total-is-wrong",
        "every list tells one row more than it has",
        faults=[{"path": "/api/", "kind": "total_off", "times": -1}],
    ),
    Scenario(
        "field-renamed",
        "after an upgrade the last key field of every list has another name",
        faults=[{"path": "/api/", "kind": "rename_field", "times": -1}],
    ),
)

BY_SYSTEM = {"anaplan": ANAPLAN, "qad": QAD}


def steps_of(system: str, name: object) -> list[Step]:
    """The look-ins of a scenario, for the start of a system; UnknownScenario without one."""
    found = BY_SYSTEM.get(system, ())
    for scenario in found:
        if scenario.name == name:
            return scenario.steps
    known = ", ".join(scenario.name for scenario in found)
    raise UnknownScenario(f"Unknown scenario {name!r}; known are: {known}.")


def list_for_help(system: str) -> str:
    """All scenarios of a system, one a line."""
    widest = max(len(scenario.name) for scenario in BY_SYSTEM[system])
    lines = [f"  {scenario.name:<{widest}}  {scenario.words}" for scenario in BY_SYSTEM[system]]
    return "\n".join(["scenarios:", *lines])
