"""Making an organization, and what it says of itself."""

import re

import pytest
from django.test import Client

from accounts.currencies import CURRENCIES
from accounts.errors import Refused
from accounts.models import Membership, Organization, Role
from accounts.services.settings import change_settings
from accounts.time_zones import zone_names
from audit.models import Event
from audit.tenancy import tenant
from integrations.services import organizations
from integrations.services.organizations import found_organization, make_slug
from tests.accounts.people import make_cast, make_person, signed_in
from tests.parallel import all_at_once

SENT = {"name": "Adventure  Works", "time_zone": "Europe/Berlin", "base_currency": "EUR"}


@pytest.fixture
def person(engines):
    return make_person()


def test_a_stranger_is_asked_to_sign_in_first(engines):
    answer = Client().get("/organizations/new/")
    assert answer["Location"] == "/sign-in/?next=/organizations/new/"


def test_the_form_offers_zones_and_currencies_and_works_without_scripts(person):
    page = signed_in(person).get("/organizations/new/").content.decode()
    select = re.search(r"<select[^>]*name=\"time_zone\"[^>]*>", page)[0]
    assert "data-browser-zone" in select
    for choice in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Calcutta"):
        assert f'<option value="{choice}"' in page
    assert '<option value="UTC" selected>' in page
    assert '<option value="EUR">EUR - Euro</option>' in page
    assert len(zone_names()) > 400
    assert len(CURRENCIES) > 150
    assert all(re.fullmatch("[A-Z]{3}", code) for code in CURRENCIES)


def test_who_makes_it_owns_it_and_begins_with_the_first_steps(person):
    client = signed_in(person)
    answer = client.post("/organizations/new/", SENT)
    mine = Membership.objects.select_related("organization").get(user=person)
    made = mine.organization
    assert answer["Location"] == f"/o/{made.slug}/start/"
    assert (made.name, made.time_zone, made.base_currency) == (
        "Adventure Works", "Europe/Berlin", "EUR",
    )  # fmt: skip
    assert (mine.role, mine.ends_on) == (Role.OWNER, None)
    assert made.wrapped_key
    with tenant(made.pk):
        events = list(Event.objects.values_list("actor", "action"))
    assert events == [
        (person.email, "organization.created"), (person.email, "member.added"),
    ]  # fmt: skip
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/")["Location"] == f"/o/{made.slug}/"


def test_a_scripted_name_is_text_and_mistakes_are_named(person):
    client = signed_in(person)
    for change, words in (
        ({"name": ""}, "This field is required."),
        ({"name": "see https://evil.example"}, "Give a name, not an address."),
        ({"name": "\u202e \u2066"}, "Give a name that can be seen."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"base_currency": "XYZ"}, "Select a valid choice"),
    ):
        answer = client.post("/organizations/new/", SENT | change)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Membership.objects.filter(user=person).exists()
    made = client.post("/organizations/new/", SENT | {"name": "<script>x</script>"}, follow=True)
    assert "&lt;script&gt;x&lt;/script&gt;" in made.content.decode()
    assert "<script>x" not in made.content.decode()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Adventure Works", "adventure-works"),
        ("Müller & Söhne GmbH", "muller-sohne-gmbh"),
        ("株式会社", "organization"),
        ("  --  ", "organization"),
        ("A" * 120, "a" * 24),
        ("Twenty three characters, and more", "twenty-three-characters"),
    ],
)
def test_a_short_name_is_made_of_the_name_and_of_chance(engines, name, stem):
    slug = make_slug(name)
    assert re.fullmatch(rf"{re.escape(stem)}-[a-km-np-z2-9]{{5}}", slug)
    assert make_slug(name) != slug


def test_a_short_name_that_is_taken_is_not_made_again(engines, monkeypatch):
    owner = make_person()
    tails = iter("aaaaa" + "aaaaa" + "bbbbb")
    monkeypatch.setattr(organizations.secrets, "choice", lambda alphabet: next(tails))
    stem = f"Taken {owner.pk}"
    wanted = {"owner": owner, "name": stem, "time_zone": "UTC", "base_currency": "USD"}
    slugs = [found_organization(**wanted).slug for _ in range(2)]
    assert slugs == [f"taken-{owner.pk}-aaaaa", f"taken-{owner.pk}-bbbbb"]


def test_marks_that_turn_text_around_are_left_out_of_a_name(person):
    turned = {**SENT, "name": "Acme\u202e\r\nBcc: x \u2067Ltd"}
    made = found_organization(owner=person, **turned)
    assert made.name == "Acme Bcc: x Ltd"
    changed = change_settings(organization=made, actor=person, **{**turned, "name": "A\u200fB"})
    assert changed.name == "A B"


@pytest.mark.parametrize("field", ["second_person_maps", "second_person_publishes"])
def test_an_admin_may_ask_for_a_second_person_and_an_owner_alone_do_without(engines, field):
    cast = make_cast()
    wish = {**SENT, "organization": cast.organization}
    admin, owner = cast.member(Role.ADMIN), cast.member(Role.OWNER)
    assert getattr(change_settings(**wish, actor=admin, **{field: True}), field)
    with pytest.raises(Refused) as refused:
        change_settings(**wish, actor=admin, **{field: False})
    assert refused.value.code == "second_person_owners_only"
    assert not getattr(change_settings(**wish, actor=owner, **{field: False}), field)


def test_two_organizations_may_have_one_name(person):
    client = signed_in(person)
    for _ in range(2):
        assert client.post("/organizations/new/", SENT).status_code == 302
    assert len(set(Organization.objects.filter(memberships__user=person).values_list("slug"))) == 2


def test_one_person_makes_no_more_than_the_limit_even_at_once(person, monkeypatch):
    monkeypatch.setattr(organizations, "ORGANIZATIONS_A_PERSON", 4)

    def make(number):
        wanted = {"name": "Many", "time_zone": "UTC", "base_currency": "USD"}
        return found_organization(owner=person, **wanted).name

    found = all_at_once(10, make)
    assert sorted(found) == ["Many"] * 4 + ["too_many_organizations"] * 6
    answer = signed_in(person).post("/organizations/new/", SENT)
    assert answer.status_code == 422
    assert "You own 4 organizations already." in answer.content.decode()


def test_a_service_takes_no_zone_or_currency_that_is_not_in_the_list(person):
    for change, code in (
        ({"time_zone": "Mars/Olympus"}, "time_zone_unknown"),
        ({"base_currency": "XYZ"}, "currency_unknown"),
    ):
        with pytest.raises(Refused) as caught:
            found_organization(owner=person, **(SENT | change))
        assert caught.value.code == code


class TestSettings:
    """The settings of an organization."""

    @pytest.fixture
    def cast(self, engines):
        return make_cast()

    def settings(self, cast):
        cast.organization.refresh_from_db()
        made = cast.organization
        return made.name, made.time_zone, made.base_currency

    def test_an_admin_changes_them_and_the_trail_says_what(self, cast):
        client = cast.client(Role.ADMIN)
        sent = {"name": "Works", "time_zone": "Asia/Tokyo", "base_currency": "USD"}
        assert client.post(cast.url("settings/"), sent)["Location"] == cast.url("settings/")
        assert self.settings(cast) == ("Works", "Asia/Tokyo", "USD")
        with tenant(cast.organization.pk):
            event = Event.objects.get(action="organization.changed")
        assert event.actor == cast.member(Role.ADMIN).email
        assert event.data == {
            "before": {"name": "Adventure Works", "time_zone": "America/New_York"},
            "after": {"name": "Works", "time_zone": "Asia/Tokyo"},
        }
        client.post(cast.url("settings/"), sent)
        with tenant(cast.organization.pk):
            assert Event.objects.filter(action="organization.changed").count() == 1

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
    def test_others_see_them_and_may_not_change_them(self, cast, role):
        client = cast.client(role)
        page = client.get(cast.url("settings/")).content.decode()
        assert "America/New_York" in page
        assert "Save settings" not in page
        answer = client.post(cast.url("settings/"), SENT)
        assert answer.status_code == 403
        assert self.settings(cast) == ("Adventure Works", "America/New_York", "USD")

    def test_another_currency_wants_to_be_confirmed(self, cast):
        client = cast.client()
        page = client.get(cast.url("settings/")).content.decode()
        assert "confirm_currency" not in page
        answer = client.post(cast.url("settings/"), SENT)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "From now on the organization reports in EUR instead of USD." in text
        assert re.search(r'<input type="checkbox" name="confirm_currency"', text)
        assert self.settings(cast)[2] == "USD"
        assert (
            client.post(cast.url("settings/"), {**SENT, "confirm_currency": "on"}).status_code
            == 302
        )
        assert self.settings(cast) == ("Adventure Works", "Europe/Berlin", "EUR")

    def test_values_that_have_left_the_lists_may_stay(self, cast):
        Organization.objects.filter(pk=cast.organization.pk).update(
            time_zone="Japan", base_currency="DEM"
        )
        sent = {"name": "Works", "time_zone": "Japan", "base_currency": "DEM"}
        client = cast.client()
        assert (
            '<option value="Japan" selected>' in client.get(cast.url("settings/")).content.decode()
        )
        assert client.post(cast.url("settings/"), sent).status_code == 302
        assert self.settings(cast) == ("Works", "Japan", "DEM")

    def test_a_stranger_finds_no_settings(self, cast):
        assert cast.stranger.get(cast.url("settings/")).status_code == 404
        assert cast.stranger.post(cast.url("settings/"), SENT).status_code == 404
