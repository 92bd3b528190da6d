"""Mail that did not leave, for demonstration and development; production has no such page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.mailbox import list_mails


@login_not_required
@never_cache
@require_safe
def kept_mail(request: HttpRequest) -> HttpResponse:
    """Show the kept mails, newest first."""
    return render(request, "account/kept_mail.html", {"mails": list_mails()})
