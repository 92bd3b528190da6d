"""Saving a connection to Anaplan: what stays, what is asked for again, and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.core import mail

from accounts.errors import Refused
from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.fields import open_sealed
from integrations.models import Connection
from integrations.services import expiry
from integrations.services.anaplan_connections import save_anaplan
from tests.accounts.people import make_cast
from tests.integrations.anaplan.conftest import StandIn
from tests.integrations.anaplan.test_certificate import CERTIFICATE, KEY, OTHER, key_text
from tests.integrations.anaplan_scene import address_for, approve, connect, fresh, start_anaplan
from tests.simulators.anaplan.client import ANNA
from tests.simulators.anaplan.signing import make_identity

HOST = "https://anaplan.example.com"
PAIR = {"certificate": KEY + CERTIFICATE, "private_key": KEY}
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def stand_in(engines, tmp_path_factory):
    with start_anaplan(tmp_path_factory.mktemp("anaplan")) as running:
        yield StandIn(running.origin)


@pytest.fixture
def cast(engines):
    made = make_cast()
    made.member(Role.OWNER)
    return made


def save(row, secrets=None, origin=None, sign_in=None, **more):
    origin = origin or row.address["api_host"]
    address = address_for(origin, sign_in or row.address["sign_in"], **more)
    save_anaplan(
        organization=row.organization, connection_id=row.pk, name=row.name,
        address=address, secrets=secrets or {},
    )  # fmt: skip
    return fresh(row)


def refusal(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.code


def set_times(row, **times):
    with tenant(row.organization_id):
        Connection.objects.filter(pk=row.pk).update(**times)
    return fresh(row)


def test_an_approval_stays_with_its_client_and_ends_with_another(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    assert row.address["user"] == ANNA[0]
    assert row.secret_ends_at - row.renewal_set_at == timedelta(seconds=43_000)
    kept = save(row, refresh_seconds="86400")
    assert kept.renewal == row.renewal
    assert kept.address["approved_at"] == row.address["approved_at"]
    assert kept.secret_ends_at - kept.renewal_set_at == DAY
    assert save(row, refresh_seconds="").secret_ends_at is None
    assert refusal(save, row, client_id="f" * 32) == "secret_needed"
    assert refusal(save, row, origin="https://elsewhere.example.com") == "secret_needed"
    assert refusal(save, row, sign_in="basic") == "secret_needed"
    other = save(row, {"client_secret": "x" * 9}, client_id="f" * 32)
    assert (other.renewal, other.renewal_set_at, other.secret_ends_at) == ("", None, None)
    assert "approved_at" not in other.address


def test_a_connection_keeps_its_customer_as_long_as_the_same_one_signs_in(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    row = set_times(row, identity="lamps")
    assert save(row, refresh_seconds="86400").identity == "lamps"
    assert approve(fresh(row)).identity == "lamps"
    assert save(row, {"client_secret": "x" * 9}, client_id="f" * 32).identity == ""
    plain = set_times(connect(cast.organization, HOST), identity="lamps")
    assert save(plain, {"password": "another"}).identity == "lamps"
    assert save(plain, {"password": "x"}, user="bo@lamps.example").identity == ""
    set_times(plain, identity="lamps")
    assert save(plain, {"password": "x"}, origin="https://b.example.com").identity == ""
    signed = set_times(connect(cast.organization, HOST, "certificate", secrets=PAIR), identity="x")
    assert save(signed).identity == "x"
    assert save(signed, PAIR).identity == ""


def test_a_device_client_has_no_secret_and_asks_for_a_new_approval_elsewhere(cast):
    row = connect(cast.organization, HOST, "oauth_device")
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=row.pk).update(renewal="kept")
    assert save(row).renewal == "kept"
    assert save(row, origin="https://elsewhere.example.com").renewal == ""


def test_a_certificate_is_kept_alone_and_its_end_is_known(cast):
    row = connect(cast.organization, HOST, "certificate", secrets=PAIR)
    assert open_sealed(row, "secrets").count("BEGIN CERTIFICATE") == 1
    assert open_sealed(row, "secrets").count("PRIVATE KEY") == 2
    assert timedelta(days=29) < row.secret_ends_at - datetime.now(UTC) <= timedelta(days=30)
    assert save(row).secret_ends_at == row.secret_ends_at
    old = {"password": "x"}
    assert save(row, old, sign_in="basic").secret_ends_at is None


OVER = make_identity(ANNA[0], days=-1)


@pytest.mark.parametrize(
    ("secrets", "code"),
    [
        ({}, "secret_needed"),
        ({"certificate": CERTIFICATE}, "secret_needed"),
        ({**PAIR, "private_key": key_text(OTHER)}, "private_key_differs"),
        ({**PAIR, "certificate": "x"}, "certificate_unreadable"),
        (
            {"certificate": OVER.pem.decode(), "private_key": key_text(OVER)},
            "anaplan_certificate_expired",
        ),
    ],
)
def test_a_bad_certificate_is_not_saved(cast, secrets, code):
    assert refusal(connect, cast.organization, HOST, "certificate", secrets=secrets) == code
    with tenant(cast.organization.pk):
        assert not Connection.objects.exists()


@pytest.mark.parametrize("sign_in", ["basic", "oauth_code"])
def test_a_new_connection_needs_the_secret_of_its_way_in(cast, sign_in):
    assert refusal(connect, cast.organization, HOST, sign_in, secrets={}) == "secret_needed"


LOOKS = (40, 31, 30, 29, 15, 8, 7, 6, 2, 1, 0.5, 0.1, -1)


def announced(row, ends_in, **times):
    """The thresholds that are mailed while the days before an end go by, each looked at twice."""
    now = datetime.now(UTC)
    row = set_times(row, secret_ends_at=now + ends_in, announced_days=None, **times)
    mail.outbox.clear()
    for left in LOOKS:
        if left * DAY <= ends_in:
            for _ in range(2):
                expiry.announce_ends(row.organization, now + ends_in - left * DAY)
    return [letter.subject.rsplit(" in ", 1)[1] for letter in mail.outbox]


def test_a_certificate_is_announced_30_7_and_1_days_before_its_end(cast):
    row = connect(cast.organization, HOST, "certificate", secrets=PAIR)
    long_ago = datetime.now(UTC) - 300 * DAY
    assert announced(row, 40 * DAY, secrets_set_at=long_ago) == ["30 days", "7 days", "1 day"]
    assert announced(row, 5 * DAY, secrets_set_at=long_ago) == ["7 days", "1 day"]
    assert announced(row, timedelta(hours=3), secrets_set_at=long_ago) == ["1 day"]
    assert announced(row, 20 * DAY, secrets_set_at=datetime.now(UTC)) == ["7 days", "1 day"]
    assert row.name in mail.outbox[0].subject
    assert f"/connections/{row.pk}/" in mail.outbox[0].body
    with tenant(cast.organization.pk):
        events = Event.objects.filter(action="connection.end_announced").order_by("pk")
        assert [event.data["days"] for event in events] == [30, 7, 1, 7, 1, 1, 7, 1]


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (timedelta(seconds=43_000), []),
        (DAY, []),
        (10 * DAY, ["1 day"]),
        (30 * DAY, ["7 days", "1 day"]),
        (365 * DAY, ["30 days", "7 days", "1 day"]),
    ],
)
def test_a_refresh_token_is_announced_only_where_its_next_use_is_overdue(cast, life, expected):
    row = connect(cast.organization, HOST, "oauth_device")
    assert announced(row, life, renewal_set_at=datetime.now(UTC)) == expected


def test_a_refresh_token_that_rotates_is_used_before_half_its_life_is_over(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    before, set_at = stand_in.count("oauth_refreshes"), row.renewal_set_at
    for hours, refreshes in ((5, 0), (6, 1), (6, 2)):
        expiry.keep_alive(cast.organization.pk, row.pk, set_at + timedelta(hours=hours))
        assert stand_in.count("oauth_refreshes") - before == refreshes
    again = fresh(row)
    assert again.renewal != row.renewal
    assert again.secret_ends_at > row.secret_ends_at


@pytest.fixture
def hints(monkeypatch):
    """The hints at what is to be kept alive, as they are given to the workers."""
    given = []
    monkeypatch.setattr(
        "integrations.queue._send", lambda task, ids, **options: given.append((task, ids, options))
    )
    return given


def test_one_that_is_refused_pauses_and_is_left_alone(stand_in, cast, hints):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    later = row.renewal_set_at + timedelta(hours=7)
    stand_in.look("clock", {"minutes": 43_000 / 60 + 1})
    mail.outbox.clear()
    expiry.watch_ends(later)
    mine = ("integrations.tasks.keep_alive", [cast.organization.pk, row.pk], {"expires": 600.0})
    assert hints.count(mine) == 1
    for _ in range(2):
        expiry.keep_alive(cast.organization.pk, row.pk, later)
    assert fresh(row).paused_code == "anaplan_approval_ended"
    assert [letter.subject for letter in mail.outbox if row.name in letter.subject] == [
        f"Adventure Works: {row.name} is paused"
    ]
    expiry.watch_ends(later)
    assert hints.count(mine) == 1


def test_a_secret_that_does_not_open_holds_up_no_announcement(stand_in, cast, hints, caplog):
    broken = connect(cast.organization, stand_in.origin, "oauth_device")
    now = datetime.now(UTC)
    set_times(
        broken, secrets="x", renewal="x",
        renewal_set_at=now - 10 * DAY, secret_ends_at=now + DAY / 2,
    )  # fmt: skip
    other = connect(cast.organization, HOST, "certificate", secrets=PAIR)
    set_times(other, secrets_set_at=now - 300 * DAY, secret_ends_at=now + 3 * DAY)
    mail.outbox.clear()
    expiry.watch_ends(now)
    told = [letter.subject for letter in mail.outbox]
    assert all(any(row.name in one for one in told) for row in (broken, other))
    expiry.keep_alive(cast.organization.pk, broken.pk, now)
    assert "not kept alive: secret_unreadable" in caplog.text


def test_the_end_of_a_tasks_time_is_not_taken_for_one_organizations_trouble(cast, monkeypatch):
    def run_out(*_arguments):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(expiry, "announce_ends", run_out)
    with pytest.raises(SoftTimeLimitExceeded):
        expiry.watch_ends()
