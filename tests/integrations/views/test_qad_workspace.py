"""The workspace of a QAD connection: offered by name, chosen, and never re-bound by itself."""

import html

import pytest

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection
from integrations.qad.types import Workspace
from integrations.services.qad_connection import WayIn, connect_qad
from integrations.services.qad_workspaces import default_workspace
from simulators import server
from simulators.qad.app import build_app
from tests.accounts.people import make_cast
from tests.integrations.qad.conftest import StandIn, write_books

HOME = {"domain": "10USA", "entity": "10USACO"}


@pytest.fixture(scope="module")
def qad(engines, tmp_path_factory):
    with server.start(build_app(write_books(tmp_path_factory.mktemp("books")))) as running:
        yield StandIn(running)


@pytest.fixture(autouse=True)
def _healed(qad):
    yield
    qad.look("faults", method="DELETE")


class Desk:
    """An organization with a connection, and its admin."""

    def __init__(self, qad):
        self.cast = make_cast()
        self.client = self.cast.client(Role.ADMIN)
        self.row = connect_qad(
            organization=self.cast.organization, name="Plant", tenant_url=qad.url,
            way_in=WayIn("basic", user="demo", secret="demo"),
        )  # fmt: skip
        self.path = self.cast.url(f"connections/qad/{self.row.pk}/workspace/")

    def read(self, path="", **options):
        return html.unescape(self.client.get(path or self.path, **options).content.decode())

    def refresh(self):
        answer = self.client.post(f"{self.path}refresh/", follow=True)
        return html.unescape(answer.content.decode())

    def choose(self, **form):
        return html.unescape(self.client.post(self.path, form, follow=True).content.decode())

    @property
    def kept(self):
        with tenant(self.cast.organization.pk):
            return Connection.objects.get(pk=self.row.pk)


@pytest.fixture
def desk(qad):
    return Desk(qad)


def test_what_qad_offers_is_shown_by_domain_and_searched(desk):
    assert "QAD was not asked yet." in desk.read()
    page = desk.refresh()
    for text in ("2 workspaces, asked", "Domain 10USA", "Home", "Domain 20EUR", "EUR"):
        assert text in page
    page = desk.read(data={"text": "abroad"})
    assert "1 of 2 fits." in page
    assert "20EURCO" in page
    assert "10USACO" not in page
    assert "No workspace fits “nothing”." in desk.read(data={"text": "nothing"})


def test_a_choice_is_kept_with_its_name_and_stands_in_the_trail(desk):
    desk.refresh()
    page = desk.choose(**HOME)
    assert "10USA 10USACO is the workspace of Plant now." in page
    assert "<strong>Home</strong>, USD" in page
    assert desk.kept.place == {**HOME, "description": "Home", "base_currency": "USD"}
    assert default_workspace(desk.kept) == Workspace(**HOME)
    with tenant(desk.cast.organization.pk):
        event = Event.objects.get(action="connection.workspace_chosen")
    assert (event.subject_id, event.data) == ("Plant", HOME)


def test_what_qad_does_not_offer_is_not_taken(desk):
    desk.refresh()
    page = desk.choose(domain="10USA", entity="NOPE")
    assert "10USA NOPE is not among the workspaces that QAD named last." in page
    assert (desk.kept.place, default_workspace(desk.kept)) == ({}, None)


def test_a_chosen_one_that_vanishes_is_missing_since_then_and_is_not_re_bound(desk):
    desk.refresh()
    desk.choose(**HOME)
    rest = {**desk.kept.place, "domain": "10OLD"}
    with tenant(desk.cast.organization.pk):
        Connection.objects.filter(pk=desk.row.pk).update(place=rest)
    assert "QAD has not named it since" in desk.refresh()
    since = desk.kept.place["missing_since"]
    assert desk.kept.place == {**rest, "missing_since": since}
    desk.refresh()
    assert desk.kept.place["missing_since"] == since
    page = desk.read(desk.cast.url(f"connections/{desk.row.pk}/"))
    assert "QAD has not named it since" in page
    with tenant(desk.cast.organization.pk):
        Connection.objects.filter(pk=desk.row.pk).update(
            place={**desk.kept.place, "domain": "10USA"}
        )
    assert "QAD has not named it since" not in desk.refresh()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 404}, "QAD does not offer this document"),
        ({"kind": "empty"}, "QAD names no workspace"),
        ({"kind": "status", "status": 403}, "The QAD user may not read this"),
        ({"kind": "html"}, "QAD answered with a page, not with data"),
    ],
)
def test_what_keeps_qad_from_answering_is_told_and_the_list_before_stays(desk, qad, fault, words):
    desk.refresh()
    desk.choose(**HOME)
    before = desk.kept
    qad.fault(path="Entities", **fault)
    page = desk.refresh()
    assert words in page
    assert "What to do:" in page
    assert "Type domain and entity by hand" in page
    assert "2 workspaces, asked" in page
    assert (desk.kept.offered, desk.kept.place) == (before.offered, before.place)


def test_codes_can_be_typed_as_the_last_resort(desk):
    page = desk.choose(by_hand="1", domain="10USA", entity="10USACO")
    assert "typed by hand" in page
    assert default_workspace(desk.kept) == Workspace(**HOME)
    desk.refresh()
    assert desk.kept.place == {**HOME, "description": "Home", "base_currency": "USD"}


@pytest.mark.parametrize(
    ("domain", "entity", "words"),
    [
        ("10USA1234", "X", "at most 8 characters"),
        ("10 USA", "X", "no blanks and no comma"),
        ("10USA", "A,B", "no blanks and no comma"),
        ("10USA", "", "This field is required."),
    ],
)
def test_codes_that_qad_cannot_have_are_told_beside_their_field(desk, domain, entity, words):
    answer = desk.client.post(desk.path, {"by_hand": "1", "domain": domain, "entity": entity})
    assert answer.status_code == 422
    assert words in html.unescape(answer.content.decode())
    assert desk.kept.place == {}


def test_a_connection_without_a_secret_is_told_so(desk):
    with tenant(desk.cast.organization.pk):
        Connection.objects.filter(pk=desk.row.pk).update(secrets="")
    assert "The secret is needed again" in desk.refresh()
