"""The stranger walk: each route of the site, asked by everybody who may not, in every way."""

from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.shortcuts import resolve_url

from accounts.models import Role
from accounts.permissions import RIGHTS, Right
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.people import make_person, signed_in
from tests.house.matrix import MATRIX, ORGANIZATION, SIGNED_IN, SITE, STAFF, line_of
from tests.house.routes import METHODS, all_addresses, arguments_of, fill, text_of
from tests.house.tenants import client_of, form_of, full_house, nobody, state_of, things_of

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("quiet_refusals")]

OWNER_ELSEWHERE = "owner elsewhere"
DEEDS = [
    (address, method, need)
    for address, line in ORGANIZATION.items()
    for method, need in line.items()
    if need is not Right.VIEW
]


@pytest.fixture(scope="module")
def strangers(ours):
    """Members of another organization in each role, and a person of none."""
    house, _run = ours
    return {
        **{f"{role} elsewhere": client_of(house, role) for role in Role},
        "a person of no organization": signed_in(make_person()),
    }


def ask(client, method, path, form):
    """Ask in a method, with a form as its body where it has one."""
    if method in ("GET", "POST"):
        return getattr(client, method.lower())(path, form)
    kind = "application/x-www-form-urlencoded"
    return client.generic(method, path, urlencode(form, doseq=True), content_type=kind)


def is_sent_to_sign_in(answer):
    """Whether the answer leads to the sign-in page, and from there back."""
    way = f"{resolve_url(settings.LOGIN_URL)}?next="
    return answer.status_code == 302 and answer["Location"].startswith(way)


def test_every_route_has_a_line_in_the_matrix_and_every_line_a_route():
    addresses = all_addresses()
    assert [address for address in addresses if line_of(address) is None] == []
    assert [name for name in addresses if "<slug>" in name and name not in ORGANIZATION] == []
    lines = [name for name in MATRIX if not name.endswith("…")]
    assert [name for name in lines if name not in addresses] == []


def test_a_route_without_a_line_is_found():
    assert line_of("/o/<slug>/secrets/") is None
    assert line_of("/staff/admin/accounts/user/") == {"GET": STAFF}


@pytest.mark.parametrize("address", ORGANIZATION)
def test_a_stranger_finds_nothing_and_changes_nothing(address, theirs, strangers):
    house, run = theirs
    path, form = fill(address, things_of(house, run)), form_of(house, run)
    before = state_of(house.organization.pk)
    for name, client in strangers.items():
        for method in METHODS if name == OWNER_ELSEWHERE else [*ORGANIZATION[address]][-1:]:
            answer = ask(client, method, path, form)
            assert (name, method, answer.status_code) == (name, method, 404)
            assert "Secret Works" not in answer.content.decode()
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize("address", ORGANIZATION)
def test_an_organization_that_is_there_and_one_that_is_not_look_alike(address, theirs, strangers):
    house, run = theirs
    client = strangers[OWNER_ELSEWHERE]
    there = things_of(house, run)
    answers = [
        client.get(fill(address, {**there, "slug": slug}))
        for slug in (house.organization.slug, "no-such-organization")
    ]
    first, second = (
        answer.content.decode().replace(answer["X-Request-ID"], "") for answer in answers
    )
    assert first == second


@pytest.mark.parametrize("address", [name for name in ORGANIZATION if len(arguments_of(name)) > 1])
def test_a_thing_of_another_organization_is_not_there_under_ones_own_address(address, ours, theirs):
    mine, others = things_of(*ours), things_of(*theirs)
    before = [state_of(house.organization.pk) for house, _run in (ours, theirs)]
    for method in ORGANIZATION[address]:
        path = fill(address, {**others, "slug": mine["slug"]})
        answer = ask(client_of(ours[0], Role.OWNER), method, path, form_of(*theirs))
        assert (method, answer.status_code) == (method, 404)
    assert [state_of(house.organization.pk) for house, _run in (ours, theirs)] == before


@pytest.fixture(scope="module")
def spent(engines):
    """An owner and the things of an organization that may be spoilt, told before they are."""
    house, run = full_house()
    return client_of(house, Role.OWNER), things_of(house, run)


@pytest.mark.parametrize("address", [name for name in ORGANIZATION if "POST" in ORGANIZATION[name]])
def test_ids_of_another_organization_in_a_form_reach_nothing_there(address, spent, theirs):
    client, things = spent
    before = state_of(theirs[0].organization.pk)
    ask(client, "POST", fill(address, things), form_of(*theirs))
    assert state_of(theirs[0].organization.pk) == before


@pytest.mark.parametrize("address", ORGANIZATION)
def test_nobody_gets_in_without_signing_in(address, theirs):
    house, run = theirs
    path, before = fill(address, things_of(house, run)), state_of(house.organization.pk)
    for method in METHODS:
        assert is_sent_to_sign_in(ask(nobody(), method, path, form_of(house, run))), method
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize("address", SITE)
def test_what_needs_no_organization_is_open_as_far_as_its_line_says(address, ours):
    path = fill(address.removesuffix("…"), things_of(*ours))
    for method, need in SITE[address].items():
        answer = ask(nobody(), method, path, {})
        if need is STAFF:
            assert answer.status_code in (302, 403, 404), method
            answer = ask(client_of(ours[0], Role.OWNER), method, path, {})
            assert answer.status_code in (302, 403, 404), method
        else:
            assert is_sent_to_sign_in(answer) is (need is SIGNED_IN), method


@pytest.mark.parametrize("address", [*ORGANIZATION, *(name for name in SITE if "…" not in name)])
def test_a_method_without_a_place_in_the_line_is_refused(address, ours):
    house, run = ours
    path, before = fill(address, things_of(house, run)), state_of(house.organization.pk)
    refused = {405} if address in ORGANIZATION else {302, 403, 404, 405}
    for method in METHODS:
        # Django's own form pages take a PUT for a POST.
        is_post = method == "PUT" and "POST" in MATRIX[address] and address in SITE
        if method not in MATRIX[address] and not is_post:
            answer = ask(client_of(house, Role.OWNER), method, path, form_of(house, run))
            assert answer.status_code in refused, (method, answer.status_code)
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize(("address", "method", "need"), DEEDS)
def test_a_role_without_the_right_is_refused_and_changes_nothing(address, method, need, theirs):
    house, run = theirs
    path = fill(address, things_of(house, run))
    without = [role for role in Role if need not in RIGHTS[role]]
    before = deeds_apart(house)
    for role in without:
        answer = ask(client_of(house, role), method, path, form_of(house, run))
        assert (role, answer.status_code) == (role, 403)
        assert deeds_apart(house) == before
        assert newest_event(house) == (
            "deed.refused",
            house.member(role).email,
            path,
            {"right": str(need)},
        )


def deeds_apart(house):
    """The state of an organization, the trail left out: it tells of the refusal."""
    return state_of(house.organization.pk, without=("audit_event", "audit_chainhead"))


def newest_event(house):
    with tenant(house.organization.pk):
        event = Event.objects.order_by("-sequence")[0]
    return event.action, event.actor, event.subject_id, event.data


@pytest.mark.parametrize(("address", "method", "need"), DEEDS)
def test_exactly_the_right_of_the_line_is_needed(address, method, need, ours, monkeypatch):
    house, run = ours if method == "GET" else full_house()
    path = fill(address, things_of(house, run))
    client = client_of(house, Role.VIEWER)
    monkeypatch.setitem(RIGHTS, Role.VIEWER, frozenset(Right) - {need})
    assert ask(client, method, path, form_of(house, run)).status_code == 403
    monkeypatch.setitem(RIGHTS, Role.VIEWER, frozenset({Right.VIEW, need}))
    assert ask(client, method, path, form_of(house, run)).status_code in (200, 302, 422)


LOOKS = [address for address, line in ORGANIZATION.items() if "GET" in line]


@pytest.mark.parametrize("address", LOOKS)
def test_the_least_role_that_may_look_does_and_no_cache_keeps_what_it_sees(address, ours):
    house, run = ours
    need = ORGANIZATION[address]["GET"]
    least = min((role for role in Role if need in RIGHTS[role]), key=lambda role: len(RIGHTS[role]))
    wanted = {"verdict": "held", "code": "unmapped_gl_account"}
    answer = client_of(house, least).get(fill(address, things_of(house, run)), wanted)
    assert answer.status_code in (200, 302)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", LOOKS)
def test_naming_another_organization_beside_the_address_shows_nothing_of_it(address, ours, theirs):
    house, run = ours
    stolen = {**form_of(*theirs), "tenant": theirs[0].organization.slug}
    path = fill(address, things_of(house, run))
    headers = {"X-Tenant": theirs[0].organization.slug, "X-Organization": "1"}
    answer = client_of(house, Role.OWNER).get(path, stolen, headers=headers)
    assert answer.status_code in (200, 302, 404)
    assert "Secret Works" not in text_of(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", [name for name, line in SITE.items() if "GET" in line])
def test_what_a_person_sees_outside_an_organization_is_kept_by_no_cache(address, ours):
    answer = client_of(ours[0], Role.OWNER).get(fill(address.removesuffix("…"), things_of(*ours)))
    assert "no-store" in answer["Cache-Control"]
