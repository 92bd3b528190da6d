"""What people see when something goes wrong."""

import re

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.test import Client

import accounts.views.home
from tests.accounts.people import make_cast, make_person, signed_in


def reference_of(answer) -> str:
    shown = re.search(r"Reference: <code>([0-9a-f]{32})</code>", answer.content.decode())
    assert shown
    assert shown[1] == answer["X-Request-ID"]
    return shown[1]


def test_a_page_that_is_not_there_says_so_and_can_be_quoted(engines):
    first, second = (signed_in(make_person()).get("/nowhere/") for _ in range(2))
    assert first.status_code == 404
    assert "There is no such page" in first.content.decode()
    assert reference_of(first) != reference_of(second)


def test_an_address_that_is_no_page_says_so(engines):
    answer = Client().get("/sign-out/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address is not a page" in answer.content.decode()
    reference_of(answer)


def test_a_broken_request_is_told(engines, monkeypatch):
    def refuse(user):
        raise SuspiciousOperation

    monkeypatch.setattr(accounts.views.home, "list_memberships", refuse)
    answer = signed_in(make_person()).get("/")
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


def test_a_failure_shows_no_trace_and_asks_no_database(engines, monkeypatch):
    def fail(user):
        raise DatabaseError("secret detail of the failure")

    client = signed_in(make_person())
    client.raise_request_exception = False
    monkeypatch.setattr(accounts.views.home, "list_memberships", fail)
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Unexpected failure" in page
    assert "secret detail" not in page
    reference_of(answer)


@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/"])
def test_every_answer_carries_the_headers_that_keep_it_safe(engines, path):
    answer = Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_no_page_has_script_or_style_of_its_own(engines):
    page = Client().get("/sign-in/").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_a_role_that_may_not_is_told_why(engines):
    cast = make_cast()
    answer = cast.client("viewer").post(cast.url("mapping/map/"), {"dimension": "entity"})
    assert answer.status_code == 403
    assert "As viewer of Adventure Works you may not change the mapping" in answer.content.decode()
