"""A stand-in of an OpenID provider: a real server that can be told to do wrong in one way."""

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "ml-connector"
SECRET = "a secret / with signs+"
KEY_NAME = "key-1"
_QUESTION = """<!doctype html><html lang="en"><title>The provider</title>
<link rel="icon" href="data:,"><h1>The provider</h1>
<p><a href="{yes}">Continue as {email}</a> <a href="{no}">Cancel</a></p></html>"""


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Return the key of that name, made at its first use."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> bytes:
    """Return the public key as everybody may have it."""
    return (
        private_key(KEY_NAME)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _encode(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Issuer:
    """What the provider says; tests change it before a sign-in.

    `claims` overwrite the right ones, None takes one away; `sign` makes the token; `document`
    overwrites the discovery document; `answer_token` answers in place of the token endpoint.
    One that `asks` shows the person a page with both ways back, and leads nowhere by itself.
    """

    email: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    sign: Any = None
    answer_token: tuple[int, dict[str, str], bytes] | None = None
    asks: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"issuer": self})
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The issuer."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "authorization_response_iss_parameter_supported": True,
            **self.document,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Sign the person in without asking, and return where the browser goes back to."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        given = {"code": code, "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(given)}"

    def decline(self, query: dict[str, str]) -> str:
        """Return where the browser goes back to when the person does not want to."""
        given = {"error": "access_denied", "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(given)}"

    def ask(self, query: dict[str, str]) -> bytes:
        """Return the page that asks the person."""
        return _QUESTION.format(
            email=self.email, yes=escape(self.authorize(query)), no=escape(self.decline(query))
        ).encode()

    def redeem(self, form: dict[str, str], header: str) -> tuple[int, dict[str, Any]]:
        """Change a code for an ID token, as strictly as a good provider does."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        pair = f"{CLIENT_ID}:a+secret+%2F+with+signs%2B".encode()
        is_known = header == f"Basic {base64.b64encode(pair).decode()}"
        if asked is None or not is_known or _encode(digest) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "person-1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return 200, {"id_token": (self.sign or signed)(kept), "token_type": "Bearer"}


def signed(claims: dict[str, Any], *, key: str = KEY_NAME, kid: str = KEY_NAME) -> str:
    """Return the claims as a token signed by a key."""
    return jwt.encode(claims, private_key(key), algorithm="RS256", headers={"kid": kid})


def unsigned(claims: dict[str, Any]) -> str:
    """Return a token that says of itself that it needs no signature."""
    return f"{_encode({'alg': 'none', 'typ': 'JWT', 'kid': KEY_NAME})}.{_encode(claims)}."


def signed_by_the_public_key(claims: dict[str, Any]) -> str:
    """Return a token signed by HS256, with the public key as the shared secret."""
    head = _encode({"alg": "HS256", "typ": "JWT", "kid": KEY_NAME})
    body = f"{head}.{_encode(claims)}"
    return f"{body}.{_encode(hmac.digest(public_pem(), body.encode(), 'sha256'))}"


def signed_by_the_secret(claims: dict[str, Any]) -> str:
    """Return a token signed by HS256 with the client's secret."""
    return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": KEY_NAME})


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        self.issuer.asked.append(("GET", place.path))
        if place.path == "/.well-known/openid-configuration":
            self._json(200, self.issuer.discovery())
        elif place.path == "/keys":
            key = RSAAlgorithm.to_jwk(private_key(KEY_NAME).public_key(), as_dict=True)
            self._json(200, {"keys": [{**key, "kid": KEY_NAME, "use": "sig"}]})
        elif place.path == "/authorize":
            self._authorize(dict(parse_qsl(place.query)))
        else:
            self._json(404, {})

    def _authorize(self, query: dict[str, str]) -> None:
        if self.issuer.asks:
            self._send(200, {"Content-Type": "text/html"}, self.issuer.ask(query))
        else:
            self._send(302, {"Location": self.issuer.authorize(query)}, b"")

    def do_POST(self) -> None:
        self.issuer.asked.append(("POST", self.path))
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.issuer.answer_token:
            self._send(*self.issuer.answer_token)
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self.issuer.redeem(form, self.headers.get("Authorization", "")))

    def _json(self, status: int, value: Any) -> None:
        self._send(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
