"""Every page of the site in one table: how it is reached, and by whom.

A new page is a new line of `PAGES`; what it needs to have something to show is made in `Scene`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.models import ApiKey, Invitation, Membership, Role
from accounts.permissions import Right
from accounts.services.invitations import invite
from accounts.services.keys import mark_exposed, revoke_all_keys
from accounts.terms import Terms
from accounts.tokens import digest_of
from integrations.services.closing import ask_to_close
from tests.accounts.keys import make_key
from tests.accounts.people import make_cast, make_person, signed_in
from tests.integrations.scenes import (
    House,
    add_books,
    add_load,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)
from tests.names import unique


class Scene:
    """An organization whose pages have something to show, and who looks at them."""

    def __init__(self) -> None:
        self.house: House = make_house()
        warning = {"code": "books_not_balanced", "message": "Net is 5.00."}
        self.proved = make_run(self.house, warnings=[warning])
        add_books(self.proved)
        add_load(self.proved)
        self.held, self.swapped = held_run(self.house), swapped_run(self.house)
        self.waiting = make_run(
            self.house, "waiting", error_code="model_leased", error_message="Busy."
        )
        add_units(self.waiting)
        self.member, self.link = add_people(self.house)
        self.closing = make_cast(name="Closing Works")
        closer = self.closing.member(Role.OWNER)
        ask_to_close(
            organization=self.closing.organization, actor=closer, typed_name="Closing Works"
        )
        self.key = self.with_keys()
        self.bare = make_cast()
        staff = make_person()
        staff.is_staff = True
        staff.save(update_fields=["is_staff"])
        self.people: dict[str, Client | None] = {
            "owner": self.house.client(),
            "closer": self.closing.client(),
            "staff": signed_in(staff),
            "member of nothing": signed_in(make_person()),
            "owner of nothing yet": self.bare.client(),
            "nobody": None,
        }

    def with_keys(self) -> ApiKey:
        """Make a key that is over and a live one that was seen in an address; return this one."""
        owner = self.house.member(Role.OWNER)
        make_key(self.house.organization, owner, name="Trial")
        revoke_all_keys(organization=self.house.organization, revoked_by=owner.email)
        key, text = make_key(self.house.organization, owner, name="Nightly load")
        mark_exposed(text, "192.0.2.1")
        return key

    def url(self, path: str) -> str:
        """Return an address below the organization."""
        return self.house.url(path)

    def run(self, run: Any, rest: str = "") -> str:
        """Return the address of a run's page."""
        return self.url(f"runs/{run.pk}/{rest}")


def add_people(house: House) -> tuple[Membership, str]:
    """Give a house members of all roles and an open invitation: an operator, and the link."""
    for role in Role:
        house.member(role)
    invitation = invite(
        organization=house.organization,
        actor=house.member(Role.OWNER),
        email="invited@example.com",
        terms=Terms(Role.VIEWER, frozenset({Right.APPROVE_MAPPING})),
    )
    token = unique("token")
    Invitation.objects.filter(pk=invitation.pk).update(token_digest=digest_of(token))
    operator = Membership.objects.get(
        organization=house.organization, user=house.member(Role.OPERATOR)
    )
    return operator, f"/invitations/{token}/"


@dataclass(frozen=True)
class Stop:
    """How a page is reached: by which path, by whom, and by what is pressed there."""

    path: Callable[[Scene], str]
    who: str = "owner"
    press: str = ""


OPEN_MENU = """() => { document.querySelector(".menu").open = true;
  for (const tone of ["good", "warn", "bad", "info"]) document.dispatchEvent(
    new CustomEvent("notice", { detail: { text: "Said in place.", tone } })); }"""
OPEN_DIALOG = """() => new Promise((done) => {
  document.addEventListener("dialog-opened", () => done(true));
  document.querySelector("a[data-asks]").click(); })"""


# The name is the route's, and after a comma what is so about the page.
PAGES = {
    "home, a stranger": Stop(lambda scene: "/", "nobody"),
    "account_signup": Stop(lambda scene: "/sign-up/", "nobody"),
    "account_login": Stop(lambda scene: "/sign-in/", "nobody"),
    "account_reset_password": Stop(lambda scene: "/password/", "nobody"),
    "mfa_index": Stop(lambda scene: "/account/"),
    "kept_mail": Stop(lambda scene: "/demo/mail/", "nobody"),
    "organization_create": Stop(lambda scene: "/organizations/new/", "member of nothing"),
    "invitation": Stop(lambda scene: scene.link, "nobody"),
    "invitation, for another": Stop(lambda scene: scene.link, "member of nothing"),
    "onboarding": Stop(lambda scene: scene.url("start/")),
    "onboarding, new": Stop(lambda scene: scene.closing.url("start/"), "closer"),
    "member_list": Stop(lambda scene: scene.url("members/")),
    "member_list, closing": Stop(lambda scene: scene.closing.url("members/"), "closer"),
    "member_page": Stop(lambda scene: scene.url(f"members/{scene.member.pk}/")),
    "remove_member": Stop(lambda scene: scene.url(f"members/{scene.member.pk}/remove/")),
    "leave_organization": Stop(lambda scene: scene.url("members/leave/")),
    "role_table": Stop(lambda scene: scene.url("roles/")),
    "rights_on": Stop(lambda scene: scene.url("rights/")),
    "rights_on, asked": Stop(
        lambda scene: scene.url(f"rights/?right=run&day={scene.house.organization.today()}")
    ),
    "organization_settings": Stop(lambda scene: scene.url("settings/")),
    "organization_settings, closing": Stop(lambda scene: scene.closing.url("settings/"), "closer"),
    "close_organization": Stop(lambda scene: scene.url("settings/close/")),
    "run_list": Stop(lambda scene: scene.url("runs/")),
    "run_list, empty": Stop(lambda scene: scene.url("runs/?state=deferred")),
    "run_list, menu and notices": Stop(lambda scene: scene.url("runs/"), press=OPEN_MENU),
    "run_page": Stop(lambda scene: scene.run(scene.proved)),
    "run_page, held": Stop(lambda scene: scene.run(scene.held, "?entity=E_US01&period=Nov+26")),
    "run_page, red": Stop(lambda scene: scene.run(scene.swapped)),
    "run_page, waiting": Stop(lambda scene: scene.run(scene.waiting)),
    "run_records": Stop(
        lambda scene: scene.run(scene.held, "records/?verdict=held&code=unmapped_gl_account")
    ),
    "mapping": Stop(lambda scene: scene.url("mapping/")),
    "key_list": Stop(lambda scene: scene.url("keys/")),
    "key_list, empty": Stop(lambda scene: scene.bare.url("keys/"), "owner of nothing yet"),
    "create_key": Stop(lambda scene: scene.url("keys/new/")),
    "revoke_key": Stop(lambda scene: scene.url(f"keys/{scene.key.pk}/revoke/")),
    "error_list": Stop(lambda scene: "/errors/", "nobody"),
    "components": Stop(lambda scene: "/staff/components/", "staff"),
    "components_confirm": Stop(lambda scene: "/staff/components/confirm/", "staff"),
    "components_confirm, in place": Stop(lambda scene: "/staff/components/", "staff", OPEN_DIALOG),
    "not found": Stop(lambda scene: "/nowhere/"),
}
# Routes that only take what a form sends, answer with a part of a page, or lead elsewhere.
NO_PAGES = {
    "sign_out", "choose_theme", "organization_home", "start_run", "run_progress", "run_results",
    "cancel_run", "replay_run", "replay_records", "set_rule", "remove_rule", "invite_member",
    "resend_invitation", "withdraw_invitation", "keep_organization",
}  # fmt: skip
