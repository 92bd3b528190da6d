"""The form of one key of the mapping: who takes it, by which parts, and in which periods."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from integrations.forms.mapping_grid import dimension_of
from integrations.forms.mapping_rule import (
    PARTS_AT_MOST,
    RemoveKeyForm,
    RuleKeyForm,
    RulePartsForm,
    initial_of,
)
from integrations.selectors.mapping_rule import RuleView, name_key, read_rule
from integrations.services.mapping_rules import change_rule

CHANGED_MEANWHILE, WRONG = 412, 422


@require_http_methods(["GET", "HEAD", "POST"])
def mapping_rule(request: OrganizationRequest) -> HttpResponse:
    """Show the form of the key that the address names, or ask for one; save it into the draft."""
    if request.method == "POST":
        require(request, Right.MAP)
    is_asked = "dimension" in request.GET and ("code" in request.GET or "kind" in request.GET)
    is_begun = request.GET.get("kind") in ("prefix", "range") and "code" not in request.GET
    if not is_asked or is_begun:
        given = {"dimension": dimension_of(""), **request.GET.dict()}
        return _page(request, RuleKeyForm(initial=given))
    key_form = RuleKeyForm(request.GET)
    if not key_form.is_valid():
        return _page(request, key_form)
    rule = read_rule(request.organization, key_form.key)
    if request.method == "POST":
        return _change(request, key_form, rule)
    rows = min(PARTS_AT_MOST, max(2, len(rule.newest)))
    form = RulePartsForm(rule, rows, _members_url(request), initial=initial_of(rule))
    return _page(request, key_form, rule, form)


def _change(request: OrganizationRequest, key_form: RuleKeyForm, rule: RuleView) -> HttpResponse:
    asked = request.POST
    if "remove" in asked:
        return _remove(request, rule)
    rows = min(PARTS_AT_MOST, sum(name.startswith("member_") for name in asked))
    if "more" in asked:
        more = min(PARTS_AT_MOST, rows + 1)
        form = RulePartsForm(rule, more, _members_url(request), initial=asked.dict())
        return _page(request, key_form, rule, form)
    form = RulePartsForm(rule, rows, _members_url(request), asked)
    if not form.is_valid():
        return _page(request, key_form, rule, form, status=WRONG)
    try:
        change_rule(
            organization=request.organization,
            key=rule.key,
            members=form.cleaned_data["members"],
            between=form.between,
            seen=form.seen_parts,
            requested_by=request.user.email,
        )
    except Refused as refused:
        return _refused(request, key_form, rule, form, refused)
    messages.success(request, f"{name_key(rule.key)} is changed in the draft.")
    return redirect(_url(request, rule))


def _remove(request: OrganizationRequest, rule: RuleView) -> HttpResponse:
    """Leave the key without a rule in the draft."""
    try:
        change_rule(
            organization=request.organization,
            key=rule.key,
            members=(),
            between=None,
            seen=RemoveKeyForm(request.POST).seen_parts,
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{name_key(rule.key)} has no rule in the draft any more.")
    return redirect(_url(request, rule))


def _refused(
    request: OrganizationRequest,
    key_form: RuleKeyForm,
    rule: RuleView,
    form: RulePartsForm,
    refused: Refused,
) -> HttpResponse:
    """Show what was wanted beside what is there; saving again puts it in its place."""
    if refused.code != "mapping_changed_meanwhile":
        form.add_error(None, sentence(refused))
        return _page(request, key_form, rule, form, status=WRONG)
    fresh = RulePartsForm(
        rule,
        len(form.rows),
        _members_url(request),
        initial={**request.POST.dict(), "seen": rule.seen_text},
    )
    return _page(request, key_form, rule, fresh, status=CHANGED_MEANWHILE, refused=refused)


def _page(
    request: OrganizationRequest,
    key_form: RuleKeyForm,
    rule: RuleView | None = None,
    form: RulePartsForm | None = None,
    *,
    status: int = 200,
    refused: Refused | None = None,
) -> HttpResponse:
    context = {"key_form": key_form, "rule": rule, "form": form, "refused": refused}
    return render(request, "integrations/mapping/rule.html", context, status=status)


def _members_url(request: OrganizationRequest) -> str:
    return reverse("find_members", args=[request.organization.slug])


def _url(request: OrganizationRequest, rule: RuleView) -> str:
    """Return the address of the key's form."""
    query = urlencode({name: value for name, value in rule.key._asdict().items() if value})
    return f"{reverse('mapping_rule', args=[request.organization.slug])}?{query}"
