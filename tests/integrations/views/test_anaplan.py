"""The pages that connect Anaplan and approve there; nothing secret ever comes back."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.forms.anaplan import FORMS
from integrations.models import Connection
from integrations.services.pausing import pause_connection
from integrations.transport.errors import IntegrationError
from tests.accounts.people import make_cast
from tests.integrations.anaplan.test_certificate import CERTIFICATE, KEY, OTHER, key_text
from tests.integrations.anaplan_pages import (
    DONE,
    PASSWORD,
    add,
    form_for,
    only_row,
    page_of,
    text_of,
)
from tests.integrations.anaplan_scene import (
    OUR_SECRET,
    connect,
    fresh,
)
from tests.simulators.anaplan.client import ANNA


@pytest.fixture
def cast(engines):
    return make_cast()


@pytest.fixture
def admin(cast):
    return cast.client(Role.ADMIN)


def test_each_way_in_says_what_it_needs_before_anything_is_typed(admin, cast):
    page = text_of(admin.get(cast.url("connections/anaplan/")))
    for way in FORMS:
        assert f'href="?way={way}"' in page
        form = text_of(admin.get(cast.url(f"connections/anaplan/?way={way}")))
        assert "At Anaplan" in form
        assert ("http://127.0.0.1:8000" + DONE in form) is (way == "oauth_code")
    assert "Single sign-on users need to be exception users" in page
    assert "Connect Anaplan" in text_of(admin.get(cast.url("connections/")))
    assert "Connect Anaplan" not in text_of(
        cast.client(Role.OPERATOR).get(cast.url("connections/"))
    )


@pytest.mark.parametrize("way", FORMS)
def test_a_connection_is_added_and_its_secret_is_never_shown(admin, cast, way):
    origin = "https://anaplan.example.com"
    answer = add(admin, cast, origin, way)
    row = only_row(cast)
    assert answer["Location"] == cast.url(f"connections/{row.pk}/")
    assert row.address["sign_in"] == way
    shown = page_of(admin, cast, row) + page_of(admin, cast, row, "anaplan/")
    for secret in (ANNA[1], OUR_SECRET, KEY, KEY[40:90], CERTIFICATE[40:90]):
        assert secret not in shown
    if row.address["sign_in"] != "oauth_device":
        assert f"by {cast.member(Role.ADMIN).email}" in shown


def test_a_region_gives_the_three_addresses(admin, cast):
    hosts = dict.fromkeys(("token_host", "oauth_host", "api_host"), "")
    add(admin, cast, "https://unused.example.com", "basic", region="eu3", **hosts)
    row = only_row(cast)
    assert row.address["api_host"] == "https://eu3.api.anaplan.com"
    assert row.address["oauth_host"] == "https://eu3.app.anaplan.com"
    page = page_of(admin, cast, row, "anaplan/")
    assert '<option value="eu3" selected>' in page


def test_a_stored_secret_stays_until_it_would_go_elsewhere(admin, cast):
    origin = "https://anaplan.example.com"
    add(admin, cast, origin, "basic", password=PASSWORD)
    row = only_row(cast)
    path = cast.url(f"connections/{row.pk}/anaplan/")
    kept = admin.post(path, form_for(origin, "basic", password="", name="Plan"))
    assert kept.status_code == 302
    assert fresh(row).secrets == row.secrets
    assert fresh(row).name == "Plan"
    moved = admin.post(path, form_for("https://elsewhere.example.com", "basic", password=""))
    assert moved.status_code == 422
    assert "Enter the secret again together with the new address." in text_of(moved)
    other = admin.post(f"{path}?way=certificate", form_for(origin, "certificate", certificate=""))
    assert "Certificate and key are needed together." in text_of(other)
    assert fresh(row).address["api_host"] == origin


@pytest.mark.parametrize(
    ("way", "more", "told"),
    [
        ("basic", {"api_host": ""}, "This field is required."),
        ("basic", {"api_host": "http://anaplan.example.com"}, "is not a plain https address"),
        ("basic", {"user": "anna"}, "Enter a valid email address."),
        ("oauth_code", {"client_secret": ""}, "This field is required."),
        ("oauth_code", {"refresh_seconds": "2399"}, "greater than or equal to 2400"),
        ("certificate", {"certificate": ""}, "Certificate and key are needed together."),
        ("certificate", {"certificate": "x" + KEY}, "is not a certificate in PEM form"),
        ("certificate", {"private_key": CERTIFICATE}, "not a private RSA key"),
        ("certificate", {"private_key": key_text(OTHER)}, "not the one that the certificate"),
        ("certificate", {"private_key": key_text(OTHER, "x")}, "passphrase is missing or wrong"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(admin, cast, way, more, told):
    answer = add(admin, cast, "https://anaplan.example.com", way, **more)
    assert answer.status_code == 422
    page = text_of(answer)
    assert told in page
    assert not any(secret in page for secret in (KEY[40:90], ANNA[1], OUR_SECRET))
    with tenant(cast.organization.pk):
        assert not Connection.objects.exists()


def test_certificate_and_key_may_be_files(admin, cast):
    files = {"certificate_file": io.BytesIO(CERTIFICATE.encode()), "private_key": ""}
    files |= {"private_key_file": io.BytesIO(KEY.encode()), "certificate": ""}
    assert (
        add(admin, cast, "https://anaplan.example.com", "certificate", **files).status_code == 302
    )
    assert only_row(cast).secret_ends_at is not None
    both = {"certificate_file": io.BytesIO(CERTIFICATE.encode())}
    answer = add(admin, cast, "https://a.example.com", "certificate", name="B", **both)
    assert "Paste it or choose a file, not both." in text_of(answer)
    big = {"certificate_file": io.BytesIO(b"x" * 70_000), "certificate": ""}
    answer = add(admin, cast, "https://a.example.com", "certificate", name="B", **big)
    assert "larger than 64 KB" in text_of(answer)
    p12 = {"certificate_file": io.BytesIO(b"\x30\x82\xff\x00"), "certificate": ""}
    answer = add(admin, cast, "https://a.example.com", "certificate", name="B", **p12)
    assert "A .p12 or .pfx file has to be converted first." in text_of(answer)


def test_a_pause_says_why_and_what_to_do(admin, cast):
    row = connect(cast.organization, "https://anaplan.example.com")
    pause_connection(row, IntegrationError("anaplan_source_refused", host="eu1a.example.com"))
    page = page_of(admin, cast, row)
    assert "is paused since" in page
    assert "eu1a.example.com" in page
    assert "Add the addresses of this installation" in page
    assert "Paused" in text_of(admin.get(cast.url("connections/")))


def test_a_certificate_that_ends_soon_is_told_on_both_pages(admin, cast):
    add(admin, cast, "https://anaplan.example.com", "certificate")
    assert "The certificate ends" in page_of(admin, cast, only_row(cast))
    assert "Certificate ends soon" in text_of(admin.get(cast.url("connections/")))


@pytest.mark.parametrize(("hours_unused", "is_told"), [(5, False), (7, True)])
def test_a_refresh_token_is_told_of_only_when_nobody_has_renewed_it(
    admin, cast, hours_unused, is_told
):
    row = connect(cast.organization, "https://anaplan.example.com", "oauth_code")
    set_at = timezone.now() - timedelta(hours=hours_unused)
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=row.pk).update(
            renewal="kept", renewal_set_at=set_at, secret_ends_at=set_at + timedelta(hours=12)
        )
    assert ("The refresh token ends" in page_of(admin, cast, row)) is is_told
    listed = text_of(admin.get(cast.url("connections/")))
    assert ("Refresh token ends soon" in listed) is is_told
