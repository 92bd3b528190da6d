"""Invitations: sent by mail, accepted once, by the right person."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from django.test import Client
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Invitation, Membership, Role, User
from accounts.permissions import Right
from accounts.services.invitations import MAILS_A_DAY, accept_invitation, invite
from accounts.services.people import confirm_address
from accounts.terms import Terms, terms_of
from accounts.tokens import digest_of
from audit.models import Event
from audit.tenancy import tenant
from connector_site.logging import JsonFormatter
from tests.accounts.people import make_cast, make_person, signed_in
from tests.names import unique


@pytest.fixture
def cast(engines):
    made = make_cast()
    made.member(Role.OWNER)
    return made


@pytest.fixture
def email():
    return f"{unique('new')}@example.com"


def send(cast, email, role="viewer", by=Role.ADMIN, **more):
    return cast.client(by).post(cast.url("members/invite/"), {"email": email, "role": role, **more})


def link_in(mail):
    return re.search(r"https?://[^/]+(/invitations/([0-9a-f]{64})/)", mail.body)


def token_of(mailoutbox):
    return link_in(mailoutbox[-1])[2]


def newcomer(email):
    """Return a person with this address, confirmed."""
    person = User.objects.create_user(email)
    confirm_address(user=person)
    return person


def is_member(cast, email):
    return Membership.objects.filter(organization=cast.organization, user__email=email).exists()


def test_the_mail_says_who_where_and_as_what_and_its_link_is_kept_as_a_digest(
    cast, email, mailoutbox, settings
):
    settings.PUBLIC_ORIGIN = "https://connector.example"
    last = cast.organization.today() + timedelta(days=30)
    answer = send(cast, email.upper(), "auditor", ends_on=last, extra_rights="approve_mapping")
    assert answer["Location"] == cast.url("members/")
    (mail,) = mailoutbox
    inviter = cast.member(Role.ADMIN).email
    assert mail.to == [email]
    assert mail.subject == f"{inviter} invites you to Adventure Works on ml-connector"
    assert f"as auditor until {last:%-d %B %Y}" in mail.body
    link = link_in(mail)
    assert link[0].startswith("https://connector.example/invitations/")
    kept = Invitation.objects.get(email=email)
    assert kept.token_digest == digest_of(link[2])
    assert terms_of(kept) == Terms(Role.AUDITOR, frozenset({Right.APPROVE_MAPPING}), last)
    assert timedelta(days=6, hours=23) < kept.expires_at - timezone.now() <= timedelta(days=7)
    with tenant(cast.organization.pk):
        event = Event.objects.get(action="member.invited")
    assert (event.actor, event.data["email"]) == (inviter, email)
    assert link[2] not in str(event.data)


def test_a_known_and_an_unknown_address_are_answered_alike(cast, email, mailoutbox):
    known = make_person().email
    pages = []
    for address in (known, email):
        client = cast.client()
        client.post(cast.url("members/invite/"), {"email": address, "role": "viewer"})
        text = client.get(cast.url("members/")).content.decode()
        pages.append(
            re.search(r"<span>(.* is invited\. .*?)</span>", text)[1].replace(address, "x")
        )
    assert pages[0] == pages[1]
    bodies = [link_in(mail).re.sub("link", mail.body) for mail in mailoutbox]
    assert bodies[0] == bodies[1]


def test_an_invited_stranger_is_led_to_sign_up_and_back(cast, email, mailoutbox):
    send(cast, email)
    path = link_in(mailoutbox[0])[1]
    page = Client().get(path).content.decode()
    assert "Join Adventure Works" in page
    assert cast.organization.slug not in page
    encoded = path.replace("/", "%2F")
    assert f"?email={email.replace('@', '%40')}&amp;next={encoded}" in page
    assert f"/sign-in/?next={encoded}" in page
    assert Client().post(path)["Location"] == path
    assert not is_member(cast, email)


def test_the_invited_person_joins_the_right_organization_with_the_offered_terms(
    cast, email, mailoutbox
):
    send(cast, email, "operator", extra_rights="manage_keys")
    person = newcomer(email)
    client, path = signed_in(person), link_in(mailoutbox[0])[1]
    assert "as operator" in client.get(path).content.decode()
    answer = client.post(path)
    assert answer["Location"] == cast.url()
    mine = Membership.objects.get(user=person)
    assert mine.organization == cast.organization
    assert terms_of(mine) == Terms(Role.OPERATOR, frozenset({Right.MANAGE_KEYS}))
    with tenant(cast.organization.pk):
        event = Event.objects.filter(action="member.added").latest("sequence")
    assert (event.actor, event.subject_id, event.data["role"]) == (email, email, "operator")
    assert client.get(path)["Location"] == cast.url()
    assert client.post(path)["Location"] == cast.url()


def test_the_wrong_person_gets_a_page_that_says_so_and_nothing_else(cast, email, mailoutbox):
    send(cast, email)
    other, path = make_person(), link_in(mailoutbox[0])[1]
    for answer in (signed_in(other).get(path), signed_in(other).post(path)):
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "This invitation is for somebody else" in page
        assert other.email in page
        assert email not in page
    with pytest.raises(Refused) as caught:
        accept_invitation(token=token_of(mailoutbox), user=other)
    assert caught.value.code == "invitation_for_another"
    assert not is_member(cast, other.email)
    assert Invitation.objects.get(email=email).accepted_at is None


def test_a_link_that_nobody_sent_is_not_there(cast):
    for client in (Client(), cast.client()):
        assert client.get("/invitations/" + "f" * 64 + "/").status_code == 404


@pytest.mark.parametrize("end", ["expired", "withdrawn", "sent again", "closed"])
def test_an_invitation_that_is_over_opens_nothing(cast, email, mailoutbox, end):
    send(cast, email)
    path, token = link_in(mailoutbox[0])[1], token_of(mailoutbox)
    found = Invitation.objects.get(email=email)
    if end == "expired":
        Invitation.objects.filter(pk=found.pk).update(expires_at=timezone.now())
    elif end == "closed":
        cast.organization.closes_at = timezone.now()
        cast.organization.save(update_fields=["closes_at"])
    else:
        step = "withdraw" if end == "withdrawn" else "resend"
        cast.client(Role.ADMIN).post(cast.url(f"members/invitations/{found.pk}/{step}/"))
    person = newcomer(email)
    for client in (Client(), signed_in(person)):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "not open any more" in answer.content.decode()
    with pytest.raises(Refused) as caught:
        accept_invitation(token=token, user=person)
    assert caught.value.code == "invitation_closed"
    assert not is_member(cast, email)


def test_sending_again_makes_a_new_link_that_works(cast, email, mailoutbox):
    send(cast, email)
    found = Invitation.objects.get(email=email)
    client = cast.client(Role.ADMIN)
    client.post(cast.url(f"members/invitations/{found.pk}/resend/"))
    first, second = (link_in(mail)[2] for mail in mailoutbox)
    assert first != second
    assert (
        f"A new link is on its way to {email}" in client.get(cast.url("members/")).content.decode()
    )
    accept_invitation(token=second, user=newcomer(email))
    assert is_member(cast, email)


def test_an_open_invitation_is_not_sent_twice_by_mistake(cast, email, mailoutbox):
    send(cast, email)
    answer = send(cast, email)
    assert answer.status_code == 422
    assert f"An invitation to {email} is still open." in answer.content.decode()
    assert len(mailoutbox) == 1
    Invitation.objects.filter(email=email).update(expires_at=timezone.now())
    assert send(cast, email).status_code == 302
    assert len(mailoutbox) == 2


def test_a_member_is_not_invited(cast, mailoutbox):
    answer = send(cast, cast.member(Role.VIEWER).email)
    assert answer.status_code == 422
    assert "stands in the list of members" in answer.content.decode()
    assert mailoutbox == []


def test_only_owners_invite_owners_or_take_back_their_invitations(cast, email, mailoutbox):
    assert send(cast, email, "owner").status_code == 422
    with pytest.raises(Refused) as caught:
        invite(
            organization=cast.organization,
            actor=cast.member(Role.ADMIN),
            email=email,
            terms=Terms(Role.OWNER),
        )
    assert (caught.value.code, mailoutbox) == ("owners_only", [])
    assert send(cast, email, "owner", by=Role.OWNER).status_code == 302
    found = Invitation.objects.get(email=email)
    for step in ("withdraw", "resend"):
        cast.client(Role.ADMIN).post(cast.url(f"members/invitations/{found.pk}/{step}/"))
    found.refresh_from_db()
    assert found.withdrawn_at is None
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
def test_other_roles_neither_invite_nor_touch_invitations(cast, email, mailoutbox, role):
    send(cast, email)
    found = Invitation.objects.get(email=email)
    client = cast.client(role)
    for path in ("invite/", f"invitations/{found.pk}/resend/", f"invitations/{found.pk}/withdraw/"):
        sent = {"email": "x@example.com", "role": "viewer"}
        assert client.post(cast.url(f"members/{path}"), sent).status_code == 403
    assert len(mailoutbox) == 1
    found.refresh_from_db()
    assert found.withdrawn_at is None


def test_an_invitation_of_another_organization_is_not_there(cast, email, mailoutbox):
    other = make_cast()
    send(other, email)
    found = Invitation.objects.get(email=email)
    for step in ("withdraw", "resend"):
        path = cast.url(f"members/invitations/{found.pk}/{step}/")
        assert cast.client().post(path).status_code == 404
    assert len(mailoutbox) == 1


def test_a_day_has_a_limit_of_invitations(cast, email, mailoutbox):
    expires_at = timezone.now() + timedelta(days=7)
    Invitation.objects.bulk_create(
        Invitation(
            organization=cast.organization, email=f"{number}@example.com", role="viewer",
            token_digest=unique("digest"), invited_by="x@example.com", expires_at=expires_at,
        )
        for number in range(MAILS_A_DAY)
    )  # fmt: skip
    answer = send(cast, email)
    assert answer.status_code == 422
    assert "has sent 100 invitations within 24 hours" in answer.content.decode()
    assert mailoutbox == []


def test_a_mail_that_nobody_takes_leaves_the_invitation_and_a_line_in_the_log(
    cast, email, monkeypatch, caplog
):
    def refuse(mail):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert send(cast, email).status_code == 302
    assert Invitation.objects.filter(email=email, withdrawn_at=None).count() == 1
    assert [record.getMessage() for record in caplog.records if "mail" in record.getMessage()] == [
        "mail “invitation” was not taken: ConnectionRefusedError"
    ]


def test_a_name_with_markup_stays_text_and_the_subject_one_line(cast, email, mailoutbox):
    cast.organization.name = "A <b>&amp;\nBcc: evil@example.com"
    cast.organization.save(update_fields=["name"])
    send(cast, email)
    assert "A <b>&amp;" in mailoutbox[0].body
    assert "\n" not in mailoutbox[0].subject
    page = Client().get(link_in(mailoutbox[0])[1]).content.decode()
    assert "A &lt;b&gt;" in page
    assert "<b>&" not in page


def test_an_address_that_was_not_confirmed_opens_nothing(cast, email, mailoutbox):
    send(cast, email)
    person = User.objects.create_user(email)
    path = link_in(mailoutbox[0])[1]
    assert signed_in(person).post(path).status_code == 403
    with pytest.raises(Refused) as caught:
        accept_invitation(token=token_of(mailoutbox), user=person)
    assert caught.value.code == "invitation_for_another"
    confirm_address(user=person)
    assert signed_in(person).post(path).status_code == 302
    assert is_member(cast, email)


def test_what_a_member_offered_ends_with_their_last_day(cast, email, mailoutbox, monkeypatch):
    admin = Membership.objects.get(user=cast.member(Role.ADMIN))
    send(cast, email)
    Membership.objects.filter(pk=admin.pk).update(ends_on=cast.organization.today())
    tomorrow = cast.organization.today() + timedelta(days=1)
    monkeypatch.setattr("accounts.models.Organization.today", lambda organization: tomorrow)
    with pytest.raises(Refused) as caught:
        accept_invitation(token=token_of(mailoutbox), user=newcomer(email))
    assert caught.value.code == "invitation_closed"
    assert not is_member(cast, email)


def test_an_invitation_goes_on_when_the_inviter_changes_the_address(cast, email, mailoutbox):
    send(cast, email)
    admin, new = cast.member(Role.ADMIN), f"{unique('changed')}@example.com"
    confirm_address(user=admin)
    old = EmailAddress.objects.get(user=admin)
    newer = EmailAddress.objects.create(user=admin, email=new, verified=True)
    newer.set_as_primary()
    email_changed.send(
        sender=User, request=None, user=admin, from_email_address=old, to_email_address=newer
    )
    assert Invitation.objects.get(email=email).invited_by == new
    accept_invitation(token=token_of(mailoutbox), user=newcomer(email))
    assert is_member(cast, email)


def test_a_link_that_still_works_stays_out_of_the_log(cast, email, mailoutbox, caplog):
    send(cast, email)
    path, token = link_in(mailoutbox[0])[1], token_of(mailoutbox)
    assert signed_in(make_person()).get(path).status_code == 403
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert [line for line in lines if "Forbidden" in line]
    assert [line for line in lines if token in line] == []
