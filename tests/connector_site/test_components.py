"""The page of components: for staff only, complete, and true to its own lines."""

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from connector_site.components import GROUPS, TEMPLATES
from tests.accounts.people import make_person, signed_in

NAMES = [example.name for examples in GROUPS.values() for example in examples]
PAGES = [reverse("components"), reverse("components_confirm")]


@pytest.fixture(scope="module")
def staff() -> Client:
    person = make_person()
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    return signed_in(person)


@pytest.mark.parametrize("path", PAGES)
def test_there_is_no_such_page_for_people_who_are_not_staff(path: str):
    client = signed_in(make_person())
    assert client.get(path).status_code == 404
    assert client.post(path, {"name": "Example"}).status_code in (404, 405)


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(path: str):
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{resolve_url(settings.LOGIN_URL)}?next={path}",
    )


def test_every_example_is_shown_beside_its_own_lines(staff: Client):
    page = staff.get(reverse("components")).content.decode()
    for examples in GROUPS.values():
        for example in examples:
            assert f'id="{example.name}"' in page
            assert escape(example.source) in page


def test_every_file_of_examples_is_on_the_page():
    files = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert files == {*NAMES, "confirmation"}


def test_every_part_is_in_an_example_or_on_every_page():
    texts = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    parts = {path.stem for path in (TEMPLATES / "partials").glob("*.html")}
    by_tag = {"navigation", "steps", "person"}
    assert {part for part in parts - by_tag if f'"partials/{part}.html"' not in texts} == set()


def test_a_confirmation_refuses_another_name_and_says_so_at_the_field(staff: Client):
    answer = staff.post(reverse("components_confirm"), {"name": "Other"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Example - Confirmation - ml-connector</title>" in page
    assert page.count("This is not the name. Write it as it stands above.") == 2
    assert 'aria-describedby="id_name_error"' in page


def test_a_confirmed_example_leads_back_with_a_message(staff: Client):
    answer = staff.post(reverse("components_confirm"), {"name": "Example"}, follow=True)
    assert answer.redirect_chain == [(reverse("components"), 302)]
    assert "Nothing was removed: this was an example." in answer.content.decode()
