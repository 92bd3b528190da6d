"""Pages for what went wrong: what happened, what to do, and a reference to quote."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says: the case, its meaning and what the reader can do."""

    title: str
    meaning: str
    action: str


BAD_REQUEST = Words(
    "The request could not be read",
    "The browser sent something that this page does not understand. Nothing was changed.",
    "Go back, load the page again and repeat the step.",
)
FORBIDDEN = Words(
    "Not allowed",
    "Your role does not include this step. Nothing was changed.",
    "Ask an owner or admin of your organization to do it or to change your role.",
)
STALE_FORM = Words(
    "The form has expired",
    "The page was open for too long, or cookies are switched off. Nothing was changed.",
    "Load the page again and repeat the step.",
)
NOT_FOUND = Words(
    "There is no such page",
    "The address is wrong, the thing was removed, or it belongs to an organization that you "
    "are not a member of.",
    "Check the address, or start from the home page.",
)
NOT_ALLOWED = Words(
    "This address is not a page",
    "It only takes what a form sends. Nothing was changed.",
    "Go back to the page with the form, or start from the home page.",
)
OWN_SIGN_IN_NEEDED = Words(
    "Sign in with your password for this",
    "You signed in through your organization. That opens the organization, and neither your own "
    "account nor anything else. Nothing was changed.",
    "Sign out, then sign in with your e-mail address and password or with a passkey.",
)
TOO_MANY_TRIES = Words(
    "Too many tries",
    "There were too many wrong passwords for this account or from this address. The password "
    "stays as it is, and nobody was signed in.",
    "Try again in {wait}.",
)
TOO_MANY_REQUESTS = Words(
    "Too many tries",
    "This step was asked for too often from here. Nothing was changed.",
    "Wait a few minutes, then try again.",
)
MAIL_NOT_SENT = Words(
    "The mail could not be sent",
    "The mail server does not take mail at the moment, so the code could not be sent to you.",
    "Try again in a few minutes.",
)
FAILURE = Words(
    "Unexpected failure",
    "ml-connector met a case it does not know. The step was stopped and its changes were taken "
    "back. Runs that are under way go on by themselves.",
    "Try again. If it happens again, send the reference to support.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return _page(request, 400, BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403, with the sentence of the refusal where there is one."""
    words = FORBIDDEN
    if sentence := str(exception):
        words = Words(words.title, sentence, words.action)
    return _page(request, 403, words)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer 403 to a form without a valid token."""
    return _page(request, 403, STALE_FORM)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return _page(request, 404, NOT_FOUND)


def not_allowed(request: HttpRequest, methods: str) -> HttpResponse:
    """Answer 405 with the methods that the address takes."""
    answer = _page(request, 405, NOT_ALLOWED)
    answer["Allow"] = methods
    return answer


def own_sign_in_needed(request: HttpRequest) -> HttpResponse:
    """Answer 403 to a session that an organization's own sign-in has opened."""
    return _page(request, 403, OWN_SIGN_IN_NEEDED)


def too_many_tries(request: HttpRequest, seconds: int) -> HttpResponse:
    """Answer 429 and tell when the next try is taken."""
    minutes = -(-seconds // 60)
    wait = f"{minutes} minutes" if minutes > 1 else f"{seconds} seconds"
    words = TOO_MANY_TRIES
    words = Words(words.title, words.meaning, words.action.format(wait=wait))
    answer = _page(request, 429, words)
    answer["Retry-After"] = str(seconds)
    return answer


def too_many_requests(request: HttpRequest, seconds: int = 300) -> HttpResponse:
    """Answer 429 to a step of sign-up or sign-in that was asked for too often."""
    answer = _page(request, 429, TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(seconds)
    return answer


def mail_not_sent(request: HttpRequest) -> HttpResponse:
    """Answer 503 where a step needs a mail that the server did not take."""
    return _page(request, 503, MAIL_NOT_SENT)


def failure(request: HttpRequest) -> HttpResponse:
    """Answer 500 without asking the database for anything."""
    return _page(request, 500, FAILURE)


def _page(request: HttpRequest, status: int, words: Words) -> HttpResponse:
    context = {
        "status": status,
        "words": words,
        "reference": getattr(request, "id", ""),
        "theme": getattr(request, "theme", "system"),
    }
    return render(None, "error.html", context, status=status)
