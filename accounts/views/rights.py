"""The table of rights, and who held which right on a date."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.gate import require
from accounts.member_forms import RightsOnForm
from accounts.models import Role
from accounts.permissions import GRANTABLE, RIGHTS, Right
from accounts.requests import OrganizationRequest
from accounts.rights_history import who_held


@require_safe
def role_table(request: OrganizationRequest) -> HttpResponse:
    """Show the one table of rights, as the code has it."""
    rows = [
        {
            "words": right.words,
            "cells": [(role.label, _mark(right, role)) for role in Role],
        }
        for right in Right
    ]
    context = {"roles": list(Role), "rows": rows}
    return render(request, "accounts/roles.html", context)


def _mark(right: Right, role: Role) -> str:
    if right in RIGHTS[role]:
        return "yes"
    return "may be given" if right in GRANTABLE else "no"


@require_safe
def rights_on(request: OrganizationRequest) -> HttpResponse:
    """Show who held a right on a day, from the audit trail."""
    require(request, Right.READ_TRAIL)
    is_asked = "right" in request.GET
    today = request.organization.today()
    form = RightsOnForm(request.GET if is_asked else None, initial={"day": today})
    context: dict[str, Any] = {"form": form}
    if is_asked and form.is_valid():
        right, day = Right(form.cleaned_data["right"]), form.cleaned_data["day"]
        holdings = who_held(request.organization, right, day)
        context |= {"right": right, "day": day, "holdings": holdings, "is_today": day == today}
    return render(request, "accounts/rights_on.html", context, status=422 if form.errors else 200)
