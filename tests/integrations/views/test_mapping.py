"""The mapping pages: the desk, one click, suggestions together, the draft, versions and rules."""

import re
from decimal import Decimal

import pytest

from accounts.models import Organization, Role
from audit.tenancy import tenant
from integrations.models import CodeAmount, MappingRule, MappingVersion, Run
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.drafts import open_draft, read_standing
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mappings import approve_rules
from tests.integrations.desk_scene import add_desk
from tests.integrations.scenes import RULES, add_units, held_run, make_house, make_run


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def desk(house):
    """Three cost centers with amounts: 100 has a member, 200 and 300 have none."""
    add_desk(house, is_drafted=False)
    return house


def newest(house):
    with tenant(house.organization.pk):
        version = MappingVersion.objects.order_by("-number").first()
        rules = MappingRule.objects.filter(version=version, dimension="cost_center")
        return version, dict(rules.values_list("code", "member"))


def page_of(house, path="", role=Role.OWNER):
    answer = house.client(role).get(house.url(f"mapping/{path}"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def send(house, path, role=Role.OWNER, **fields):
    answer = house.client(role).post(house.url(f"mapping/{path}"), fields, follow=True)
    return " ".join(answer.content.decode().split())


def draft_members(house, members):
    change_draft(
        organization=house.organization,
        wishes=[
            Wish(KeyChange(RuleKey("cost_center", "", "exact", code, ""), (Part(member),)))
            for code, member in members.items()
        ],
        requested_by="colleague@example.com",
    )


def accept(house, least):
    """Look at suggestions, and take what was shown."""
    page = page_of(house, f"accept/?least={least}")
    found = re.search(r'name="seen" value="(\w+)"', page)
    return send(house, "accept/", least=least, seen=found[1] if found else "")


def approve(house, role=Role.OWNER, **fields):
    with tenant(house.organization.pk):
        standing = read_standing(house.organization)
    path = f"draft/{standing.draft.pk}/approve/"
    return send(house, path, role=role, seen=standing.digest(), **fields)


CENTER = {"dimension": "cost_center", "code": "200", "member": "CC_200"}


def test_the_gravest_code_comes_first_with_its_amount_and_a_suggestion(desk):
    page = page_of(desk)
    assert "2 cost centers (99,250.25 USD at stake) without a member." in page
    assert page.index("<code>300</code>") < page.index("<code>200</code>")
    row = page[page.index("<code>300</code>") : page.index("<code>200</code>")]
    for words in ("99,000.10 USD", "CC_300</strong> Research <", "sure (100 %), same code"):
        assert words in row
    assert "<code>100</code>" not in page
    assert "-250.15 USD</span> <span" in page[page.index("<code>200</code>") :]
    assert "at stake 250.15" in page
    assert "Every code of this dimension" in page_of(desk, "?dimension=supplier")


def test_a_text_finds_codes_by_code_or_name_and_the_sentence_tells_of_these(desk):
    for text in ("00&dimension=cost_center", "hamburg", "20"):
        page = page_of(desk, f"?text={text}")
        assert "<code>200</code>" in page
        assert ("1 cost center (250.15 USD at stake) without" in page) == (text[0] != "0")
    assert "No code without a member fits this filter." in page_of(desk, "?text=none")


def test_a_click_comes_back_to_the_codes_that_were_shown_and_keeps_what_was_typed(desk):
    shown = {"shown-dimension": "cost_center", "shown-text": "00", "shown-page": "1"}
    place = desk.url("mapping/?dimension=cost_center&text=00&page=1")
    wrong = CENTER | {"member": 'CC "9"'} | shown
    client = desk.client()
    answer = client.post(desk.url("mapping/map/"), wrong)
    assert answer.url == place + (
        "&refused-dimension=cost_center&refused-code=200&refused-member=CC+%229%22"
        "&refused-unknown=on"
    )
    page = " ".join(client.get(answer.url).content.decode().split())
    assert 'value="CC &quot;9&quot;" aria-invalid="true"' in page
    assert page.count("Anaplan does not have this member yet") == 1
    assert page.count('<input type="hidden" name="shown-text" value="00">') == 2
    assert "does not have this member yet" not in page_of(desk)
    assert client.post(desk.url("mapping/map/"), CENTER | shown).url == place
    taken = client.post(desk.url("mapping/map/"), CENTER | {"member": "CC_300"})
    assert "refused-member=CC_300" in taken.url
    assert "unknown" not in taken.url


def test_codes_that_hold_records_name_the_runs_and_the_amounts_are_those_of_one_sync(desk):
    run = held_run(desk)
    page = page_of(desk, "?dimension=gl_account")
    assert f'Run {run.pk}</a> <span class="quiet">3 records</span>' in page
    assert "none yet" in page


def test_one_click_makes_the_next_version_and_says_what_is_let_go(desk):
    page = send(desk, "map/", **CENTER)
    version, centers = newest(desk)
    assert (version.number, centers["200"], version.approved_by) == (
        2, "CC_200", desk.member(Role.OWNER).email,
    )  # fmt: skip
    assert "Cost center 200 is CC_200, from version 2 on." in page
    assert "<code>200</code>" not in page_of(desk)


def test_a_member_that_the_list_does_not_have_is_refused_unless_it_comes_later(desk):
    wrong = CENTER | {"member": "CC_<b>2OO"}
    page = send(desk, "map/", **wrong)
    assert "Cost Centers has no member “CC_&lt;b&gt;2OO”" in page
    assert newest(desk)[0].number == 1
    send(desk, "map/", **wrong, anyway="on")
    assert newest(desk)[1]["200"] == "CC_<b>2OO"


def test_a_code_that_somebody_has_mapped_meanwhile_is_not_mapped_over(desk):
    send(desk, "map/", **CENTER)
    page = send(desk, "map/", **CENTER | {"member": "CC_300"})
    assert "“CC_200” now; you wanted “CC_300”" in page
    assert newest(desk)[1]["200"] == "CC_200"


def test_suggestions_that_are_others_by_now_are_shown_again_and_not_taken(desk):
    page = page_of(desk, "accept/?least=90")
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    draft_members(desk, {"200": "CC_2OO"})
    page = send(desk, "accept/", least="90", seen=seen)
    assert "The suggestions are others by now." in page
    assert ("Take 1 suggestion?" in page, "<code>200</code>" in page) == (True, False)
    assert "Choose from which score on." in send(desk, "accept/", least="50")
    page = page_of(desk, "draft/")
    assert "Not on Cost Centers:</strong> CC_2OO. Anaplan refuses or ignores their rows" in page


def test_what_a_colleague_has_drafted_is_neither_lost_nor_approved_unseen(desk):
    draft_members(desk, {"200": "CC_300"})
    assert "“CC_300” now; you wanted “CC_200”" in send(desk, "map/", **CENTER)
    with tenant(desk.organization.pk):
        seen = read_standing(desk.organization).digest()
        draft = open_draft(desk.organization)
    draft_members(desk, {"300": "CC_100"})
    page = send(desk, f"draft/{draft.pk}/approve/", seen=seen)
    assert "since you opened the page" in page
    assert newest(desk)[0].number == 1


def test_a_click_never_moves_what_has_a_member(desk):
    dated = Rule("cost_center", "2", "CC_2", "prefix", valid_from=202611)
    blank, late = Rule("cost_center", "300", ""), Rule("cost_center", "100", "X", valid_from=202611)
    kept = [rule for rule in RULES if rule.code != "100"]
    with tenant(desk.organization.pk):
        CodeAmount.objects.create(
            organization=desk.organization, sync=desk.sync, domain="USD1", entity="US01",
            year_period=202611, dimension="cost_center", code="200", currency="USD", rows=1,
            amount=Decimal("5000"),
        )  # fmt: skip
    approve_rules(
        organization=desk.organization, rules=[*kept, dated, blank, late], requested_by="test"
    )
    page = page_of(desk)
    for words in ("-250.15 USD", "It has a member in another domain or period:", "It has dates:"):
        assert words in page
    assert "has a member in another domain or period" in send(desk, "map/", **CENTER)
    # A code that was left without a member on purpose is mapped as any other.
    assert "1 suggestion put in the draft." in accept(desk, "90")
    assert newest(desk)[0].number == 2


def test_a_replay_that_breaks_undoes_no_version(house, monkeypatch):
    held_run(house)
    monkeypatch.setattr("integrations.services.mapping_desk.replay_held", lambda **_: 1 / 0)
    client = house.client()
    client.raise_request_exception = False
    wish = {"dimension": "gl_account", "code": "6000", "member": "A_6000"}
    assert client.post(house.url("mapping/map/"), wish).status_code == 500
    assert newest(house)[0].number == 2


def test_where_a_second_person_is_asked_a_click_makes_a_draft_and_another_approves_it(desk):
    Organization.objects.filter(pk=desk.organization.pk).update(second_person_maps=True)
    page = send(desk, "map/", role=Role.OPERATOR, **CENTER)
    assert "in the draft. Nothing changes until somebody else has approved it." in page
    assert (newest(desk)[0].number, "In the draft: CC_200" in page) == (1, True)
    with tenant(desk.organization.pk):
        draft = open_draft(desk.organization)
    path = f"draft/{draft.pk}/approve/"
    assert desk.client(Role.OPERATOR).post(desk.url(f"mapping/{path}")).status_code == 403
    send(desk, "map/", **CENTER | {"code": "300", "member": "CC_300"})
    assert "You have changed this draft" in page_of(desk, "draft/")
    assert "The organization asks for a second person" in approve(desk)
    assert newest(desk)[0].number == 1
    page = approve(desk, role=Role.ADMIN, note="New centers", release="on")
    assert "The draft is approved, from version 2 on." in page
    version, centers = newest(desk)
    assert (version.note, centers["200"], centers["300"]) == ("New centers", "CC_200", "CC_300")


def test_suggestions_are_taken_together_after_a_look_and_the_draft_says_what_they_move(desk):
    page = page_of(desk, "accept/?least=90")
    assert "Take 2 suggestions?" in page
    assert "2 of 2 codes without a member have a suggestion of 90 % or more: 2 cost" in page
    assert newest(desk)[0].number == 1
    page = accept(desk, "90")
    assert "2 suggestions put in the draft." in page
    assert "6 rows of 2 codes would fall on other members" in page
    for words in ("<em>no member</em>", "CC_300", "99,000.10", "98,749.95", "-98,749.95"):
        assert words in page
    assert "Approve 2 changes" in page
    page = page_of(desk, "accept/?least=70")
    assert "<h1>No suggestion of 70 % or more</h1>" in page
    assert "2 of 2 codes without a member are in the draft already." in page


def test_a_draft_can_leave_earlier_periods_as_posted(desk):
    accept(desk, "90")
    page = send(desk, "draft/date/", period="202610")
    assert "The draft counts from 2026/10 on; before, nothing changes." in page
    assert "CC_300 from 202610" in page
    approve(desk)
    with tenant(desk.organization.pk):
        rule = MappingRule.objects.get(version=newest(desk)[0], code="300")
    assert (rule.valid_from, rule.valid_to, rule.member) == (202610, None, "CC_300")


def test_closed_periods_that_a_version_restates_are_said_and_loaded_when_asked(desk):
    add_units(run := make_run(desk))
    with tenant(desk.organization.pk):
        run.units.filter(year_period=202610).update(period_status="REPORTED")
    accept(desk, "90")
    assert "It restates closed periods:</strong> 2026/10." in page_of(desk, "draft/")
    assert "Load these periods now" in approve(desk)
    version, _ = newest(desk)
    assert "loads the closed periods anew" in send(desk, f"versions/{version.pk}/restate/")
    with tenant(desk.organization.pk):
        started = Run.objects.latest("pk")
    assert (started.periods, started.mapping_version_id) == ([202610], version.pk)
    assert "has not ended yet" in send(desk, f"versions/{version.pk}/restate/")


def test_a_draft_is_discarded_after_asking_and_changes_nothing(desk):
    accept(desk, "90")
    with tenant(desk.organization.pk):
        draft = open_draft(desk.organization)
    path = f"draft/{draft.pk}/discard/"
    assert "2 changes of" in page_of(desk, path)
    assert "The draft is discarded." in send(desk, path)
    assert "Somebody has approved or discarded it meanwhile" in send(desk, path)
    assert newest(desk)[0].number == 1


def test_versions_tell_what_has_changed_and_which_runs_used_them(desk):
    held_run(desk)
    send(desk, "map/", **CENTER)
    page = page_of(desk, "versions/")
    assert page.index("Version 2") < page.index("Version 1")
    page = page_of(desk, f"versions/{newest(desk)[0].pk}/")
    first = page_of(desk, f"versions/{desk.version.pk}/")
    assert ("First version: 6 rules" in first, "Before" in first) == (True, False)
    for words in ("1 key differs", "<code>200</code>", "CC_200", "(not mapped)", "-250.15"):
        assert words in page
    assert desk.client().get(desk.url("mapping/versions/999999/")).status_code == 404


def test_records_of_a_code_that_is_mapped_by_now_are_released_by_one_button(house):
    run = held_run(house)
    approve_rules(
        organization=house.organization,
        rules=[*RULES, Rule("gl_account", "6", "A_6", "prefix")],
        requested_by="test",
    )
    page = page_of(house)
    assert "3 records waited for 1 code that has a member by now." in page
    page = send(house, "release/")
    assert f"GL balances: Run {run.pk} has no rows" in page or "What was held goes now" in page
    with tenant(house.organization.pk):
        assert Run.objects.filter(parent=run).count() in (0, 1)


def test_who_may_only_look_changes_nothing(desk):
    page = page_of(desk, role=Role.AUDITOR)
    assert "<code>200</code>" in page
    assert 'name="member"' not in page
    for path in ("map/", "accept/", "draft/keep/", "draft/date/", "release/"):
        answer = desk.client(Role.AUDITOR).post(desk.url(f"mapping/{path}"), CENTER)
        assert answer.status_code == 403
    assert newest(desk)[0].number == 1


def test_the_rules_are_narrowed_and_paged_and_say_what_they_hold_and_when(house, monkeypatch):
    monkeypatch.setattr("integrations.selectors.mappings.RULES_A_PAGE", 4)
    half = {"weight": Decimal("0.5"), "valid_from": 202607}
    approve_rules(
        organization=house.organization,
        requested_by="mapper@example.com",
        rules=[
            Rule("cost_center", "100", "CC_100", valid_to=202606),
            Rule("cost_center", "100", "CC_A", **half),
            Rule("cost_center", "100", "CC_B", **half),
            Rule("gl_account", "6000", "A_6", "range", "6999", "10USA"),
            Rule("gl_account", "7", "A_7", "prefix"),
            Rule("gl_account", "", "", "default"),
        ],
    )
    page = page_of(house, "rules/")
    for words in ("50%", "to 202606", "from 202607", "All others", "6 rules", "Next page",
                  "Version 2, approved by mapper@example.com"):  # fmt: skip
        assert words in page
    page = page_of(house, "rules/?after_dimension=gl_account&after_code=")
    for words in ("</code> to <code>6999", "domain 10USA", "7…", "First page"):
        assert words in page
    page = page_of(house, "rules/?dimension=gl_account&text=a_7")
    assert ("1 rule fits the filter" in page, "6999" in page) == (True, False)


@pytest.mark.parametrize("path", ["", "draft/", "versions/", "rules/", "accept/"])
def test_the_pages_ask_the_database_little(desk, django_assert_max_num_queries, path):
    held_run(desk)
    client = desk.client()
    with django_assert_max_num_queries(30):
        client.get(desk.url(f"mapping/{path}"))
