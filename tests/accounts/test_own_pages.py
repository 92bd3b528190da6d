"""Every page of signing up, signing in and one's account is the house's own."""

from pathlib import Path

import pytest
from allauth.account.views import ConfirmEmailVerificationCodeView
from django.template.loader import get_template
from django.urls import URLPattern

from accounts.own_urls import urlpatterns
from connector_site.places import CHECKOUT

VIEWS = {
    str(route.name): view
    for route in urlpatterns
    if isinstance(route, URLPattern) and (view := getattr(route.callback, "view_class", None))
} | {"account_email_verification_sent": ConfirmEmailVerificationCodeView}


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_no_template_of_the_library_is_reached(name):
    template = getattr(VIEWS[name], "template_name", None)
    if template is None:
        assert name == "mfa_login_webauthn"
        return
    assert Path(get_template(template).origin.name).is_relative_to(CHECKOUT / "templates")


def test_the_library_answers_at_no_other_address():
    routed = {route.name for route in urlpatterns if isinstance(route, URLPattern)}
    never = ("logout", "inactive", "login_code", "phone", "signup_webauthn", "_key", "download")
    assert len(VIEWS) > 20
    assert [name for name in routed if any(part in str(name) for part in never)] == []
