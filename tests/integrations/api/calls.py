"""Calls of the REST API over Django's client: a program with a key."""

from typing import Any

from django.test import Client

from accounts.api_keys import KeyText, Scope
from accounts.models import Role
from tests.accounts.keys import make_key
from tests.accounts.people import Cast


class Program:
    """Whoever calls with a key; `call` returns the answer with its JSON in `.json()`."""

    def __init__(self, key: KeyText | None, address: str = "192.0.2.50") -> None:
        self.key = key
        self.client = Client(REMOTE_ADDR=address, raise_request_exception=False)

    def call(self, path: str, method: str = "get", headers: Any = None, **options: Any) -> Any:
        """Call a path below /api/v1/."""
        sent = {"Authorization": f"Bearer {self.key.text}"} if self.key else {}
        if "json" in options:
            options |= {"data": options.pop("json"), "content_type": "application/json"}
        do = getattr(self.client, method)
        return do(f"/api/v1/{path}", headers={**sent, **(headers or {})}, **options)


def program_of(
    cast: Cast, *scopes: Scope, role: Role = Role.OWNER, address: str = "192.0.2.50", **options: Any
) -> Program:
    """Return a program with a new key of the member with a role."""
    _, key = make_key(cast.organization, cast.member(role), *scopes, role=role, **options)
    return Program(key, address)


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem document of an answer; its form is checked."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {
        "type", "title", "status", "detail", "code", "fields", "request_id",
    }  # fmt: skip
    assert problem["status"] == status
    assert problem["type"] == f"http://127.0.0.1:8000/errors/#{code}"
    assert problem["request_id"] == answer["X-Request-ID"]
    assert "{" not in problem["detail"]
    return problem
