"""What a person is told when a rule of people or organizations forbids what they asked for."""

from django.contrib import messages
from django.http import HttpRequest

from accounts.errors import Refused


def sentence(refused: Refused) -> str:
    """Say what forbids it and what to do."""
    return f"{refused.message} {refused.fix}"


def tell_refusal(request: HttpRequest, refused: Refused) -> None:
    """Show a refusal on the next page."""
    messages.error(request, sentence(refused))
