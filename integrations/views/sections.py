"""The pages that belong to runs, as one line of links on each of them."""

from django.urls import reverse

from accounts.navigation import Entry
from accounts.requests import OrganizationRequest
from integrations.selectors.closed_changes import count_waiting


def run_sections(request: OrganizationRequest) -> list[Entry]:
    """Return the runs and the changes of closed periods, with how many of these wait."""
    waiting = count_waiting(request.organization)
    words = {
        "run_list": "All runs",
        "closed_changes": "Changes of closed periods" + (f" ({waiting:,} wait)" * bool(waiting)),
    }
    urls = {route: reverse(route, args=[request.organization.slug]) for route in words}
    return [Entry(word, urls[route], request.path == urls[route]) for route, word in words.items()]
