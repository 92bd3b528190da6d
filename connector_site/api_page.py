"""The reference of the REST API for people: the OpenAPI document as a page, without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations.api.schema import schema


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a call, or one field of a body."""

    name: str
    place: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be called."""

    method: str
    path: str
    title: str
    words: str
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    example: str

    @property
    def name(self) -> str:
        """What the page's anchors are called."""
        return self.title.lower().replace(" ", "-")


@login_not_required
@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    """Show every call with what it takes and answers."""
    return render(request, "api_reference.html", {"operations": _operations()})


@cache
def _operations() -> list[Operation]:
    return [
        _operation(method, path, found)
        for path, methods in schema()["paths"].items()
        for method, found in methods.items()
    ]


def _operation(method: str, path: str, found: dict[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        title=found["summary"],
        words=_plain(found["description"]),
        fields=(*map(_parameter, found.get("parameters", ())), *_body_fields(found)),
        answers=tuple(
            (status, answer["description"] or "It worked.")
            for status, answer in found["responses"].items()
        ),
        example=_example(method.upper(), path),
    )


def _parameter(found: dict[str, Any]) -> Field:
    return Field(
        found["name"],
        found["in"],
        _kind(found["schema"]),
        found.get("required", False),
        _plain(found.get("description", "")),
    )


def _body_fields(found: dict[str, Any]) -> Iterator[Field]:
    for content in found.get("requestBody", {}).get("content", {}).values():
        body = schema()["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
        for name, field in body["properties"].items():
            is_required = name in body.get("required", ())
            words = _plain(field.get("description", ""))
            yield Field(name, "body", _kind(field), is_required, words)


def _kind(found: dict[str, Any]) -> str:
    """Say what a value is: "integer, 1 to 200", "one of active, queued", "list of integer"."""
    if "enum" in found:
        return f"one of {', '.join(map(str, found['enum']))}"
    if found.get("type") == "array":
        return f"list of {_kind(found['items'])}"
    kind = str(found.get("type", "text")).replace("string", "text")
    if "maximum" in found:
        return f"{kind}, {found.get('minimum', 0)} to {found['maximum']}"
    return f"{kind}, up to {found['maxLength']} characters" if "maxLength" in found else kind


def _plain(words: str) -> str:
    """Leave the marks of code away, which a page shows as they are."""
    return words.replace("`", "")


def _example(method: str, path: str) -> str:
    address = settings.PUBLIC_ORIGIN + path.replace("{run_id}", "42")
    lines = [f'curl "{address}"', '--header "Authorization: Bearer $KEY"']
    if method == "POST":
        lines += [
            '--header "Content-Type: application/json"',
            '--header "Idempotency-Key: $(uuidgen)"',
            """--data '{"sync": "GL balances", "periods": [202611]}'""",
        ]
    return " \\\n  ".join(lines)
