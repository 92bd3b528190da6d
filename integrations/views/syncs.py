"""Syncs: the list, and the editor that finds everything by name."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from audit.tenancy import tenant
from integrations.forms.sync_policies import policy_answers
from integrations.forms.syncs import SyncForm
from integrations.selectors.syncs import SyncChoices, get_sync, list_choices, list_sync_lines
from integrations.services import sync_editing, sync_looking
from integrations.services.asking import soon
from integrations.services.previewing import preview_sync
from integrations.services.sync_conventions import as_answers

_ACTIONS = ("import_name", "process_name", "export_name")
_ASKED = ("data_set", "target", "export_name")
"""What a link to the form of a new sync may fill in."""


@require_safe
def sync_list(request: OrganizationRequest) -> HttpResponse:
    """Show what is loaded where, and what stops it."""
    lines = list_sync_lines(request.organization)
    return render(request, "integrations/sync_list.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@asks_outside
def edit_sync(request: OrganizationRequest, sync_id: int | None = None) -> HttpResponse:
    """Offer what the connections offer; save where that was asked for.

    A POST without "save" shows the form anew, for what was chosen in it.
    """
    require(request, Right.CONNECT)
    if request.method != "POST":
        with tenant(request.organization.pk):
            return _show(request, sync_id)
    with tenant(request.organization.pk):
        _find(request, sync_id)
    until = soon()
    _look(request, sync_id, until)
    if "preview" in request.POST:
        return _preview(request, sync_id, until)
    with tenant(request.organization.pk):
        return _save(request, sync_id) if "save" in request.POST else _show(request, sync_id)


def _look(request: OrganizationRequest, sync_id: int | None, until: float) -> None:
    """Ask QAD and Anaplan for what is not known yet, or was asked for too long ago."""
    refusals = sync_looking.look(
        organization=request.organization,
        source=request.POST.get("source", ""),
        target=request.POST.get("target", ""),
        names=[request.POST.get(name, "") for name in _ACTIONS],
        again="again" in request.POST,
        sync_id=sync_id,
        until=until,
    )
    for refused in refusals:
        tell_refusal(request, refused)


def _find(request: OrganizationRequest, sync_id: int | None) -> Any:
    return get_sync(request.organization, sync_id) if sync_id is not None else None


def _show(request: OrganizationRequest, sync_id: int | None) -> HttpResponse:
    sync = _find(request, sync_id)
    asked = {name: request.GET[name] for name in _ASKED if name in request.GET}
    values = _typed(request.POST) if request.method == "POST" else _stored(sync) or asked
    if values.get("data_set_of", values.get("data_set")) != values.get("data_set"):
        # What was chosen for another data set says nothing about this one.
        values |= {"export_name": "", "columns_of": ""}
    choices = list_choices(request.organization, values, sync)
    if sync is None:
        values = {**_only(choices), **{name: value for name, value in values.items() if value}}
        choices = list_choices(request.organization, values, sync)
    initial = {
        **as_answers(choices.conventions, choices.data_set),
        **values,
        **_columns(values, choices, sync),
    }
    return _page(request, sync, SyncForm(choices, initial=initial))


def _save(request: OrganizationRequest, sync_id: int | None) -> HttpResponse:
    sync, form = _filled(request, sync_id)
    if form.is_valid():
        try:
            saved = sync_editing.set_sync(
                organization=request.organization, sync_id=sync_id, wish=form.wish()
            )
        except Refused as refused:
            form.show_refusal(refused.code, refused.facts, sentence(refused))
        else:
            messages.success(request, f"{saved.name} is saved. Start a run to try it.")
            return redirect("sync_list", request.organization.slug)
    return _page(request, sync, form)


def _preview(request: OrganizationRequest, sync_id: int | None, until: float) -> HttpResponse:
    """Show what would be loaded, outside any transaction, and save nothing."""
    organization, found = request.organization, None
    with tenant(organization.pk):
        sync, form = _filled(request, sync_id)
        is_valid = form.is_valid()
    if is_valid:
        try:
            draft, catalogue = sync_editing.draft_sync(
                organization=organization, sync_id=sync_id, wish=form.wish()
            )
            found = preview_sync(
                organization=organization, sync=draft, found=catalogue, until=until
            )
        except Refused as refused:
            form.show_refusal(refused.code, refused.facts, sentence(refused))
    with tenant(organization.pk):
        return _page(request, sync, form, preview=found)


def _filled(request: OrganizationRequest, sync_id: int | None) -> tuple[Any, SyncForm]:
    sync = _find(request, sync_id)
    choices = list_choices(request.organization, _typed(request.POST), sync)
    return sync, SyncForm(choices, request.POST)


def _page(
    request: OrganizationRequest, sync: Any, form: SyncForm, *, preview: Any = None
) -> HttpResponse:
    context = {"form": form, "choices": form.choices, "sync": sync, "preview": preview}
    status = 422 if form.errors else 200
    return render(request, "integrations/sync_form.html", context, status=status)


def _typed(data: QueryDict) -> dict[str, Any]:
    return {**data.dict(), "entities": data.getlist("entities")}


def _stored(sync: Any) -> dict[str, Any]:
    if sync is None:
        return {}
    prompts = [f"{prompt['entityType']}: {prompt['entityName']}" for prompt in sync.parameters]
    return {
        "name": sync.name,
        "data_set": sync.data_set,
        "source": str(sync.source_id),
        "target": str(sync.target_id),
        "entities": [f"{place['domain']}|{place['entity']}" for place in sync.entities],
        "import_name": sync.import_name,
        "export_name": sync.export_name,
        "process_name": sync.process_name,
        "sends_all": sync.sends_all,
        "balance_gate": sync.balance_gate,
        "unmapped_policy": sync.unmapped_policy,
        **{f"suspense_{name}": member for name, member in sync.suspense_members.items()},
        "prompts": "\n".join(prompts),
        **policy_answers(sync.policies),
    }


def _only(choices: SyncChoices) -> dict[str, str]:
    """Choose for the person where there is one connection only."""
    pairs = (("source", choices.sources), ("target", choices.targets))
    return {name: offered[0][0] for name, offered in pairs if len(offered) == 1}


def _columns(values: Mapping[str, Any], choices: SyncChoices, sync: Any) -> dict[str, str]:
    """Return what the columns hold: as typed for the same import, as saved, or as guessed."""
    if values.get("columns_of", "") == values.get("import_name") != "":
        return {}
    bound = {**sync.bindings, **sync.export_bindings} if sync is not None else {}
    bound = {**(choices.guesses or {}), **bound}
    filled: dict[str, str] = {}
    for number, header in enumerate(choices.headers or ()):
        binding = bound.get(header, "")
        filled[f"column_{number}"] = "=" if binding[:1] == "=" else binding
        filled[f"constant_{number}"] = binding[1:] if binding[:1] == "=" else ""
    for number, header in enumerate(choices.export_headers):
        filled[f"back_{number}"] = bound.get(header, "")
    return filled
