"""The section of a ping on the page of its connection."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Ping, System
from integrations.qad.profile import default_profile
from integrations.services.connections import add_connection
from tests.accounts.people import make_cast
from tests.integrations.scenes import add_ping


@pytest.fixture
def cast(engines):
    return make_cast()


@pytest.fixture
def connection(cast):
    return add_connection(
        organization=cast.organization, system=System.QAD, name="Head office",
        address={"tenant_url": "https://acme.example.com/clouderp", "user": "robot"},
        secrets={"password": "sealed-77"}, profile=default_profile(),
    )  # fmt: skip


def read(cast, connection, rest="", role=Role.VIEWER, **headers):
    path = cast.url(f"connections/{connection.pk}/{rest}")
    return cast.client(role).get(path, headers=headers)


def page_of(cast, connection, role=Role.VIEWER):
    return html.unescape(read(cast, connection, role=role).content.decode())


def steps_in(page):
    found = re.findall(
        r'<li class="ping-step tone-(\w+)".*?<h4>(.*?) <span class="ping-word">(.*?)</span>',
        page, re.DOTALL,
    )  # fmt: skip
    return [(name, tone, word) for tone, name, word in found]


def pings(cast):
    with tenant(cast.organization.pk):
        return list(Ping.objects.order_by("pk"))


def press(cast, connection, role=Role.ADMIN, **headers):
    path = cast.url(f"connections/{connection.pk}/ping/")
    return cast.client(role).post(path, headers=headers)


def test_before_the_first_ping_the_page_says_so_and_offers_one_to_who_may(cast, connection):
    page = page_of(cast, connection, Role.ADMIN)
    assert "Nobody has pinged Head office yet." in page
    assert "changes nothing, and takes 30 seconds at most" in page
    assert f'action="{cast.url(f"connections/{connection.pk}/ping/")}"' in page
    assert "/ping/" not in page_of(cast, connection, Role.OPERATOR)


def test_without_scripts_a_press_leads_to_the_page_and_a_second_one_joins(cast, connection):
    place = cast.url(f"connections/{connection.pk}/")
    assert press(cast, connection)["Location"] == f"{place}#ping"
    press(cast, connection)
    (ping,) = pings(cast)
    assert ping.asked_by == cast.member(Role.ADMIN).email
    page = page_of(cast, connection)
    assert "Waits for a worker to take it." in page
    assert f'<noscript><p><a href="{place}#ping">Look again</a></p></noscript>' in page


def test_with_scripts_a_press_is_answered_with_the_section_and_polls(cast, connection):
    answer = press(cast, connection, HX_Request="true")
    body = answer.content.decode()
    assert body.lstrip().startswith('<section class="panel ping" id="ping"')
    assert 'hx-trigger="every 700ms, page-shown from:body"' in body
    assert "data-focus" in body
    assert "<html" not in body


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_a_press_that_is_one_too_many_says_what_runs(cast, connection, headers):
    for number in (1, 2):
        other = add_connection(
            organization=cast.organization, system=System.QAD, name=f"Plant {number}",
            address={"tenant_url": "https://acme.example.com/clouderp", "user": "robot"},
            secrets={"password": "sealed-77"},
        )  # fmt: skip
        add_ping(other, "running")
    client, place = cast.client(Role.ADMIN), cast.url(f"connections/{connection.pk}/")
    answer = client.post(f"{place}ping/", headers=headers)
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (
        (204, "true") if headers else (302, None)
    )
    page = html.unescape(client.get(place).content.decode())
    assert "Now run: Plant 2 (by owner@example.com), Plant 1 (by owner@example.com)." in page
    assert len(pings(cast)) == 2


def test_a_running_ping_shows_its_steps_and_offers_to_cancel_to_who_may(cast, connection):
    ping = add_ping(connection, "running")
    page = page_of(cast, connection, Role.ADMIN)
    assert steps_in(page)[3:6] == [
        ("Sign-in", "good", "ok"),
        ("What is offered", "busy", "runs"),
        ("One row", "none", "waits"),
    ]
    assert 'data-announce="Step 5 of 8: What is offered."' in page
    assert f"pings/{ping.pk}/cancel/" in page
    assert "cancel/" not in page_of(cast, connection, Role.VIEWER)


def test_the_live_part_is_304_while_nothing_changes_and_ends_to_ask_at_the_end(cast, connection):
    ping = add_ping(connection, "running")
    first = read(cast, connection, "ping/live/")
    assert "data-poll" in first.content.decode()
    same = read(cast, connection, "ping/live/", If_None_Match=first["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    with tenant(cast.organization.pk):
        Ping.objects.filter(pk=ping.pk).update(state="ok", finished_at=timezone.now())
    last = read(cast, connection, "ping/live/", If_None_Match=first["ETag"])
    assert last.status_code == 200
    assert "data-poll" not in last.content.decode()
    assert "<html" not in last.content.decode()


def test_a_failed_step_says_what_happened_what_it_means_what_to_do_and_who(cast, connection):
    add_ping(connection, "failed")
    page = page_of(cast, connection)
    assert steps_in(page)[3:5] == [
        ("Sign-in", "bad", "failed"),
        ("What is offered", "none", "skipped"),
    ]
    for sentence in (
        "Sign-in: QAD refused the sign-in.",
        "Wrong user, password or client id for the way “basic”.",
        "Nothing was read.",
        "Sign in to QAD as this user;",
        "(an admin of the connection)",
        "<code>HTTP 401 no</code>",
        '<a href="/errors/#qad_unauthorized">qad_unauthorized</a>',
    ):
        assert sentence in page


def test_the_text_for_an_admin_is_there_to_copy_and_holds_no_secret(cast, connection):
    add_ping(connection, "failed")
    page = page_of(cast, connection)
    letter = re.search(r'<code id="ping-letter">(.*?)</code>', page, re.DOTALL)[1]
    assert 'data-copies="ping-letter"' in page
    assert letter.startswith("ml-connector could not work with QAD (https://acme.example.com/")
    assert 'failed at the step "Sign-in": QAD refused the sign-in.' in letter
    assert "What to do: Sign in to QAD as this user;" in letter
    assert "Raw answer: HTTP 401 no" in letter
    assert "- Profile: skipped." in letter
    assert "sealed-77" not in page


def test_a_ping_whose_worker_died_is_not_shown_as_running(cast, connection):
    add_ping(connection, "running", started_at=timezone.now() - timedelta(minutes=2))
    page = page_of(cast, connection, Role.ADMIN)
    assert "The ping was broken off." in page
    assert "Press Ping again." in page
    assert "every 700ms" not in page
    assert "cancel/" not in page
    listed = cast.client(Role.VIEWER).get(cast.url("connections/")).content.decode()
    assert "Ping failed" in listed


def test_ten_pings_are_shown_with_what_they_came_to(cast, connection):
    for state in ["failed"] * 3 + ["ok"] * 8:
        add_ping(connection, state)
    page = page_of(cast, connection)
    assert page.count('data-label="What it came to"') == 9
    assert page.count("All is well.") == 1 + 7 + 1
    assert page.count("Sign-in: QAD refused the sign-in.") == 2


def test_cancelling_says_what_comes_of_it_and_too_late_is_refused(cast, connection):
    ping = add_ping(connection, "running")
    path = cast.url(f"connections/{connection.pk}/pings/{ping.pk}/cancel/")
    page = cast.client(Role.ADMIN).post(path, follow=True).content.decode()
    assert "The ping stops before its next step. Nothing was changed." in page
    assert "Stops before the next step." in page
    with tenant(cast.organization.pk):
        Ping.objects.filter(pk=ping.pk).update(state="cancelled", finished_at=timezone.now())
    page = cast.client(Role.ADMIN).post(path, follow=True).content.decode()
    assert f"Ping {ping.pk} has ended already and cannot be cancelled." in page


def test_a_ping_of_another_connection_is_not_found(cast, connection):
    other = add_connection(
        organization=cast.organization, system=System.QAD, name="Other", secrets={"password": "x"},
        address={"tenant_url": "https://other.example.com/clouderp"},
    )  # fmt: skip
    ping = add_ping(other, "running")
    path = cast.url(f"connections/{connection.pk}/pings/{ping.pk}/cancel/")
    assert cast.client(Role.ADMIN).post(path).status_code == 404
    assert not pings(cast)[0].cancel_requested


def test_the_page_asks_the_database_little(cast, connection, django_assert_max_num_queries):
    for _ in range(12):
        add_ping(connection)
    client = cast.client(Role.VIEWER)
    path = cast.url(f"connections/{connection.pk}/")
    client.get(path)
    with django_assert_max_num_queries(20):
        client.get(path)
