"""What an OpenID provider proves of a person: found, asked and checked through the egress session.

It follows OpenID Connect Core and Discovery for the code flow with PKCE, and RFC 9207.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt

from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession

# Signed by a key that the provider alone has: no "none", and none by a shared secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
CLOCK_SECONDS = 60
READ_SECONDS = 10.0
LARGEST_ANSWER = 512 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """How ml-connector is known at a provider."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself in its discovery document."""

    issuer: str
    authorization: str
    token: str
    keys: str
    takes_basic: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Riddle:
    """Chance that ties an answer to the browser and to the sign-in that it began."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Riddle":
        """Return 256 bits of chance for each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


def discover(session: EgressSession, issuer: str) -> Provider:
    """Return what the provider at an issuer says of itself.

    Raises `provider_refused`, `provider_unreadable`, `issuer_differs` and codes of the network.
    """
    step = "the discovery document"
    url = f"{issuer}/.well-known/openid-configuration"
    found = _fields(_ask(session, "GET", url, step), step)
    named = _text(found, "issuer", step)
    if named.rstrip("/") != issuer:
        raise IntegrationError("issuer_differs", host=_host(issuer))
    authorization, token, keys = (
        _text(found, name, step)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    for place in (authorization, token, keys):
        session.policy.check_url(place)
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    takes_basic = isinstance(ways, list) and "client_secret_basic" in ways
    names_itself = found.get("authorization_response_iss_parameter_supported") is True
    return Provider(named, authorization, token, keys, takes_basic, names_itself)


def sign_in_url(provider: Provider, client: Client, riddle: Riddle) -> str:
    """Return where the browser is sent."""
    digest = hashlib.sha256(riddle.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "scope": "openid email",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "state": riddle.state,
        "nonce": riddle.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in provider.authorization else "?"
    return f"{provider.authorization}{joint}{urlencode(asked)}"


def redeem(
    session: EgressSession, provider: Provider, client: Client, riddle: Riddle, code: str
) -> str:
    """Change a code for the ID token; each code is offered once and never again."""
    session.hide(client.secret, code, riddle.verifier)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": riddle.verifier,
    }
    header = None
    if provider.takes_basic:
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        header = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client.client_id, "client_secret": client.secret}
    step = "the ID token"
    answer = _ask(session, "POST", provider.token, step, form=form, auth_header=header)
    return _text(_fields(answer, step), "id_token", step)


def read_token(
    session: EgressSession, provider: Provider, client: Client, riddle: Riddle, token: str
) -> dict[str, Any]:
    """Return the claims of an ID token that is whole, fresh, the provider's and for this sign-in.

    Raises `id_token_invalid` with the reason.
    """
    step = "the signing keys"
    published = _fields(_ask(session, "GET", provider.keys, step), step)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_of(token, published),
            algorithms=list(ALGORITHMS),
            audience=client.client_id,
            issuer=provider.issuer,
            leeway=CLOCK_SECONDS,
            options={"require": list(REQUIRED)},
        )
    except jwt.PyJWTError as error:
        raise _invalid(_reason_of(error)) from error
    if claims.get("azp", client.client_id) != client.client_id:
        raise _invalid("it was given to another client")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise _invalid("it is for several clients and names none as its own")
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), riddle.nonce.encode()):
        raise _invalid("it belongs to another sign-in")
    return claims


def _key_of(token: str, published: Mapping[str, Any]) -> jwt.PyJWK:
    """Return the one key that the token names, or the only one; never a shared secret."""
    name = jwt.get_unverified_header(token).get("kid")
    entries = published.get("keys")
    entries = entries if isinstance(entries, list) else []
    fitting = [
        entry
        for entry in entries
        if isinstance(entry, dict)
        and entry.get("kty") in ("RSA", "EC", "OKP")
        and entry.get("use", "sig") == "sig"
        and (name is None or entry.get("kid") == name)
    ]
    if len(fitting) != 1:
        raise _invalid("the provider publishes no such key")
    return jwt.PyJWK.from_dict(fitting[0])


_REASONS: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is of a later time",
    jwt.InvalidAudienceError: "it is for another client",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidAlgorithmError: "it is not signed by a key of the provider",
    jwt.InvalidSignatureError: "its signature does not hold",
}


def _reason_of(error: jwt.PyJWTError) -> str:
    return _REASONS.get(type(error), "it cannot be read or lacks a claim")


def _ask(
    session: EgressSession,
    method: str,
    url: str,
    step: str,
    *,
    form: Mapping[str, str] | None = None,
    auth_header: str | None = None,
) -> Answer:
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else None
    answer = session.request(
        method,
        url,
        headers=kind,
        data=urlencode(form).encode() if form else None,
        auth_header=auth_header,
        read_timeout=READ_SECONDS,
        repeatable=False,
        max_bytes=LARGEST_ANSWER,
        tries=1,
    )
    if answer.status != 200:
        raise IntegrationError(
            "provider_refused", answer.sample, host=_host(url), status=answer.status, step=step
        )
    return answer


def _fields(answer: Answer, step: str) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise IntegrationError("provider_unreadable", step=step, name="object")
    return found


def _text(found: Mapping[str, Any], name: str, step: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise IntegrationError("provider_unreadable", step=step, name=name)
    return value


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _invalid(reason: str) -> IntegrationError:
    return IntegrationError("id_token_invalid", reason=reason)
