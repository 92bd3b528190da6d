"""What keeps pages and the API safe in a browser, under the settings of production."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from connector_site.new_keys import new_encryption_key, new_secret_key
from connector_site.places import CHECKOUT
from tests.accounts.people import make_cast

ASK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
answers = []
for path, options in json.loads(sys.argv[1]):
    answer = Client(headers={"Host": "connector.example"}).get(path, **options)
    answers.append([answer.status_code, dict(answer.headers)])
PARTS = ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
cookies = {kind: [getattr(settings, f"{kind}_COOKIE_{part}") for part in PARTS]
           for kind in ("SESSION", "CSRF")}
print(json.dumps([answers, cookies]))
"""


# What stands in for the parts of addresses; the CSRF check comes before any of them is read.
FILLED = {"int": "1", "str": "x", "path": "x", "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}


def in_production(*calls: tuple[str, dict[str, Any]], **changes: str) -> Any:
    """Answers of a process with the settings of production; it has no database."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "connector_site.settings",
        "SECRET_KEY": new_secret_key(),
        "ENCRYPTION_KEYS": new_encryption_key(),
        "PUBLIC_ORIGIN": "https://connector.example",
        "DATABASE_URL": "postgresql://connector_app:secret@127.0.0.1:1/connector",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "MAIL_URL": "smtp://sender:secret@127.0.0.1:1",
        "MAIL_FROM": "ml-connector <no-reply@connector.example>",
        "LOG_LEVEL": "ERROR",
        **changes,
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(calls)],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_production_speaks_tls_only_and_its_cookies_stay_on_the_host():
    [(plain, leads), (status, headers), (claimed, _)], cookies = in_production(
        ("/api/v1/nothing", {}),
        ("/api/v1/nothing", {"secure": True}),
        ("/api/v1/nothing", {"headers": {"X-Forwarded-Proto": "https"}}),
    )
    assert (plain, leads["Location"]) == (301, "https://connector.example/api/v1/nothing")
    assert status == 404
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert claimed == 301
    assert cookies == {
        "SESSION": ["__Host-session", True, True, "Lax", "/", None],
        "CSRF": ["__Host-csrf", True, True, "Lax", "/", None],
    }


def test_behind_a_proxy_its_word_on_tls_counts():
    [(status, _)], _ = in_production(
        ("/api/v1/nothing", {"headers": {"X-Forwarded-Proto": "https"}}), PROXY_COUNT="1"
    )
    assert status == 404


def pages_of(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """The address of every page, with numbers and words put in; the API has no pages."""
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from pages_of(entry, here)
        elif isinstance(entry, URLPattern) and not is_endpoint(entry):
            filled = here
            for kind, value in FILLED.items():
                filled = re.sub(rf"<{kind}:\w+>", value, filled)
            if "(?P" not in filled:
                yield filled.replace("^", "").replace("$", "")


def is_endpoint(entry: URLPattern) -> bool:
    return issubclass(getattr(entry.callback, "view_class", object), APIView)


@pytest.fixture(scope="module")
def cast(engines):
    return make_cast()


def test_no_page_takes_a_form_without_its_token(cast):
    """Whatever another site sends in a member's name is refused before a view runs."""
    pages = list(pages_of(get_resolver()))
    assert "/o/<slug:slug>/runs/start/" in pages
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.member("owner"))
    answers = {
        path: client.post(re.sub(r"<slug:\w+>", cast.organization.slug, path)).status_code
        for path in pages
    }
    assert {path: status for path, status in answers.items() if status != 403} == {}


def test_another_site_may_not_send_even_with_a_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.member("owner"))
    page = client.get(cast.url("keys/new/"))
    token = page.context["csrf_token"]
    form = {"csrfmiddlewaretoken": str(token), "name": ""}
    foreign = client.post(cast.url("keys/new/"), form, headers={"Origin": "https://evil.example"})
    own = client.post(cast.url("keys/new/"), form, headers={"Origin": "http://testserver"})
    assert (foreign.status_code, own.status_code) == (403, 422)
