"""What a member is told when a rule forbids what they asked for."""

from django.contrib import messages

from accounts.errors import Refused
from accounts.requests import OrganizationRequest
from integrations.templatetags.wording import words


def tell_refusal(request: OrganizationRequest, refused: Refused) -> None:
    """Show a refusal on the next page: what forbids it and what to do."""
    messages.error(request, f"{refused.message} {words(refused.entry.fix, refused.facts)}")
