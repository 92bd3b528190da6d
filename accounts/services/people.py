"""What others do for a person's account: vouching for its address, switching it off and on."""

from allauth.account.models import EmailAddress

from accounts.models import User
from accounts.services.sessions import note_account_change
from audit.actions import Action


def confirm_address(*, user: User) -> None:
    """Take a person's address as confirmed, so that signing in asks for no code by mail."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )


def switch_account(*, user: User, is_active: bool, by: User) -> bool:
    """Switch somebody else's account off or on; tell whether there was anything to do.

    Every session of an account that is off ends at its next request.
    """
    if user.pk == by.pk or user.is_active == is_active:
        return False
    action = Action.ACCOUNT_ON if is_active else Action.ACCOUNT_OFF
    note_account_change(user=user, action=action, by=by.email)
    changed = User.objects.filter(pk=user.pk, is_active=not is_active)
    return changed.update(is_active=is_active) == 1
