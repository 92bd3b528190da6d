"""The page of lists: what differs and what it touches, a list chosen, differences seen, a push."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations import queue
from integrations.models import (
    ListMember,
    MappingRule,
    MemberList,
    ModelCatalogue,
    QadCode,
    Run,
    Sync,
)
from integrations.pipeline.rules import MappingTable, Rule
from integrations.selectors.alignment import changed_codes, list_notes
from integrations.selectors.alignment_cards import list_matters, make_cards
from integrations.services.mappings import approve_rules
from tests.integrations.lists_scene import add_lists
from tests.integrations.scenes import held_run, make_house


@pytest.fixture
def house(engines):
    house = make_house()
    add_lists(house)
    return house


def text_of(answer):
    body = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page_of(house, query="", role=Role.OPERATOR):
    answer = house.client(role).get(house.url(f"mapping/lists/{query}"))
    assert answer.status_code == 200
    return text_of(answer)


def post(house, place, role=Role.OPERATOR, **fields):
    return house.client(role).post(
        house.url(f"mapping/lists/{place}/"), {"dimension": "gl_account", **fields}, follow=True
    )


def matter_of(house, dimension="gl_account"):
    return next(m for m in list_matters(house.organization) if m.dimension == dimension)


def test_the_gravest_dimension_opens_with_what_a_lost_member_touches(house):
    page = page_of(house)
    # Of QAD's accounts 4000 is gone, of the others only 1000 has a rule.
    assert "GL account 3 1 3 5, 1 grave Accounts by code" in page
    assert "Gone in Anaplan (1) Gone in QAD (1) Switched off in QAD (1) Renamed in QAD (1)" in page
    assert "Codes without a member (1) Members without a code (1)" in page
    assert "A_1000 Cash 1000 1 1,500.15 USD" in page
    assert "1000 EUR1, USD1 Cash at bank was Cash A_1000 1 1,500.15 USD" in page_of(
        house, "?kind=renamed"
    )
    assert "6000 EUR1, USD1 Wages and salaries" in page_of(house, "?kind=unmapped")
    unused = page_of(house, "?kind=unused")
    assert "A_9900 Plan only" in unused
    assert "All accounts All accounts" not in unused, "the parent of others"
    assert "Nothing fits this filter." in page_of(house, "?kind=renamed&text=zz")
    assert "marked as seen" not in page_of(house, "?dimension=nonsense&kind=no&page=x")


def test_runs_that_hold_records_of_a_code_are_counted(house):
    run = held_run(house)
    with tenant(house.organization.pk):
        run.exceptions.update(dimension="gl_account", member_code="6000", state="open")
        (note,) = list_notes(matter_of(house), "unmapped").notes
    assert (note.code, note.touch.runs, note.touch.rules) == ("6000", 1, 0)


def test_seen_differences_leave_the_page_one_by_one_or_all_and_the_trail_says_who(house):
    source = house.sync.source_id
    page = text_of(post(house, "seen", kind="renamed", code="1000", source=source))
    assert "1000 is marked as seen" in page
    assert "Renamed in QAD (0)" in page
    assert "1000 EUR1, USD1" in page_of(house, "?dimension=gl_account&kind=renamed&seen=on")
    long_ago = (timezone.now() - timedelta(days=9)).isoformat()
    assert "Gone in QAD (1)" in text_of(post(house, "seen", kind="gone", until=long_ago))
    page = text_of(post(house, "seen", kind="gone", until=timezone.now().isoformat()))
    assert "Gone in QAD (0)" in page
    with tenant(house.organization.pk):
        events = Event.objects.filter(action="list.noted").order_by("pk")
        assert [(e.actor, e.data) for e in events] == [
            (house.member(Role.OPERATOR).email, {"kind": "renamed", "codes": 2, "code": "1000"}),
            (house.member(Role.OPERATOR).email, {"kind": "gone", "codes": 2}),
        ]
    # What is unclear, or no kind that is seen, changes nothing.
    assert "was not named" in text_of(post(house, "seen", kind="lost"))
    page = text_of(post(house, "seen", dimension="supplier", kind="gone"))
    assert "The mapping has no dimension supplier" in page


def test_another_list_is_chosen_from_those_that_the_model_has(house, monkeypatch):
    hints = []
    monkeypatch.setattr(queue, "_send", lambda task, ids, **_: hints.append((task, *ids)))
    with tenant(house.organization.pk):
        ModelCatalogue.objects.create(
            organization=house.organization, connection=house.sync.target,
            workspace_id="w" * 32, model_id="M" * 32, found_at=timezone.now(),
            accepted_at=timezone.now(), accepted_by="test",
            found={"lists": {"1": {"name": "Cost Centers"}, "2": {"name": "GL | Accounts"}}},
        )  # fmt: skip
    place = f"{house.sync.target_id}|{'M' * 32}|"
    wrong = post(house, "choose", chosen=f"{place}Nowhere", carries="code")
    assert (wrong.status_code, "Nowhere" in text_of(wrong)) == (422, True)
    page = text_of(post(house, "choose", chosen=f"{place}GL | Accounts", carries="name"))
    assert "GL account: GL | Accounts is chosen and will be read now." in page
    with tenant(house.organization.pk):
        row = MemberList.objects.get(dimension="gl_account")
        assert (row.list_name, row.carries, row.read_at) == ("GL | Accounts", "name", None)
        assert not ListMember.objects.exists()
    assert ("integrations.tasks.read_lists", house.organization.pk, 0) in hints
    assert "No list is chosen." not in page
    assert "being read" in text_of(post(house, "read"))
    assert hints[-1] == ("integrations.tasks.read_lists", house.organization.pk, 1)
    assert "Being read now." in page_of(house)


def test_a_push_starts_the_sync_of_the_list_or_leads_to_the_form_that_makes_one(house):
    page = house.client(Role.OWNER).get(house.url("mapping/lists/")).content.decode()
    link = unescape(re.search(r'href="([^"]*syncs/new/\?[^"]*)"', page).group(1))
    form = house.client(Role.OWNER).get(link).content.decode()
    assert re.search(r'<option value="gl_account_list" selected', form)
    assert "No sync loads this list" not in page
    assert "there is none" in text_of(post(house, "push"))
    with tenant(house.organization.pk):
        sync = Sync.objects.get()
        sync.pk, sync.name, sync.data_set = None, "Accounts of QAD", "gl_account_list"
        sync.export_name, sync.conventions = "Accounts", {"member_code": "A_{code}"}
        sync.entities = [{"domain": domain, "entity": domain} for domain in ("USD1", "EUR1")]
        sync.save()
    # 1000 is mapped to A_1000, which is gone; 5000 and 6000 would be A_5000 and A_6000.
    assert "Push 3 new codes into Accounts" in page_of(house)
    assert "Push 3 new codes" not in page_of(house, role=Role.VIEWER)
    answer = post(house, "push")
    with tenant(house.organization.pk):
        run = Run.objects.get(sync=sync)
    assert answer.redirect_chain[-1][0] == house.url(f"runs/{run.pk}/")
    assert run.requested_by == house.member(Role.OPERATOR).email


def test_the_page_asks_the_database_little(house, django_assert_max_num_queries):
    client = house.client()
    with django_assert_max_num_queries(30):
        client.get(house.url("mapping/lists/"))


def test_many_differences_come_a_page_at_a_time(house):
    with tenant(house.organization.pk):
        QadCode.objects.bulk_create(
            QadCode(
                organization=house.organization, source=house.sync.source, dimension="gl_account",
                domain="USD1", code=f"8{n:03}", first_seen_at=timezone.now(),
            )
            for n in range(120)
        )  # fmt: skip
    page = house.client().get(house.url("mapping/lists/?kind=unmapped&page=3")).content.decode()
    assert page.count("Mark as seen<span") == 21
    assert ("Previous page" in page, "Next page" in page) == (True, False)


RULES = (
    Rule("gl_account", "1000", "A", "range", "1999"),
    Rule("gl_account", "Aa", "B", "range", "Ab"),
    Rule("gl_account", "77", "C", "prefix"),
    Rule("gl_account", "5", "D", "exact", "", "USD1"),
    Rule("gl_account", "6", "", "exact"),
    Rule("gl_account", "", "E", "default", "", "EUR1"),
)
CODES = ("1500", "150", "15000", "1x00", "Aa1", "aa", "AB", "Aaé", "777", "76", "5", "6", "")


def test_the_database_holds_codes_by_the_same_rules_as_a_run(house):
    class Plain:
        dimensions = ()

    table = MappingTable(RULES, Plain(), {})
    with tenant(house.organization.pk):
        QadCode.objects.all().delete()
        approve_rules(organization=house.organization, rules=RULES, requested_by="test")
        QadCode.objects.bulk_create(
            QadCode(
                organization=house.organization, source=house.sync.source, dimension="gl_account",
                domain=domain, code=code, first_seen_at=timezone.now(),
            )
            for domain in ("USD1", "EUR1")
            for code in CODES
        )  # fmt: skip
        rows = changed_codes(matter_of(house), "unmapped")
        unmapped = set(rows.values_list("domain", "code"))
        (card,) = make_cards([matter_of(house)])
        assert MappingRule.objects.filter(version__number=2).count() == len(RULES)
    rules = {domain: table.in_force(domain, 202611) for domain in ("USD1", "EUR1")}
    expected = {
        (domain, code)
        for domain, in_force in rules.items()
        for code in CODES
        # A rule without a member leaves its codes unmapped on purpose.
        if not in_force.shares("gl_account", code) and code != "6"
    }
    assert unmapped == expected
    assert card.counts["unmapped"] == len({code for _, code in expected}), "the count agrees"
    mapped = {(domain, code) for domain in rules for code in CODES} - expected
    assert (card.codes, card.mapped) == (len(CODES), len({code for _, code in mapped}))
    assert ("USD1", "150") in unmapped
    assert not any(domain == "EUR1" for domain, _ in unmapped)
