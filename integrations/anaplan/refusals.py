"""Gives the refusals of Anaplan's two sign-in services their names."""

from urllib.parse import urlsplit

from integrations.anaplan.failures import name_failure
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.retry import suggest_later
from integrations.transport.tokens import SignInRefused

WHAT = "sign in to Anaplan"

# What an `error` of RFC 6749 and RFC 8628 means; `invalid_grant` depends on what was shown.
_BY_WORD = {
    "access_denied": "anaplan_access_denied",
    "expired_token": "anaplan_device_code_ended",
    "invalid_client": "anaplan_client_unknown",
    "invalid_request": "anaplan_oauth_refused",
    "invalid_scope": "anaplan_oauth_refused",
    "unauthorized_client": "anaplan_client_wrong_kind",
    "unsupported_grant_type": "anaplan_oauth_refused",
}
_REFUSED = frozenset({400, 401, 403})
_TROUBLE = frozenset({"server_error", "slow_down", "temporarily_unavailable"})


def name_token_refusal(answer: Answer, bad_credential: str) -> IntegrationError:
    """The error for an answer of the token service; its body may hold secrets and is not kept.

    Anaplan says 401 for whatever is wrong with the secret: `bad_credential` names it.
    """
    detail = f"HTTP {answer.status}"
    if answer.status == 400:
        return SignInRefused("anaplan_sign_in_malformed", detail)
    if answer.status == 401:
        return SignInRefused(bad_credential, detail)
    if answer.status == 403:
        return SignInRefused("anaplan_source_refused", detail, host=_host(answer))
    return name_other(answer)


def name_oauth_refusal(
    answer: Answer, word: str, *, bad_grant: str, client: str
) -> IntegrationError:
    """The error for an answer of the OAuth2 service that is no success, by its `error`.

    `bad_grant` is what `invalid_grant` means for what was shown. Only a word that RFC 6749 or
    RFC 8628 has for a refusal, with the number of one, says that the sign-in is not taken: what
    an outage answers, or a gateway before the service, refuses nobody.
    """
    if not word or answer.status not in _REFUSED:
        return name_other(answer)
    said = f"HTTP {answer.status} {word[:40]}"
    if word in _TROUBLE:
        later = suggest_later(1, answer.retry_after)
        return IntegrationError(
            "anaplan_error", said, retry_after=later, status=answer.status, what=WHAT
        )
    code = {**_BY_WORD, "invalid_grant": bad_grant}.get(word)
    if code is None:
        return IntegrationError("anaplan_oauth_refused", said, word=word[:40])
    return SignInRefused(code, said, client=client, word=word[:40])


def name_other(answer: Answer) -> IntegrationError:
    """The error for an answer that is no refusal of the secret: a wrong host, or trouble."""
    if answer.status in {404, 405}:
        path = urlsplit(answer.url).path
        return IntegrationError("anaplan_wrong_host", host=_host(answer), path=path)
    bare = Answer(answer.status, answer.headers, b"", answer.url, answer.elapsed)
    return name_failure(bare, WHAT)


def _host(answer: Answer) -> str:
    return urlsplit(answer.url).netloc
