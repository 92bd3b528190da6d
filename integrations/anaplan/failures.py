"""Gives Anaplan's refusals their names."""

import re

from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.retry import suggest_later

BUSY_SECONDS = 15.0
LOCKED_SECONDS = 180.0
LIMITED_SECONDS = 10.0

_BY_STATUS = {
    401: "anaplan_token_refused",
    403: "anaplan_forbidden",
    404: "anaplan_not_found",
    409: "anaplan_model_busy",
    410: "anaplan_not_found",
    422: "anaplan_model_archived",
    423: "anaplan_model_locked",
    424: "anaplan_model_offline",
    425: "anaplan_model_deployed",
    429: "anaplan_rate_limited",
}
_LATER = {
    "anaplan_model_busy": BUSY_SECONDS,
    "anaplan_model_locked": LOCKED_SECONDS,
    "anaplan_model_offline": LOCKED_SECONDS,
    "anaplan_rate_limited": LIMITED_SECONDS,
}
_HEX_32 = re.compile(r"[0-9A-Fa-f]{32}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def name_failure(answer: Answer, what: str) -> IntegrationError:
    """The error for an answer that is not a success; `what` completes "does not … "."""
    status = answer.status
    if 300 <= status < 400:
        return IntegrationError(
            "redirect_refused",
            answer.sample,
            host=_host(answer.url),
            target=_host(answer.headers.get("location", "")) or "another path",
        )
    if status >= 500:
        later = suggest_later(1, answer.retry_after)
        return IntegrationError(
            "anaplan_error", answer.sample, retry_after=later, status=status, what=what
        )
    code = _BY_STATUS.get(status, "anaplan_bad_request")
    wait = None
    if code in _LATER:
        wish = answer.retry_after
        wait = suggest_later(0, _LATER[code] if wish is None else wish)
    return IntegrationError(
        code, answer.sample, retry_after=wait, status=status, what=what, host=_host(answer.url)
    )


def busy(what: str) -> IntegrationError:
    """The model did not answer in time: it is loading, importing or exporting."""
    later = suggest_later(0, BUSY_SECONDS)
    return IntegrationError("anaplan_model_busy", "no answer in time", retry_after=later, what=what)


def check_workspace_id(given: str) -> None:
    """Raise unless this can be a workspace id: letters in the wrong case are named as such."""
    _check_id(given, "workspace", given.lower(), "32 digits and lower-case letters")


def check_model_id(given: str) -> None:
    """Raise unless this can be a model id: letters in the wrong case are named as such."""
    _check_id(given, "model", given.upper(), "32 digits and UPPER-case letters")


def check_object_id(given: str) -> None:
    """Raise unless this can be the id of an object of a model; keeps paths free of surprises."""
    if not _PLAIN_ID.fullmatch(given):
        raise IntegrationError(
            "anaplan_id_malformed", given=given[:64], object="model object", form="12 digits"
        )


def _check_id(given: str, kind: str, wanted: str, form: str) -> None:
    if _HEX_32.fullmatch(given) and given != wanted:
        raise IntegrationError("anaplan_id_wrong_case", given=given, wanted=wanted, object=kind)
    if not _PLAIN_ID.fullmatch(given):
        raise IntegrationError("anaplan_id_malformed", given=given[:64], object=kind, form=form)


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0].split("?", 1)[0] if "//" in url else ""
