"""The rules of the newest mapping version, as a list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import OrganizationRequest
from integrations.forms.mappings import RuleFilterForm
from integrations.selectors.mappings import DIMENSIONS, RuleFilter, current_version, list_rules

LAST = 999_999_999
"""Stands for the last of the rules of one code."""


@require_safe
def mapping_rules(request: OrganizationRequest) -> HttpResponse:
    """Show the rules of the newest version, narrowed as the address says."""
    filter_form = RuleFilterForm(DIMENSIONS, request.GET, auto_id="filter_%s")
    chosen = RuleFilter()
    if filter_form.is_valid():
        found = filter_form.cleaned_data
        chosen = RuleFilter(found["dimension"], found["text"].strip())
    version = current_version(request.organization)
    after = _after(request)
    context = {
        "version": version,
        "page": list_rules(version, chosen, after=after) if version else None,
        "chosen": chosen,
        "filter_form": filter_form,
        "is_first_page": after is None,
    }
    return render(request, "integrations/mapping/rule_list.html", context)


def _after(request: OrganizationRequest) -> tuple[str, str, int] | None:
    """Return the rule behind which the page begins, as the address names it."""
    dimension, code, position = (
        request.GET.get(f"after_{name}", "") for name in ("dimension", "code", "position")
    )
    if not dimension:
        return None
    is_number = position.isdecimal() and len(position) < 10
    return dimension, code, int(position) if is_number else LAST
