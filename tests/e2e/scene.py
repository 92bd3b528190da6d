"""An organization whose pages have something to show, and who looks at them."""

import re
import time
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Membership, Role
from accounts.permissions import Right
from accounts.services.invitations import invite
from accounts.services.keys import mark_exposed, revoke_all_keys
from accounts.services.members import add_member
from accounts.services.people import confirm_address
from accounts.terms import Terms
from audit.tenancy import tenant
from integrations.models import Connection, SignInProvider, System
from integrations.qad.profile import default_profile
from integrations.services.approvals import Waiting
from integrations.services.closing import ask_to_close
from integrations.services.connections import add_connection
from integrations.services.manners import budget_of
from integrations.services.qad_connection import WayIn, connect_qad
from integrations.services.sign_in_provider import save_provider
from tests.accounts.keys import make_key
from tests.accounts.people import PASSWORD, Cast, make_cast, make_person, signed_in
from tests.e2e.factors import add_factors, note_fresh_sign_in
from tests.e2e.mapping_visits import MappingVisits
from tests.e2e.visitors import Visitors
from tests.integrations.anaplan_scene import connect
from tests.integrations.evidence_scene import add_evidence
from tests.integrations.model_scene import add_alarm, add_model
from tests.integrations.scenes import (
    House,
    add_books,
    add_checked_profile,
    add_closed_change,
    add_load,
    add_ping,
    add_plan,
    add_sign_offs,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)
from tests.names import unique

WORKSPACES = [
    {"domain": domain, "entity": entity, "description": words, "base_currency": currency}
    for domain, entity, words, currency in (
        ("10USA", "10USACO", "Adventure Works Seattle", "USD"),
        ("10USA", "10USACA", "Adventure Works Sacramento and Central Valley", "USD"),
        ("20EUR", "20EURCO", "Adventure Works Rotterdam", "EUR"),
        *(("30ASIA", f"30ASIA{n:02}", f"Adventure Works Asia {n}", "SGD") for n in range(7)),
    )
]


class Scene(Visitors, MappingVisits):
    """Makes what a page needs when the page is first asked for."""

    @cached_property
    def house(self) -> House:
        """The organization, with a member of each role and an open invitation."""
        house = make_house()
        for role in Role:
            house.member(role)
        self.invite(f"{unique('guest')}@example.com", house)
        return house

    def url(self, path: str) -> str:
        """Return an address below the organization."""
        return self.house.url(path)

    def run(self, run: Any, rest: str = "") -> str:
        """Return the address of a run's page."""
        return self.url(f"runs/{run.pk}/{rest}")

    def pinged(self, state: str) -> str:
        """Return the address of a QAD that was pinged before and now once more."""
        connection = add_connection(
            organization=self.house.organization,
            system=System.QAD,
            name=unique("Head office"),
            address={"tenant_url": "https://acme.example.com/clouderp", "user": "robot"},
            secrets={"password": "sealed"},
            profile=default_profile(),
        )
        for earlier in ("failed", "cancelled", "ok"):
            add_ping(connection, earlier)
        add_ping(connection, state)
        return self.url(f"connections/{connection.pk}/")

    @cached_property
    def proved(self) -> Any:
        """A green run with a warning."""
        warning = {"code": "books_not_balanced", "message": "Net is 5.00."}
        run = make_run(self.house, warnings=[warning])
        add_books(run)
        add_load(run)
        return run

    @cached_property
    def plan(self) -> Any:
        """A version of a plan that has shrunk."""
        return add_plan(self.house, "held", lost={"rows": [8, 2], "periods": [202610]})

    @cached_property
    def final(self) -> Any:
        """A green run with a period that is final, signed and open again."""
        run = make_run(self.house, plan={"read_back": {}})
        add_books(run)
        add_sign_offs(run)
        return run

    @cached_property
    def kept(self) -> Any:
        """A green run whose evidence can be looked into, for an account and a cell."""
        run = make_run(self.house)
        add_books(run)
        add_evidence(run)
        return run

    def behind(self, page: str, rest: str = "") -> str:
        """Return the address of a page behind a line of that run."""
        return self.run(self.kept, f"{page}/?entity=E_US01&period=Nov+26&account=A_1000{rest}")

    @cached_property
    def held(self) -> Any:
        """A run with held records."""
        return held_run(self.house)

    @cached_property
    def swapped(self) -> Any:
        """A red run."""
        return swapped_run(self.house)

    @cached_property
    def change(self) -> Any:
        """A change of a closed period that waits, beside decided ones and one of the owner's."""
        run, own = make_run(self.house, "partial"), make_run(self.house, "partial")
        add_books(run)
        add_units(own)
        owner = self.house.member(Role.OWNER)
        with tenant(self.house.organization.pk):
            type(own).objects.filter(pk=own.pk).update(requested_by=owner.email)
        now = timezone.now()
        by = {"decided_at": now, "decided_by": owner.email}
        add_closed_change(own, "E_DE01|Oct 26")
        add_closed_change(own, "E_DE01|Nov 26", state="superseded", decided_at=now)
        add_closed_change(run, "E_DE01|Oct 26", state="approved", **by)
        return add_closed_change(run)

    def changed(self, path: str) -> str:
        """Return an address once closed periods have changed."""
        assert self.change
        return self.url(path)

    @cached_property
    def waiting(self) -> Any:
        """A run that waits for the model."""
        run = make_run(self.house, "waiting", error_code="model_leased", error_message="Busy.")
        add_units(run)
        return run

    @cached_property
    def throttled(self) -> Connection:
        """A connection that may not call for a while, because Anaplan said so."""
        with tenant(self.house.organization.pk):
            connection = Connection.objects.create(
                organization=self.house.organization,
                system=System.ANAPLAN,
                name="Planning",
                address={"api_host": "https://api.anaplan.com"},
                identity=unique("customer"),
            )
        budget_of(connection).acquire(143)
        budget_of(connection).pause(600)
        return connection

    @cached_property
    def modelled(self) -> House:
        """An organization of the same owner whose model was chosen, and has changed since."""
        house = make_house(name="Modelled")
        owner = self.house.member(Role.OWNER)
        add_member(organization=house.organization, user=owner, role=Role.OWNER)
        add_model(house)
        add_alarm(house)
        return house

    def in_model(self, path: str) -> str:
        """Return an address below the connection to that model."""
        return self.modelled.url(f"connections/{self.modelled.sync.target_id}/{path}")

    @cached_property
    def bare(self) -> Cast:
        """An organization in which nothing was done yet."""
        return make_cast()

    @cached_property
    def beginner(self) -> Client:
        """Its owner."""
        return self.bare.client()

    @cached_property
    def key(self) -> ApiKey:
        """A live key that was seen in an address, beside one that is over."""
        owner, organization = self.house.member(Role.OWNER), self.house.organization
        make_key(organization, owner, name="Trial")
        revoke_all_keys(organization=organization, revoked_by=owner.email)
        key, text = make_key(organization, owner, name="Nightly load")
        mark_exposed(text, "192.0.2.1")
        return key

    @cached_property
    def qad(self) -> Connection:
        """A connection to a QAD that offers workspaces; the chosen one is among them no more."""
        row = connect_qad(
            organization=self.house.organization,
            name="QAD production",
            tenant_url="https://acme.example.com/clouderp",
            way_in=WayIn("basic", user="robot", secret="kept apart"),
        )
        with tenant(self.house.organization.pk):
            row.offered = {"at": "2026-11-01T08:00:00+00:00", "workspaces": WORKSPACES}
            row.place = {
                "domain": "10USA", "entity": "10USAOLD", "description": "Sold plant",
                "base_currency": "USD", "missing_since": "2026-11-01T08:00:00+00:00",
            }  # fmt: skip
            row.save(update_fields=["offered", "place"])
        return row

    @cached_property
    def provider(self) -> SignInProvider:
        """The provider through which its members sign in."""
        return save_provider(
            organization=self.house.organization,
            actor=self.house.member(Role.OWNER),
            issuer="https://login.example.com",
            client_id="ml-connector",
            secret="kept apart",
            domains=["example.com"],
        )

    def provided(self, path: str) -> str:
        """Return an address below the organization once it has a provider."""
        assert self.provider
        return self.url(path)

    def profile(self, path: str) -> str:
        """Return an address below a connection to QAD whose profile was checked."""
        return self.url(f"connections/{self.checked_connection}/{path}")

    @cached_property
    def checked_connection(self) -> int:
        """A connection to QAD with two versions of its profile and a result of each kind."""
        return add_checked_profile(self.house)

    @cached_property
    def paused(self) -> Connection:
        """A connection to Anaplan that was approved, and paused since."""
        row = connect(self.house.organization, "https://anaplan.example.com", "oauth_code")
        now = timezone.now()
        approved = {"approved_at": now.isoformat(), "approved_by": "owner@example.com"}
        with tenant(row.organization_id):
            Connection.objects.filter(pk=row.pk).update(
                address={**row.address, **approved, "user": "integration@example.com"},
                renewal="sealed", renewal_set_at=now, secret_ends_at=now + timedelta(hours=12),
                paused_at=now, paused_code="anaplan_approval_ended",
            )  # fmt: skip
        return row

    def coded(self, who: str) -> str:
        """Return the page on which somebody waits for a device's code to be entered."""
        address = "https://iam.example.com/activate"
        waiting = Waiting(
            self.paused.pk, "kept apart", "BCDF-GHJK", address, f"{address}?user_code=BCDF-GHJK",
            300, time.time() + 900, time.time(),
        )  # fmt: skip
        client = self.client(who)
        assert client
        session = client.session
        session["anaplan_device"] = asdict(waiting)
        session.save()
        return f"connections/{self.paused.pk}/device/"

    @cached_property
    def closing(self) -> Cast:
        """An organization of the same owner that is about to close."""
        cast = make_cast(name="Ending")
        owner = self.house.member(Role.OWNER)
        add_member(organization=cast.organization, user=owner, role=Role.OWNER)
        ask_to_close(organization=cast.organization, actor=owner, typed_name="Ending")
        return cast

    @cached_property
    def member_id(self) -> int:
        """The operator's membership."""
        operators = Membership.objects.filter(
            organization=self.house.organization, role=Role.OPERATOR
        )
        return operators.get().pk

    def invite(self, email: str, house: House) -> str:
        """Invite an address and return the address of the link."""
        mail.outbox = []
        invite(
            organization=house.organization,
            actor=house.member(Role.OWNER),
            email=email,
            terms=Terms(Role.VIEWER, frozenset({Right.APPROVE_MAPPING})),
        )
        found = re.search(r"/invitations/\S+", mail.outbox[0].body)
        assert found
        return found[0]

    @cached_property
    def invitation(self) -> str:
        """The link of an invitation that nobody has opened."""
        return self.invite(f"{unique('guest')}@example.com", self.house)

    @cached_property
    def passkey_id(self) -> int:
        """The passkey of the person with all factors."""
        return add_factors(self.protected_person).pk

    @cached_property
    def protected_person(self) -> Any:
        """A member of the staff with all factors."""
        person = make_person(password=PASSWORD)
        person.is_staff = person.is_superuser = True
        person.save(update_fields=["is_staff", "is_superuser"])
        return person

    def client(self, who: str) -> Client | None:
        """Return the session of somebody by name; nobody has none."""
        return None if who == "nobody" else getattr(self, who.replace(" ", "_"))

    @cached_property
    def owner(self) -> Client:
        """The owner, freshly signed in."""
        person = self.house.member(Role.OWNER)
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
        confirm_address(user=person)
        client = signed_in(person)
        note_fresh_sign_in(client, person)
        return client

    @cached_property
    def viewer(self) -> Client:
        """A member who may only look."""
        return self.house.client(Role.VIEWER)

    @cached_property
    def staff(self) -> Client:
        """Staff with all factors, freshly signed in."""
        assert self.passkey_id
        client = signed_in(self.protected_person)
        note_fresh_sign_in(client, self.protected_person)
        return client

    @cached_property
    def stale(self) -> Client:
        """The same, signed in long ago."""
        assert self.passkey_id
        return signed_in(self.protected_person)
