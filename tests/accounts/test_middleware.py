"""The way from an address to an organization."""

from django.test import Client

from accounts.models import Membership, Role
from tests.accounts.people import make_cast, make_person, signed_in


def test_an_organization_is_not_there_for_strangers(engines):
    cast = make_cast()
    theirs = cast.stranger.get(cast.url("runs/"))
    nowhere = cast.stranger.get("/o/no-such-house/runs/")
    assert (theirs.status_code, nowhere.status_code) == (404, 404)
    assert cast.organization.name not in theirs.content.decode()


def test_a_member_who_was_removed_is_out_at_once(engines):
    cast = make_cast()
    client = cast.client(Role.OPERATOR)
    assert client.get(cast.url("runs/")).status_code == 200
    Membership.objects.filter(organization=cast.organization).delete()
    assert client.get(cast.url("runs/")).status_code == 404


def test_a_person_who_may_not_sign_in_any_more_is_out_at_once(engines):
    person = make_person()
    client = signed_in(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_pages_of_an_organization_are_kept_by_no_cache(engines):
    cast = make_cast()
    assert "no-store" in cast.client().get(cast.url("runs/"))["Cache-Control"]


def test_the_first_address_leads_to_the_first_steps(engines):
    cast = make_cast()
    assert cast.client().get(cast.url())["Location"] == cast.url("start/")


def test_a_part_asked_for_without_a_session_moves_the_whole_page(engines):
    cast = make_cast()
    page = f"http://testserver{cast.url('runs/1/')}"
    answer = Client().get(
        cast.url("runs/1/progress/"), headers={"HX-Request": "true", "HX-Current-URL": page}
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/sign-in/?next=%2Fo%2F{cast.organization.slug}%2Fruns%2F1%2F"


def test_a_part_asked_for_in_the_background_eats_no_message(engines):
    cast = make_cast()
    client = cast.client()
    client.post(cast.url("mapping/map/"), {"dimension": "entity", "code": "nobody"})
    part = client.get(cast.url("runs/"), headers={"HX-Request": "true"})
    assert "message-error" not in part.content.decode()
    assert "message-error" in client.get(cast.url("runs/")).content.decode()
