"""How django-allauth signs people up and in here: the house's limits, words, mails and trail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.bound_sessions import bind_session
from accounts.error_pages import mail_not_sent, too_many_tries
from accounts.mails import MAILS, send_mail
from accounts.models import User
from accounts.notices import NOTICES, REFUSALS
from accounts.services.sessions import note_sign_in
from accounts.throttles import client_address, tries_of

# What is counted and shown where a server tells no address, as behind a socket file.
NOWHERE = "::"


class AccountAdapter(DefaultAccountAdapter):
    """The house's rules where django-allauth asks for them."""

    error_messages = {**DefaultAccountAdapter.error_messages, **REFUSALS}

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Let nobody try a password while the account or the address has to wait."""
        wait = tries_of(request, credentials.get("email", "")).seconds_to_wait()
        if wait:
            raise ImmediateHttpResponse(too_many_tries(request, wait))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a wrong password."""
        tries_of(request, credentials.get("email", "")).note_failure()

    def post_login(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        *,
        signal_kwargs: dict[str, Any] | None,
        **more: Any,
    ) -> HttpResponse:
        """Write a sign-in into the trail; without that the session is not kept.

        One through an organization's own sign-in opens that organization alone, also where
        a second factor was asked for in between.
        """
        organization_id = (signal_kwargs or {}).get("organization_id")
        bind_session(request, organization_id)
        if isinstance(user, User):
            note_sign_in(user, only=organization_id)
        answer: HttpResponse = super().post_login(
            request, user, signal_kwargs=signal_kwargs, **more
        )
        return answer

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Tell a person whose account was closed; who gets here has proved to be that person."""
        messages.error(request, REFUSALS["account_inactive"])
        return redirect("account_login")

    def is_safe_url(self, url: str) -> bool:
        """Follow no address that leaves this site."""
        return bool(url) and url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the limits count."""
        return client_address(request) or NOWHERE

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the account's security after a new password."""
        return reverse("mfa_index")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Lead back to the account's security after a change of the address."""
        return reverse("mfa_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail of the house's own words; without a needed one the step can't go on."""
        mail = MAILS[template_prefix]
        is_sent = send_mail(mail, email, code=context.get("code", ""))
        if mail.is_needed and not is_sent:
            raise ImmediateHttpResponse(mail_not_sent(self.request))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Show one of the house's notices."""
        words = message or NOTICES.get(message_template or "")
        if words:
            shown = messages.SUCCESS if level == messages.INFO else level
            messages.add_message(request, shown, words, extra_tags=extra_tags)
