"""Closing an organization: seven days in which it can be taken back, and then for good."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import ApiKey, Invitation, Membership, Organization, Role
from accounts.services.members import add_member
from audit.models import Event
from audit.tenancy import tenant
from audit.trail import verify_chain
from integrations.encryption import SealBroken
from integrations.fields import open_sealed
from integrations.models import Connection, DueRun, Load, ModelLease, Run, RunState, System
from integrations.services import closing
from integrations.services.closing import (
    ask_to_close,
    close_due_organizations,
    keep_organization,
)
from integrations.services.connections import save_connection
from integrations.services.replay import replay_run
from integrations.services.states import ClaimLost, claim_run
from integrations.services.syncs import start_run
from integrations.tasks import close_due_organizations as close_due_task
from tests.accounts.people import make_cast, make_person, signed_in
from tests.integrations.scenes import add_units, make_house
from tests.integrations.scenes import make_run as make_ended_run
from tests.names import unique
from tests.parallel import all_at_once

SECRET = "canary-of-the-closing"


@pytest.fixture
def house(engines):
    made = make_house()
    made.member(Role.OWNER)
    return made


def ask(house, name="Adventure Works"):
    return ask_to_close(
        organization=house.organization, actor=house.member(Role.OWNER), typed_name=name
    )


def run_out(house):
    """Let the seven days be over."""
    Organization.objects.filter(pk=house.organization.pk).update(
        closes_at=timezone.now() - timedelta(seconds=1)
    )


def mails_to(house, mails):
    return [mail for mail in mails if mail.to == [house.member(Role.OWNER).email]]


def start(house):
    return start_run(
        organization=house.organization, sync_id=house.sync.pk, periods=None, requested_by="x"
    )


def events(house, action):
    with tenant(house.organization.pk):
        return list(Event.objects.filter(action=action).order_by("sequence"))


def connect(house):
    return save_connection(
        organization=house.organization, system=System.QAD, name="Other QAD",
        address={"tenant_url": "https://acme.example"}, secrets={"password": SECRET},
    )  # fmt: skip


def add_key(house):
    return ApiKey.objects.create(
        organization=house.organization, name="Nightly", prefix=unique("k")[:16], scopes=[],
        digest=unique("d"), created_by="x@example.com",
        expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip


def invite(house):
    return Invitation.objects.create(
        organization=house.organization, email="new@example.com", role="viewer",
        token_digest=unique("d"), invited_by="x@example.com",
        expires_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip


class TestAsking:
    """What is so at once, and what can still be taken back."""

    def test_the_page_says_in_numbers_what_ends_and_what_is_kept(self, house):
        connect(house)
        add_key(house)
        make_ended_run(house)
        page = house.client().get(house.url("settings/close/")).content.decode()
        for words in (
            "0 runs under way stop",
            "In 7 days, for good: access ends for 1 member, ",
            "1 API key and 0 open invitations end",
            "the secrets of 3 connections can never be opened again",
            "1 run, 0 evidence blocks",
            "type the organization&#x27;s name: Adventure Works",
        ):
            assert words in page

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
    def test_only_an_owner_may_ask_or_take_it_back(self, house, role):
        client = house.client(role)
        sent = {"typed_name": "Adventure Works"}
        assert client.get(house.url("settings/close/")).status_code == 403
        assert client.post(house.url("settings/close/"), sent).status_code == 403
        with pytest.raises(Refused) as caught:
            ask_to_close(
                organization=house.organization, actor=house.member(role),
                typed_name="Adventure Works",
            )  # fmt: skip
        assert caught.value.code == "right_missing"
        ask(house)
        assert client.post(house.url("settings/keep/")).status_code == 403
        with pytest.raises(Refused):
            keep_organization(organization=house.organization, actor=house.member(role))
        assert (
            house.url("settings/close/") not in client.get(house.url("settings/")).content.decode()
        )

    def test_a_wrong_name_changes_nothing(self, house, mailoutbox):
        client = house.client()
        for name in ("", "adventure works", "Adventure"):
            answer = client.post(house.url("settings/close/"), {"typed_name": name})
            assert answer.status_code == 422
            assert "<title>Error: " in answer.content.decode()
        house.organization.refresh_from_db()
        assert (house.organization.closes_at, mailoutbox) == (None, [])
        assert events(house, "organization.closing") == []

    def test_it_closes_in_seven_days_and_every_page_says_so(self, house):
        client = house.client()
        answer = client.post(house.url("settings/close/"), {"typed_name": " Adventure Works "})
        assert answer["Location"] == house.url("settings/")
        house.organization.refresh_from_db()
        left = house.organization.closes_at - timezone.now()
        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
        for path in ("runs/", "mapping/", "members/", "settings/", "start/"):
            page = client.get(house.url(path)).content.decode()
            assert "Adventure Works closes" in page
            assert "Keep Adventure Works" in page
            theirs = house.client(Role.VIEWER).get(house.url(path)).content.decode()
            assert "Adventure Works closes" in theirs
            assert "Keep Adventure Works" not in theirs

    def test_asking_twice_asks_once(self, house, mailoutbox):
        ask(house)
        with pytest.raises(Refused) as caught:
            ask(house)
        assert caught.value.code == "closes_already"
        assert len(events(house, "organization.closing")) == len(mailoutbox) == 1

    def test_no_run_is_started_and_those_under_way_are_asked_to_stop(self, house):
        ended = make_ended_run(house, RunState.PARTIAL)
        add_units(ended)
        queued = start(house)
        ask(house)
        with tenant(house.organization.pk):
            assert Run.objects.get(pk=queued.pk).state == RunState.CANCELLED
        with pytest.raises(Refused) as caught:
            start(house)
        assert caught.value.code == "organization_closing"
        with pytest.raises(Refused) as caught:
            replay_run(organization=house.organization, run_id=ended.pk, requested_by="x")
        assert caught.value.code == "organization_closing"
        client = house.client(Role.OPERATOR)
        client.post(house.url("runs/start/"), {"sync": house.sync.pk, "period": ""})
        page = client.get(house.url("runs/")).content.decode()
        assert "Since somebody asked to close the organization, no run is started." in page
        with tenant(house.organization.pk):
            assert Run.objects.count() == 2

    def test_a_run_that_a_worker_moves_is_asked_to_stop(self, house):
        run = start(house)
        assert claim_run(house.organization.pk, run.pk)
        ask(house)
        with tenant(house.organization.pk):
            found = Run.objects.get(pk=run.pk)
        assert (found.state, found.cancel_requested) == (RunState.RUNNING, True)

    def test_starting_and_asking_at_once_leaves_no_run_under_way(self, house):
        owner = house.member(Role.OWNER)

        def press(number):
            if number == 4:
                ask_to_close(
                    organization=house.organization, actor=owner, typed_name="Adventure Works"
                )
            else:
                start(house)

        all_at_once(10, press)
        with tenant(house.organization.pk):
            assert not Run.objects.filter(state__in=(RunState.QUEUED, RunState.WAITING)).exists()

    def test_every_owner_gets_a_receipt_with_numbers(self, house, mailoutbox, settings):
        settings.PUBLIC_ORIGIN = "https://connector.example"
        second = make_person()
        add_member(organization=house.organization, user=second, role=Role.OWNER)
        house.member(Role.ADMIN)
        add_key(house)
        asked = ask(house)
        first = house.member(Role.OWNER)
        assert sorted(mail.to[0] for mail in mailoutbox) == sorted([first.email, second.email])
        mail = mailoutbox[0]
        assert mail.subject == f"Adventure Works closes on {asked.closes_at:%-d %B %Y, %H:%M} UTC"
        assert "- access ends for 3 members, and 0 open invitations are withdrawn;" in mail.body
        assert "- 1 API key is revoked;" in mail.body
        assert "the secrets of 2 connections can never be opened again" in mail.body
        assert f"https://connector.example{house.url('settings/')}" in mail.body


class TestTakingItBack:
    """Any owner, within seven days, and everything is as it was."""

    def test_another_owner_takes_it_back_and_runs_start_again(self, house, mailoutbox):
        second = make_person()
        add_member(organization=house.organization, user=second, role=Role.OWNER)
        key, invitation, connection = add_key(house), invite(house), connect(house)
        ask(house)
        mailoutbox.clear()
        client = signed_in(second)
        assert client.post(house.url("settings/keep/"))["Location"] == house.url("settings/")
        page = client.get(house.url("settings/")).content.decode()
        assert "stays open" in page
        assert "Keep Adventure Works" not in page
        house.organization.refresh_from_db()
        assert (house.organization.closes_at, house.organization.closed_at) == (None, None)
        key.refresh_from_db()
        invitation.refresh_from_db()
        assert (key.revoked_at, invitation.withdrawn_at) == (None, None)
        assert SECRET in open_sealed(connection, "secrets")
        assert start(house).state == RunState.QUEUED
        (event,) = events(house, "organization.kept")
        assert event.actor == second.email
        assert [mail.subject for mail in mailoutbox] == ["Adventure Works stays open"] * 2
        assert "1 API key, 3 connections with their secrets, 1 sync" in mailoutbox[0].body
        close_due_organizations()
        house.organization.refresh_from_db()
        assert house.organization.closed_at is None

    def test_when_the_days_are_over_it_is_too_late(self, house):
        ask(house)
        run_out(house)
        with pytest.raises(Refused) as caught:
            keep_organization(organization=house.organization, actor=house.member(Role.OWNER))
        assert caught.value.code == "not_closing"
        assert house.client().post(house.url("settings/keep/")).status_code == 404

    def test_nothing_that_was_not_asked_for_is_taken_back(self, house):
        client = house.client()
        client.post(house.url("settings/keep/"))
        page = client.get(house.url("settings/")).content.decode()
        assert "There is no closing to take back" in page
        assert events(house, "organization.kept") == []


class TestTheEnd:
    """What the beat does when the days are over."""

    def close(self, house):
        ask(house)
        run_out(house)
        close_due_task()
        house.organization.refresh_from_db()

    def test_nobody_enters_and_no_secret_opens_any_more(self, house):
        connection, key, invitation = connect(house), add_key(house), invite(house)
        client, viewer = house.client(), house.client(Role.VIEWER)
        assert SECRET in open_sealed(connection, "secrets")
        self.close(house)
        assert house.organization.closed_at is not None
        assert house.organization.wrapped_key == ""
        with tenant(house.organization.pk):
            kept = Connection.objects.select_related("organization").get(pk=connection.pk)
        with pytest.raises(SealBroken):
            open_sealed(kept, "secrets")
        key.refresh_from_db()
        invitation.refresh_from_db()
        assert (key.revoked_by, key.revoked_at is None) == ("the closing", False)
        assert invitation.withdrawn_at is not None
        for each in (client, viewer):
            assert each.get(house.url("runs/")).status_code in (302, 404)
            answer = each.get("/organizations/new/")
            assert answer["Location"].startswith("/sign-in/")

    def test_whoever_belongs_elsewhere_stays_signed_in(self, house):
        other = make_cast()
        owner = house.member(Role.OWNER)
        add_member(organization=other.organization, user=owner, role=Role.VIEWER)
        client = signed_in(owner)
        self.close(house)
        assert client.get(house.url("runs/")).status_code == 404
        assert client.get(other.url("runs/")).status_code == 200

    def test_the_receipt_says_what_was_deleted_and_what_is_kept(self, house, mailoutbox):
        make_ended_run(house)
        ask(house)
        mailoutbox.clear()
        run_out(house)
        close_due_organizations()
        # Whatever else was due is closed as well, and its owners are told.
        (mail,) = mails_to(house, mailoutbox)
        assert mail.subject == "Adventure Works is closed"
        assert "- access of 1 member, and 0 open invitations;" in mail.body
        assert "the secrets of 2 connections can never be opened again" in mail.body
        assert "Kept until the time of retention is over: 1 run, 1 mapping version" in mail.body

    def test_the_trail_holds_and_says_who_and_how_much(self, house):
        self.close(house)
        (asked,), (closed,) = (
            events(house, f"organization.{step}") for step in ("closing", "closed")
        )
        assert (asked.actor, closed.actor) == (house.member(Role.OWNER).email, "system")
        assert closed.data["had"]["connections"] == 2
        assert verify_chain(house.organization.pk)[1] is None

    def test_twice_and_at_once_is_as_good_as_once(self, house, mailoutbox):
        ask(house)
        run_out(house)
        mailoutbox.clear()
        all_at_once(10, lambda number: close_due_organizations())
        close_due_organizations()
        sent = mails_to(house, mailoutbox)
        assert len(events(house, "organization.closed")) == len(sent) == 1

    def test_a_run_that_is_still_under_way_is_ended(self, house):
        ask(house)
        Organization.objects.filter(pk=house.organization.pk).update(closes_at=None)
        run = start(house)
        work = claim_run(house.organization.pk, run.pk)
        ModelLease.objects.create(key=unique("lease"), run_id=run.pk, organization_id=1)
        Organization.objects.filter(pk=house.organization.pk).update(closes_at=timezone.now())
        close_due_organizations()
        with tenant(house.organization.pk):
            assert Run.objects.get(pk=run.pk).state == RunState.CANCELLED
        assert not DueRun.objects.filter(run_id=run.pk).exists()
        assert not ModelLease.objects.filter(run_id=run.pk).exists()
        with pytest.raises(ClaimLost), work.commit():
            pass

    @pytest.mark.parametrize("state", [RunState.RUNNING, RunState.WAITING])
    def test_a_run_whose_import_may_have_started_ends_as_unknown(self, house, state):
        run = make_ended_run(house, state)
        with tenant(house.organization.pk):
            Load.objects.create(
                organization=house.organization, run=run, file_id="1", import_id="1",
                chunk_bytes=1, intended_at=timezone.now(),
            )  # fmt: skip
        Organization.objects.filter(pk=house.organization.pk).update(closes_at=timezone.now())
        close_due_organizations()
        with tenant(house.organization.pk):
            assert Run.objects.get(pk=run.pk).state == RunState.UNKNOWN

    def test_its_short_name_stays_taken(self, house):
        self.close(house)
        assert Organization.objects.filter(slug=house.organization.slug).count() == 1
        assert Membership.objects.filter(organization=house.organization).exists()

    def test_one_that_cannot_be_closed_does_not_hold_up_the_others(self, house, monkeypatch):
        other = make_house()
        other.member(Role.OWNER)
        for each in (house, other):
            ask(each)
            run_out(each)
        close = closing._close

        def fail(organization_id):
            if organization_id == house.organization.pk:
                raise RuntimeError("out of order")
            return close(organization_id)

        monkeypatch.setattr(closing, "_close", fail)
        close_due_organizations()
        for each, is_closed in ((house, False), (other, True)):
            each.organization.refresh_from_db()
            assert (each.organization.closed_at is not None) is is_closed
        monkeypatch.undo()
        close_due_organizations()
        house.organization.refresh_from_db()
        assert house.organization.closed_at is not None
