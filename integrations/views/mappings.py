"""The mapping: which Anaplan member stands for which QAD code."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.mappings import RemoveRuleForm, RuleFilterForm, RuleForm
from integrations.selectors.mappings import (
    DIMENSIONS,
    RuleFilter,
    current_version,
    list_rules,
    list_unmapped,
)
from integrations.services import mappings

LAST = 999_999_999
"""Stands for the last of the rules of one code."""


@require_safe
def mapping(request: OrganizationRequest) -> HttpResponse:
    """Show the current version; the address may hold a rule to fill the form with."""
    given = {name: request.GET.get(f"add_{name}", "") for name in ("dimension", "code", "member")}
    return _page(request, RuleForm(DIMENSIONS, initial=given))


@require_POST
def set_rule(request: OrganizationRequest) -> HttpResponse:
    """Map one code to one member, in a new version."""
    require(request, Right.MAP)
    form = RuleForm(DIMENSIONS, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    rule = form.cleaned_data
    try:
        version = mappings.set_rule(
            organization=request.organization, requested_by=request.user.email, **rule
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        name = dict(DIMENSIONS)[rule["dimension"]]
        messages.success(
            request,
            f"{name} {rule['code']} is now mapped to {rule['member']}, in version "
            f"{version.number}. Run or replay to send what was held.",
        )
    return redirect("mapping", request.organization.slug)


@require_POST
def remove_rule(request: OrganizationRequest) -> HttpResponse:
    """Leave one code without a member, in a new version, and offer to put it back."""
    require(request, Right.MAP)
    form = RemoveRuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The rule to remove was not named. Nothing was changed.")
        return redirect("mapping", request.organization.slug)
    rule = form.cleaned_data
    try:
        version = mappings.remove_rule(
            organization=request.organization, requested_by=request.user.email, **rule
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("mapping", request.organization.slug)
    name = dict(DIMENSIONS).get(rule["dimension"], rule["dimension"])
    messages.success(
        request,
        f"{name} {_words(rule)} is no longer mapped, from version {version.number} on: the next "
        "run holds its rows. To put it back, fill in the member below and press Add.",
    )
    again = urlencode({"add_dimension": rule["dimension"], "add_code": rule["code"]})
    return redirect(f"{reverse('mapping', args=[request.organization.slug])}?{again}")


def _words(rule: Mapping[str, str]) -> str:
    if rule["code_to"]:
        return f"{rule['code']} to {rule['code_to']}"
    code = rule["code"] or ("(default)" if rule["kind"] == "default" else "(blank)")
    return f"{code}…" if rule["kind"] == "prefix" else code


def _page(request: OrganizationRequest, form: RuleForm, *, status: int = 200) -> HttpResponse:
    filter_form = RuleFilterForm(DIMENSIONS, request.GET, auto_id="filter_%s")
    chosen = RuleFilter()
    if filter_form.is_valid():
        found = filter_form.cleaned_data
        chosen = RuleFilter(found["dimension"], found["text"].strip())
    version = current_version(request.organization)
    after = _after(request)
    page = list_rules(version, chosen, after=after) if version else None
    context = {
        "version": version,
        "page": page,
        "chosen": chosen,
        "filter_form": filter_form,
        "rule_form": form,
        "is_first_page": after is None,
        "unmapped": list_unmapped(request.organization),
    }
    return render(request, "integrations/mapping.html", context, status=status)


def _after(request: OrganizationRequest) -> tuple[str, str, int] | None:
    """Return the rule behind which the page begins, as the address names it."""
    dimension, code, position = (
        request.GET.get(f"after_{name}", "") for name in ("dimension", "code", "position")
    )
    if not dimension:
        return None
    is_number = position.isdecimal() and len(position) < 10
    return dimension, code, int(position) if is_number else LAST
