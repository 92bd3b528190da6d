"""Gives QAD's refusals their names: a bad path, a lost sign-in, a page where data should be."""

from dataclasses import dataclass
from typing import Any

from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.retry import suggest_later

BUSY_SECONDS = 20.0
LOOKED_AT = 4000


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of QAD, for the words of an error."""

    base: str
    path: str
    document: str
    workspace: str
    user: str
    mode: str


def is_signed_out(answer: Answer) -> bool:
    """Whether QAD wants a sign-in: by 401, by its sign-in page, or by a redirect to it."""
    if answer.status == 401:
        return True
    if 300 <= answer.status < 400:
        return "login" in answer.headers.get("location", "").lower()
    return answer.status == 200 and answer.is_html and _is_login_page(answer.body)


def name_failure(answer: Answer, asked: Asked, *, is_base_right: bool) -> IntegrationError | None:
    """The error for an answer to a list call; None when it may hold rows."""
    status = answer.status
    if status == 401:
        return IntegrationError("qad_unauthorized", answer.sample, mode=asked.mode)
    if is_signed_out(answer):
        return IntegrationError("qad_not_logged_in", answer.sample)
    if 300 <= status < 400:
        return _redirect(answer)
    if status == 404:
        return _not_found(answer, asked, is_base_right=is_base_right)
    if 200 <= status < 300:
        return _not_data(answer, asked)
    return _refusal(answer, asked)


def _refusal(answer: Answer, asked: Asked) -> IntegrationError:
    facts: dict[str, Any] = {"path": asked.path, "status": answer.status}
    if answer.status == 403:
        who: dict[str, Any] = {"user": asked.user, "workspace": asked.workspace or "(default)"}
        is_about_workspace = b"workspace" in answer.body[:LOOKED_AT].lower()
        code = "qad_unknown_workspace" if is_about_workspace else "qad_forbidden"
        return IntegrationError(code, answer.sample, path=asked.path, **who)
    if answer.status == 405:
        return IntegrationError("qad_not_readable", answer.sample, path=asked.path)
    if answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):
        wish = answer.retry_after
        later = suggest_later(0, BUSY_SECONDS if wish is None else wish)
        return IntegrationError("qad_busy", answer.sample, retry_after=later, **facts)
    if answer.status >= 500:
        later = suggest_later(1, answer.retry_after)
        return IntegrationError("qad_error", answer.sample, retry_after=later, **facts)
    return IntegrationError("qad_bad_request", answer.sample, **facts)


def _not_data(answer: Answer, asked: Asked) -> IntegrationError | None:
    if not answer.body.strip():
        kind = "an empty body"
    elif answer.is_html:
        kind = answer.content_type or "a page of HTML"
    else:
        return None
    return IntegrationError("qad_not_json", answer.sample, path=asked.path, content_type=kind)


def _not_found(answer: Answer, asked: Asked, *, is_base_right: bool) -> IntegrationError:
    if not is_base_right:
        return IntegrationError("qad_wrong_base", answer.sample, base=asked.base)
    return IntegrationError(
        "qad_path_not_found", answer.sample, path=asked.path, document=asked.document
    )


def _redirect(answer: Answer) -> IntegrationError:
    target = answer.headers.get("location", "").split("?", 1)[0]
    return IntegrationError(
        "redirect_refused", answer.sample, host=_host(answer.url), target=target[:120] or "nowhere"
    )


def _is_login_page(body: bytes) -> bool:
    text = body[:LOOKED_AT].lower()
    return b'type="password"' in text or b"login" in text or b"log in" in text


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0]
