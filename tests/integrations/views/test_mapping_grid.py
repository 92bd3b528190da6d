"""The mapping grid and the form of one key: looked at, changed, refused, taken back."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import CodeAmount, ListMember, MappingChange, MemberList, QadCode
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rule_texts import key_to_text, parts_to_text
from integrations.pipeline.rules import RuleKey
from integrations.selectors.drafts import read_standing
from integrations.services.mapping_drafts import Wish, change_draft
from tests.integrations.desk_scene import add_desk
from tests.integrations.scenes import make_house

GRID = "mapping/grid/?dimension=cost_center"


@pytest.fixture
def house(engines):
    """Cost center 100 is mapped, 200 is not, 300 goes to CC_300 in the draft."""
    house = make_house()
    add_desk(house)
    return house


def key(code, kind="exact", domain="", code_to="", dimension="cost_center"):
    return RuleKey(dimension, domain, kind, code, code_to)


def want(house, wanted, *parts, by="other@example.com"):
    change_draft(
        organization=house.organization,
        wishes=[Wish(KeyChange(wanted, parts))],
        requested_by=by,
    )


def parts_of(house, wanted):
    with tenant(house.organization.pk):
        return read_standing(house.organization).parts(wanted)


def page_of(house, path=GRID, role=Role.OPERATOR):
    return house.client(role).get(house.url(path)).content.decode()


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rows_of(page):
    """The rows of a grid: domain and code, and all that they say."""
    found = re.findall(r'<tr data-row data-key="([^"]*)"[^>]*>(.*?)</tr>', page, re.DOTALL)
    pieces = ((unescape(text).split("|"), row) for text, row in found)
    return {f"{domain} {code}".strip(): text_of(row) for (_, domain, _, code, _), row in pieces}


def line(wanted, member, *seen):
    return f"{key_to_text(wanted)}\t{parts_to_text(seen)}\t{member}"


def save(house, rows, *, in_place=True, role=Role.OPERATOR, **fields):
    form = {"rows": rows, "wants": "members", "dimension": "cost_center", **fields}
    headers = {"HX-Request": "true"} if in_place else {}
    return house.client(role).post(house.url("mapping/grid/save/"), form, headers=headers)


def add_amount(house, code, amount, period=202610, **fields):
    with tenant(house.organization.pk):
        CodeAmount.objects.create(
            organization=house.organization, entity="US01", dimension="cost_center", code=code,
            year_period=period, rows=1, amount=Decimal(amount),
            **{"sync": house.sync, "domain": "USD1", "currency": "USD", **fields},
        )  # fmt: skip


def test_the_grid_shows_each_code_with_its_money_and_how_it_is_mapped(house):
    want(house, key("3", "prefix"), Part("CC_GONE"))
    want(house, key("100", domain="USD1"), Part("CC_100"))
    half = Decimal("0.5")
    want(house, key("200"), Part("CC_200", half, 202611), Part("CC_100", half, 202611))
    want(house, key("900"), Part("CC_200", valid_to=202609), Part("CC_300", valid_from=202610))
    add_amount(house, "200", "250.15", 202611)
    add_amount(house, "310", "-1000", currency="EUR")
    rows = rows_of(page_of(house))
    assert list(rows) == ["300", "USD1 100", "310", "200", "100", "900"]
    assert rows["300"].startswith("300 in a form Research 99,000.10 USD CC_300 mapped in draft")
    assert rows["USD1 100"].startswith(
        "100, domain USD1 in a form Plant Detroit 12,400.00 USD CC_100"
    )
    assert rows["310"] == (
        "310 in a form -1,000.00 EUR at stake 1,000.00 CC_GONE by 3… by rule member gone not in QAD"
    )
    assert "0.00 USD at stake 500.30 CC_200 50 %, CC_100 50 % split in draft" in rows["200"]
    assert "CC_300 dated in draft not in QAD" in rows["900"]
    assert (
        "(not mapped) unmapped in draft" in rows_of(page_of(house, f"{GRID}&period=202610"))["200"]
    )


def test_the_address_narrows_sorts_and_pages(house):
    want(house, key("3", "prefix"), Part("CC_3"))
    for at in range(120):
        add_amount(house, f"5{at:03}", str(at))
    assert list(rows_of(page_of(house)))[:3] == ["200", "5119", "5118"]
    page = page_of(house, f"{GRID}&sort=code&page=2&size=50")
    assert list(rows_of(page))[:2] == ["5047", "5048"]
    assert "Page 2 of 3" in page
    assert 'aria-rowcount="124"' in page
    assert 'aria-rowindex="52"' in page
    assert "123 of 123 cost centers, 121 unmapped" in page
    for query, codes in (
        ("state=mapped", ["300", "100"]), ("state=in+draft", ["300"]),
        ("text=hamburg", ["200"]), ("text=cc_100", ["100"]),
        ("sort=stake&state=not+in+QAD&amount=on&text=511", ["5119", "5118", "5117", "5116",
         "5115", "5114", "5113", "5112", "5111", "5110"]),
        ("sort=name&text=plant", ["100", "200"]), ("state=split", []),
        ("page=99&text=300", ["300"]),
    ):  # fmt: skip
        assert list(rows_of(page_of(house, f"{GRID}&{query}"))) == codes
    assert "No code fits this filter." in page_of(house, f"{GRID}&state=split")


def test_a_row_is_saved_and_answered_with_what_it_is_now(house):
    answer = save(house, line(key("200"), " CC_200 "))
    assert answer.status_code == 200
    assert "CC_200 mapped in draft" in rows_of(answer.content.decode())["200"]
    assert parts_of(house, key("200")) == (Part("CC_200"),)
    answer = save(house, line(key("100"), "", Part("CC_100")))
    assert "(not mapped) unmapped in draft" in rows_of(answer.content.decode())["100"]
    assert parts_of(house, key("100")) == ()
    with tenant(house.organization.pk):
        change = MappingChange.objects.get(code="200")
    assert change.changed_by == [house.member(Role.OPERATOR).email]
    assert save(house, line(key("200"), "CC_1"), role=Role.AUDITOR).status_code == 403


def test_a_lost_update_is_refused_with_both_values_and_can_be_put_all_the_same(house):
    seen = (Part("CC_300"),)
    want(house, key("300"), Part("CC_THEIRS"))
    answer = save(house, line(key("300"), "CC_MINE", *seen))
    assert answer.status_code == 412
    page = answer.content.decode()
    assert "Now: CC_THEIRS . Yours: CC_MINE . Keep theirs for 300 Put mine for 300" in text_of(page)
    assert parts_of(house, key("300")) == (Part("CC_THEIRS"),)
    mine = unescape(re.search(r'name="rows" value="(300|[^"]*CC_MINE[^"]*)"', page)[1])
    assert save(house, mine, wants="parts").status_code == 200
    assert parts_of(house, key("300")) == (Part("CC_MINE"),)


def test_of_a_block_what_is_right_is_saved_and_the_rest_is_told_row_by_row(house):
    dated = (Part("CC_A", valid_to=202609), Part("CC_B", valid_from=202610))
    want(house, key("300"), *dated)
    rows = [
        line(key("100"), "CC_NEW", Part("CC_100")), line(key("300"), "CC_300", *dated),
        line(key("200"), "M" * 201), "200\tCC_200", "200\tCC_OTHER", "nowhere\tCC_1", "nonsense",
        "300\tCC_2\tx",
    ]  # fmt: skip
    answer = save(house, "\r\n".join(rows))
    page = text_of(answer.content.decode())
    assert answer.status_code == 200
    for words in (
        "1 code changed in the draft, 7 not",
        "member is longer than 200 characters",
        "cost_center 200 is mapped to “" + "M" * 201 + "” and to “CC_200”",
        "Neither QAD's list nor any amount has a cost_center nowhere.",
        "The line “nonsense” does not say which code gets which member.",
        "is mapped by date or in parts; one member for all times would restate",
    ):
        assert words in page
    assert parts_of(house, key("100")) == (Part("CC_NEW"),)
    assert parts_of(house, key("200")) == ()
    assert save(house, "nowhere\tCC_1").status_code == 422
    assert save(house, "\n".join(["200\tCC_200"] * 1002)).status_code == 422
    assert save(house, "200\tCC_200", since="2026").status_code == 422
    assert save(house, "|||\t\tx").status_code == 422
    for weight in ('"1e-999999999"', '"1e999999999"', '"NaN"', "0", "1.5", "{}"):
        parts = f'[{{"member":"CC_1","weight":{weight},"valid_from":null,"valid_to":null}}]'
        said = save(house, f"{key_to_text(key('200'))}\t\t{parts}", wants="parts")
        assert said.status_code == 422
    assert (
        save(house, f"{key_to_text(key('200'))}\t\t{'[' * 99_999}", wants="parts").status_code
        == 422
    )
    assert parts_of(house, key("200")) == ()


def test_a_change_from_a_period_on_leaves_earlier_ones_and_is_taken_back_exactly(house):
    answer = save(house, line(key("100"), "CC_NEW", Part("CC_100")), since="202610")
    after = (Part("CC_NEW", valid_from=202610), Part("CC_100", valid_to=202609))
    assert parts_of(house, key("100")) == after
    undo = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.content.decode(), re.S)[1])
    want(house, key("100"), Part("CC_THEIRS"))
    assert save(house, undo, wants="parts").status_code == 412
    want(house, key("100"), *after)
    assert save(house, undo, wants="parts").status_code == 200
    assert parts_of(house, key("100")) == (Part("CC_100"),)


def test_without_scripts_the_page_itself_tells_what_became_of_a_block(house):
    want(house, key("300"), Part("CC_THEIRS"))
    rows = f"200\tCC_200\n{line(key('300'), 'CC_MINE', Part('CC_300'))}"
    answer = save(house, rows, in_place=False)
    page = text_of(answer.content.decode())
    assert "Mapping grid" in page
    assert "1 code changed in the draft, 1 not" in page
    assert "has “CC_THEIRS” now; you wanted “CC_MINE”" in page
    assert "Put mine for 300" in page
    assert "CC_200 mapped in draft" in rows_of(answer.content.decode())["200"]


def test_members_are_found_by_code_and_name_twenty_at_most(house):
    with tenant(house.organization.pk):
        chosen = MemberList.objects.get(dimension="cost_center")
        ListMember.objects.bulk_create(
            ListMember(
                organization=house.organization, member_list=chosen, text=f"X{at:03}",
                name=f"Hamburg {at}", first_seen_at=timezone.now(),
            )
            for at in range(30)
        )  # fmt: skip
        ListMember.objects.filter(text="X000").update(missing_since=timezone.now())
    found = re.findall(
        'data-text="([^"]+)"', page_of(house, "mapping/members/?dimension=cost_center&q=HAMBURG")
    )
    assert found == [f"X{at:03}" for at in range(1, 21)]
    answer = page_of(house, "mapping/members/?dimension=cost_center&q=plant+ham")
    assert re.findall('data-text="([^"]+)"', answer) == ["CC_200"]
    assert page_of(house, "mapping/members/?dimension=supplier&q=CC").strip() == ""


def test_a_grid_of_many_codes_asks_the_database_little(house, django_assert_max_num_queries):
    now = timezone.now()
    with tenant(house.organization.pk):
        QadCode.objects.bulk_create(
            QadCode(
                organization=house.organization, source=house.sync.source, domain="USD1",
                dimension="cost_center", code=f"7{at:04}", name=f"Center {at}", first_seen_at=now,
            )
            for at in range(1_000)
        )  # fmt: skip
    client = house.client()
    with django_assert_max_num_queries(22):
        page = client.get(house.url(f"{GRID}&size=200")).content.decode()
    assert len(rows_of(page)) == 200
    assert "1,003 of 1,003 cost centers" in page
    form = {"rows": "\n".join(f"7{at:04}\tCC_{at}" for at in range(1_000)), "wants": "members"}
    with django_assert_max_num_queries(32):
        client.post(
            house.url("mapping/grid/save/"),
            {**form, "dimension": "cost_center"},
            headers={"HX-Request": "true"},
        )
    assert parts_of(house, key("70999")) == (Part("CC_999"),)


RULE = "mapping/rule/?dimension=cost_center&kind={}&code={}"


def change(house, path, role=Role.OPERATOR, **fields):
    return house.client(role).post(house.url(path), fields, follow=True)


def test_the_form_of_a_pattern_shows_what_it_would_take_before_anything_is_changed(house):
    add_amount(house, "310", "12.5", 202609)
    add_amount(house, "310", "-2.5", 202608)
    page = text_of(page_of(house, RULE.format("prefix", "3")))
    assert "What it would take 1 known code : 310 . 10.00 USD (at stake 15.00) in 2 loaded" in page
    assert "1 rule stands above it and takes codes first: 300 ." in page
    assert "All periods: restates what was loaded, 2 loaded periods" in page
    page = text_of(page_of(house, RULE.format("range", "100") + "&code_to=299"))
    assert "1 known code : 200 . -250.15 USD (at stake 250.15) in 1 loaded period." in page
    assert "2026/09: from here on 1 loaded period" in page_of(house, RULE.format("prefix", "31"))
    assert "Write the last code of the range." in page_of(house, RULE.format("range", "1"))
    rest = "mapping/rule/?dimension=cost_center&kind=default"
    assert "What it would take 2 known codes : 200 , 310 ." in text_of(page_of(house, rest))
    want(house, key("", "default"), Part("CC_REST"))
    assert "What it takes 2 known codes" in text_of(page_of(house, rest))


def test_a_split_is_exact_and_the_last_takes_the_rest(house):
    path = RULE.format("exact", "200")
    fields = {"member_1": "CC_A", "percent_1": "33.3333333333", "member_2": "CC_B",
              "percent_2": "33,3333333333", "member_3": "CC_C", "percent_3": "",
              "seen": "[]", "scope": "from", "valid_from": "202610"}  # fmt: skip
    answer = change(house, path, **fields)
    page = text_of(answer.content.decode())
    third, rest = Decimal("0.333333333333"), Decimal("0.333333333334")
    assert parts_of(house, key("200")) == (
        Part("CC_A", third, 202610), Part("CC_B", third, 202610), Part("CC_C", rest, 202610),
    )  # fmt: skip
    assert "To 2026/09 (not mapped)" in page
    assert (
        "From 2026/10 on CC_A 33.3333333333 %, CC_B 33.3333333333 %, CC_C 33.3333333334 %" in page
    )
    assert 'value="33.3333333334"' in answer.content.decode()
    more = change(house, path, **fields, more="1").content.decode()
    assert 'name="member_4"' in more


def test_what_is_wrong_in_the_form_is_told_and_changes_nothing(house):
    given = {"member_1": "A", "percent_1": "", "member_2": "", "percent_2": "", "scope": "all"}
    for fields, words in (
        ({"scope": ""}, "This field is required."),
        ({"scope": "from"}, "Write the first period, or the last one."),
        ({"scope": "from", "valid_from": "2026/7"}, "Write year and period, such as 202607."),
        ({"percent_1": "60", "member_2": "B", "percent_2": "50"}, "add up to 1.1, not to 1"),
        ({"percent_1": "a lot"}, "Write a number with up to ten decimals"),
        ({"member_2": "B"}, "Only one member can take the rest"),
        ({"percent_1": "100", "member_2": "B"}, "Nothing is left for the member"),
        ({"member_1": ""}, "Name a member, or remove the rule."),
        ({"percent_2": "40"}, "Name the member that takes this part."),
    ):
        answer = change(house, RULE.format("exact", "200"), seen="[]", **{**given, **fields})
        assert (words, answer.status_code) == (words, 422)
        assert words in answer.content.decode()
    assert parts_of(house, key("200")) == ()


def test_the_form_refuses_a_lost_update_with_both_values_and_removes_a_rule(house):
    path, seen = RULE.format("exact", "300"), parts_to_text((Part("CC_300"),))
    want(house, key("300"), Part("CC_THEIRS"))
    fields = {"member_1": "CC_MINE", "percent_1": "", "scope": "all"}
    answer = change(house, path, seen=seen, **fields)
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "Now: CC_THEIRS . Yours: CC_MINE . Nothing was changed." in text_of(page)
    removed = change(house, path, seen=seen, remove="1").content.decode()
    assert "Nothing was changed" not in text_of(removed)
    assert "has “CC_THEIRS” now" in removed
    assert parts_of(house, key("300")) == (Part("CC_THEIRS"),)
    now = unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])
    assert change(house, path, seen=now, **fields).status_code == 200
    assert parts_of(house, key("300")) == (Part("CC_MINE"),)
    now = parts_to_text((Part("CC_MINE"),))
    assert change(house, path, Role.AUDITOR, seen=now, remove="1").status_code == 403
    change(house, path, seen=now, remove="1")
    assert parts_of(house, key("300")) == ()


def test_spaces_at_either_end_of_a_code_are_part_of_it(house):
    for path, wanted in (
        (RULE.format("exact", "%20100%20"), key(" 100 ")),
        (RULE.format("range", "%20A") + "&code_to=B%20", key(" A", "range", code_to="B ")),
    ):
        page = change(house, path, member_1="CC_OWN", percent_1="", scope="all", seen="[]")
        assert (page.status_code, parts_of(house, wanted)) == (200, (Part("CC_OWN"),))
    assert parts_of(house, key("100")) == (Part("CC_100"),)
