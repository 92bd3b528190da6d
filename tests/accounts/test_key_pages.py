"""The pages of API keys: making one, seeing it once, revoking it."""

import html
import re
from datetime import timedelta

import pytest

from accounts.models import ApiKey, Membership, Role
from accounts.permissions import Right
from accounts.services.keys import mark_exposed
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.keys import make_key
from tests.accounts.people import make_cast


@pytest.fixture
def cast(engines):
    return make_cast()


def fields(cast, **changes):
    ends_on = cast.organization.today() + timedelta(days=10)
    return {"name": "Loader", "scopes": ["runs:read"], "ends_on": ends_on.isoformat(), **changes}


def make(cast, role=Role.OWNER, **changes):
    return cast.client(role).post(cast.url("keys/new/"), fields(cast, **changes))


def text_of(answer):
    return html.unescape(answer.content.decode())


def test_a_new_key_is_shown_once_with_a_call_that_works(cast, client):
    answer = make(cast, addresses="127.0.0.0/8\n2001:db8::/32")
    page = text_of(answer)
    [key] = set(re.findall(r"mlc_[0-9a-z]{8}_[0-9A-Za-z]{49}", page))
    call = f'curl "http://127.0.0.1:8000/api/v1/me" --header "Authorization: Bearer {key}"'
    assert call in page
    assert "no-store" in answer["Cache-Control"]
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).json()
    assert (me["key"]["name"], me["scopes"]) == ("Loader", ["runs:read"])
    assert me["key"]["addresses"] == ["127.0.0.0/8", "2001:db8::/32"]
    later = text_of(cast.client().get(cast.url("keys/")))
    assert key[:12] in later
    assert key not in later


def test_the_form_begins_with_ninety_days(cast):
    page = text_of(cast.client().get(cast.url("keys/new/")))
    day = cast.organization.today() + timedelta(days=90)
    assert f'value="{day.isoformat()}"' in page


def test_loading_the_answer_again_makes_no_second_key(cast):
    make(cast)
    again = make(cast)
    assert again.status_code == 422
    assert "There is a live key named Loader already." in text_of(again)
    assert ApiKey.objects.filter(organization=cast.organization).count() == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"name": "\u202e\u200f"}, "Name: Give a name that can be seen."),
        ({"scopes": []}, "May: Choose at least one."),
        ({"scopes": ["everything"]}, "May: Select a valid choice."),
        ({"ends_on": "2020-01-01"}, "Last day: A key is valid for 1 to 365 days."),
        ({"ends_on": "soon"}, "Last day: Enter a valid date."),
        ({"addresses": "10.0.0.0/33"}, "addresses: 10.0.0.0/33 is neither an IP address"),
    ],
)
def test_a_wrong_field_is_told_above_the_form(cast, changes, problem):
    answer = make(cast, **changes)
    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert "<title>Error: " in text_of(answer)
    assert not ApiKey.objects.filter(organization=cast.organization).exists()


def test_a_name_that_only_looks_different_is_taken(cast):
    make(cast, name="Load er")
    again = make(cast, name="Load\u202e\u2066er\u200f")
    assert "There is a live key named Load er already." in text_of(again)
    kept = ApiKey.objects.filter(organization=cast.organization)
    assert list(kept.values_list("name", flat=True)) == ["Load er"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
def test_members_without_the_right_see_keys_and_change_none(cast, role):
    made, _ = make_key(cast.organization, cast.member(Role.OWNER), name="Loader")
    page = text_of(cast.client(role).get(cast.url("keys/")))
    assert "Loader" in page
    assert "Create a key" not in page
    assert "Revoke" not in page
    client = cast.client(role)
    for path in ("keys/new/", f"keys/{made.pk}/revoke/"):
        assert client.get(cast.url(path)).status_code == 403
        assert client.post(cast.url(path), fields(cast, name="Mine")).status_code == 403
    assert list(ApiKey.objects.filter(organization=cast.organization)) == [made]
    assert ApiKey.objects.get(pk=made.pk).is_live


def test_a_viewer_with_the_right_is_offered_no_scope_beyond_the_role(cast):
    viewer = cast.member(Role.VIEWER)
    Membership.objects.filter(user=viewer).update(extra_rights=[Right.MANAGE_KEYS])
    page = text_of(cast.client(Role.VIEWER).get(cast.url("keys/new/")))
    assert "runs:read" in page
    assert "runs:write" not in page
    assert make(cast, Role.VIEWER, scopes=["runs:write"]).status_code == 422
    assert make(cast, Role.VIEWER).status_code == 200


def test_revoking_asks_first_and_says_who_did_it(cast):
    made, key = make_key(cast.organization, cast.member(Role.OWNER), name="Loader")
    client, path = cast.client(Role.ADMIN), cast.url(f"keys/{made.pk}/revoke/")
    asked = text_of(client.get(path))
    assert "Revoke Loader?" in asked
    assert f"{key.prefix} has never been used." in asked
    assert ApiKey.objects.get(pk=made.pk).is_live
    page = text_of(client.post(path, follow=True))
    assert "Loader is revoked." in page
    assert f"by {cast.member(Role.ADMIN).email}" in page
    with tenant(cast.organization.pk):
        event = Event.objects.get(organization_id=cast.organization.pk, action="key.revoked")
    assert (event.actor, event.subject_id) == (cast.member(Role.ADMIN).email, key.prefix)
    assert "was revoked already" in text_of(client.post(path, follow=True))


def test_keys_of_another_organization_are_not_there(cast):
    other = make_cast()
    theirs, _ = make_key(other.organization, other.member(Role.OWNER), name="Theirs")
    path = cast.url(f"keys/{theirs.pk}/revoke/")
    assert cast.client().get(path).status_code == 404
    assert cast.client().post(path).status_code == 404
    assert "Theirs" not in text_of(cast.client().get(cast.url("keys/")))
    assert ApiKey.objects.get(pk=theirs.pk).is_live


def test_a_key_that_was_sent_in_an_address_is_marked(cast):
    _, key = make_key(cast.organization, cast.member(Role.OWNER))
    assert "Sent in an address" not in text_of(cast.client().get(cast.url("keys/")))
    mark_exposed(key, "192.0.2.1")
    assert "Sent in an address" in text_of(cast.client().get(cast.url("keys/")))


def test_the_type_of_a_problem_leads_to_its_words(client):
    page = text_of(client.get("/errors/"))
    assert 'id="api_scope_missing"' in page
    assert "The call needs the scope {scope}" in page
