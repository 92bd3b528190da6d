"""The catalogue of errors for people: where the `type` of a problem document leads."""

from itertools import groupby

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.catalogue import CATALOGUE


@login_not_required
@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    """Show every code with what it means and what to do."""
    entries = sorted(CATALOGUE.values(), key=lambda entry: (entry.origin, entry.code))
    groups = [
        (origin, list(found)) for origin, found in groupby(entries, key=lambda entry: entry.origin)
    ]
    return render(request, "accounts/error_list.html", {"groups": groups})
