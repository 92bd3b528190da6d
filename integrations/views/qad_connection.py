"""Connecting a QAD and changing how: one form, which helps to fill itself in."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.throttles import LOOKS_AN_ORGANIZATION, take
from accounts.views.refusals import sentence
from integrations.forms.qad import SECRETS, QadForm
from integrations.services import qad_connection as service
from integrations.services.qad_connection import Saved


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out for somebody who fills in the form; nothing is saved by it.

    `about` is the field that it belongs to. `roots` are addresses at which a QAD answers, None
    where nobody looked.
    """

    about: str
    roots: list[str] | None = None
    client_id: str = ""
    problem: str = ""


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
@asks_outside
def connect_qad(request: OrganizationRequest) -> HttpResponse:
    """Show the form of a new connection, help with it, and save it."""
    require(request, Right.CONNECT)
    return _serve(request, None)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
@asks_outside
def change_qad(request: OrganizationRequest, qad_id: int) -> HttpResponse:
    """Show how a connection is set, help with it, and change it."""
    require(request, Right.CONNECT)
    return _serve(request, service.find_saved(request.organization, qad_id))


def _serve(request: OrganizationRequest, saved: Saved | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, saved, _form(saved, initial=_fields_of(saved)))
    if "take" in request.POST or request.POST.get("do", "save") != "save":
        return _help(request, saved)
    form = _form(saved, request.POST)
    if not form.is_valid():
        return _page(request, saved, form)
    try:
        number = _save(request, saved, form)
    except Refused as refused:
        form.show_refusal(refused.code, sentence(refused))
        return _page(request, saved, form)
    messages.success(request, f"{form.cleaned_data['name']} is saved.")
    if form.advice.note:
        messages.info(request, form.advice.note)
    if saved:
        return redirect("connection", request.organization.slug, number)
    return redirect("qad_workspace", request.organization.slug, number)


def _save(request: OrganizationRequest, saved: Saved | None, form: QadForm) -> int:
    given = {
        "organization": request.organization,
        "name": form.cleaned_data["name"],
        "tenant_url": form.cleaned_data["tenant_url"],
        "way_in": form.way_in,
    }
    if saved is None:
        return service.connect_qad(**given).pk
    return service.change_qad(connection_id=saved.number, **given).pk


def _help(request: OrganizationRequest, saved: Saved | None) -> HttpResponse:
    """Show the form as it was filled in, but for secrets, with what was found out for it."""
    given = {name: request.POST.get(name, "") for name in QadForm.base_fields}
    given["tenant_url"] = request.POST.get("take", given["tenant_url"])
    password = given.pop("password")
    given.pop("token")
    asked = request.POST.get("do", "")
    answer = None
    try:
        if asked == "look":
            _count_look(request)
            answer = Answer("tenant_url", roots=service.find_roots(given["tenant_url"]))
        elif asked == "find":
            _count_look(request)
            found = service.find_client_id(given["tenant_url"], given["user"], password)
            given["client_id"] = found
            answer = Answer("client_id", client_id=found)
    except Refused as refused:
        answer = Answer("tenant_url" if asked == "look" else "client_id", problem=sentence(refused))
    form = _form(saved, initial=given)
    form.advice = service.advise(given["tenant_url"])
    return _page(request, saved, form, answer)


def _count_look(request: OrganizationRequest) -> None:
    """Let nobody try addresses or passwords at servers of others through this one."""
    if wait := take(LOOKS_AN_ORGANIZATION, str(request.organization.pk)).wait:
        raise Refused("too_many_looks", seconds=wait)


def _form(saved: Saved | None, *arguments: Any, **keywords: Any) -> QadForm:
    if saved is None:
        return QadForm(*arguments, **keywords)
    own = {"stored": saved.secret_name, "login_path": saved.login_path}
    return QadForm(*arguments, **own, **keywords)


def _fields_of(saved: Saved | None) -> dict[str, str]:
    if saved is None:
        return {"mode": "oauth2_password"}
    names = ("name", "tenant_url", "mode", "user", "client_id", "login_path")
    return {name: getattr(saved, name) for name in names}


def _page(
    request: OrganizationRequest, saved: Saved | None, form: QadForm, answer: Answer | None = None
) -> HttpResponse:
    context = {"form": form, "saved": saved, "answer": answer}
    status = 422 if form.errors else 200
    return render(request, "integrations/qad_connection.html", context, status=status)
