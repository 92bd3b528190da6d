"""The line of mapping pages, the words of a suggestion, and bars of what moves."""

import re
from decimal import Decimal
from typing import Any

from django import template
from django.template import RequestContext
from django.urls import reverse

from accounts.navigation import Entry
from integrations.pipeline.rules import Shares
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.drafts import count_changes
from integrations.selectors.mapping_effects import Effect, MemberEffect
from integrations.templatetags.amounts import period_range

register = template.Library()

PLACES = (
    ("mapping", "Without a member"),
    ("mapping_grid", "Grid"),
    ("mapping_rules", "Rules"),
    ("mapping_draft", "Draft"),
    ("mapping_versions", "Versions"),
    ("mapping_files", "Files"),
    ("mapping_lists", "Lists"),
)
SURE, LIKELY = 90, 70
HALF = 50
_ALIKE = re.compile(r"^name (\d+) %")


@register.inclusion_tag("partials/sections.html", takes_context=True)
def mapping_sections(context: RequestContext) -> dict[str, Any]:
    """Show the pages of the mapping as one line, with how much the draft changes."""
    request = context["request"]
    changes = count_changes(request.organization)
    entries = []
    for route, word in PLACES:
        url = reverse(route, args=[request.organization.slug])
        is_here = request.path == url or (route != "mapping" and request.path.startswith(url))
        counted = f"{word} ({changes:,})" if route == "mapping_draft" and changes else word
        entries.append(Entry(counted, url, is_here))
    return {"label": "Mapping", "sections": entries}


@register.filter
def sureness(suggestion: Suggestion) -> str:
    """Say how sure a suggestion is, in a word."""
    if suggestion.score >= SURE:
        return "sure"
    return "likely" if suggestion.score >= LIKELY else "possible"


@register.filter
def why(suggestion: Suggestion) -> str:
    """Say why a member is suggested, without a second percentage beside the score."""
    return _ALIKE.sub(
        lambda found: "same name" if found[1] == "100" else "similar name", suggestion.reason
    )


@register.filter
def row_id(dimension: str, code: str) -> str:
    """Return the id of a code's row; a code may hold what neither an id nor a link can."""
    return f"code-{dimension}-{code.encode().hex()}"


@register.filter
def takers(shares: Shares) -> str:
    """Say who takes a code: one member, parts of several, or nobody."""
    if not shares:
        return "nobody (held)"
    if len(shares) == 1:
        return shares[0].member
    return ", ".join(f"{share.member} {(share.weight * 100).normalize():f} %" for share in shares)


@register.filter
def periods_of(periods: set[int]) -> str:
    """Show the periods of an effect in few words."""
    return period_range(sorted(periods))


@register.filter
def bar_of(effect: Effect, member: MemberEffect) -> dict[str, str]:
    """Return where a member's bar begins and how wide it is, of a hundred, the zero at fifty.

    Bars are of one currency: amounts of two are never compared.
    """
    most = max(
        (abs(other.by) for other in effect.members if other.currency == member.currency),
        default=Decimal(0),
    )
    width = (abs(member.by) * HALF / most) if most else Decimal(0)
    start = HALF - width if member.by < 0 else Decimal(HALF)
    return {"x": f"{start:.2f}", "width": f"{width:.2f}"}
