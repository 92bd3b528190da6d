"""What follows when a person changes how they sign in: other sessions end, the trail tells it."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services.departures import carry_invitations
from accounts.services.sessions import end_other_sessions, note_account_change
from audit.actions import Action

_CHANGES = {
    factor_signals.authenticator_added: Action.FACTOR_ADDED,
    factor_signals.authenticator_removed: Action.FACTOR_REMOVED,
    factor_signals.authenticator_reset: Action.FACTOR_RENEWED,
}


@receiver(list(_CHANGES))
def follow_factor(
    signal: Any, request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any
) -> None:
    """A second factor came, went or was made anew."""
    note_account_change(user=user, action=_CHANGES[signal], data={"factor": authenticator.type})
    end_other_sessions(request=request, user=user)


@receiver(
    [
        account_signals.password_changed,
        account_signals.password_set,
        account_signals.password_reset,
    ]
)
def follow_password(user: User, **_more: Any) -> None:
    """A password was chosen: Django ends sessions whose password is not today's by itself."""
    note_account_change(user=user, action=Action.PASSWORD_CHANGED)


@receiver(account_signals.email_changed)
def follow_address(
    request: HttpRequest,
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_more: Any,
) -> None:
    """The address to sign in with was changed; a first one is none that was changed."""
    if from_email_address is None:
        return
    carry_invitations(before=from_email_address.email, after=to_email_address.email)
    note_account_change(user=user, action=Action.ADDRESS_CHANGED)
    end_other_sessions(request=request, user=user)
