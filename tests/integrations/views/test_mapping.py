"""The mapping page: look, add, remove, put back."""

from decimal import Decimal

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import MappingRule, MappingVersion
from integrations.pipeline.rules import Rule
from integrations.services.mappings import approve_rules
from tests.integrations.scenes import held_run, make_house


@pytest.fixture
def house(engines):
    return make_house()


def newest(house):
    with tenant(house.organization.pk):
        version = MappingVersion.objects.order_by("-number").first()
        rules = MappingRule.objects.filter(version=version).values_list(
            "dimension", "code", "member"
        )
        return version, set(rules)


def page_of(house, query="", role=Role.OWNER):
    return house.client(role).get(house.url(f"mapping/{query}")).content.decode()


def test_the_current_version_and_its_approver_are_named(house):
    page = page_of(house)
    assert "Version 1, approved by mapper@example.com" in page
    assert "A_1000" in page
    assert "6 rules" in page


def test_the_list_is_narrowed_by_dimension_and_text(house):
    page = page_of(house, "?dimension=gl_account&text=a_4")
    assert "A_4000" in page
    assert "A_1000" not in page
    assert "1 rule fits the filter" in page
    assert "No rule fits this filter." in page_of(house, "?text=nothing-like-this")


def test_removing_a_rule_makes_the_next_version_and_can_be_taken_back(house):
    client = house.client(Role.OPERATOR)
    answer = client.post(
        house.url("mapping/remove/"), {"dimension": "gl_account", "code": "1000"}, follow=True
    )
    page = answer.content.decode()
    version, rules = newest(house)
    assert (version.number, ("gl_account", "1000", "A_1000") in rules, len(rules)) == (2, False, 5)
    assert version.approved_by == house.member(Role.OPERATOR).email
    assert "GL account 1000 is no longer mapped, from version 2 on" in page
    assert 'value="1000"' in page
    client.post(
        house.url("mapping/set/"),
        {"dimension": "gl_account", "code": "1000", "member": "A_1000"},
    )
    version, rules = newest(house)
    assert (version.number, ("gl_account", "1000", "A_1000") in rules) == (3, True)


def test_a_code_is_mapped_to_exactly_what_was_typed(house):
    answer = house.client().post(
        house.url("mapping/set/"),
        {"dimension": "cost_center", "code": "200", "member": 'CC "200", <b>'},
        follow=True,
    )
    assert ("cost_center", "200", 'CC "200", <b>') in newest(house)[1]
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize("missing", ["dimension", "code", "member"])
def test_an_incomplete_rule_is_told_beside_its_field(house, missing):
    rule = {"dimension": "entity", "code": "FR01", "member": "E_FR01"}
    answer = house.client().post(house.url("mapping/set/"), rule | {missing: ""})
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required.") == 2
    assert newest(house)[0].number == 1


def test_a_rule_that_is_gone_is_refused_in_words(house):
    answer = house.client().post(
        house.url("mapping/remove/"), {"dimension": "entity", "code": "nobody"}, follow=True
    )
    assert "message-error" in answer.content.decode()
    assert newest(house)[0].number == 1


def test_codes_that_hold_records_are_offered_for_mapping(house):
    held_run(house)
    page = page_of(house)
    assert "Codes without a member" in page
    assert "GL account 6000</a>" in page
    assert 'value="6000"' in page_of(house, "?add_dimension=gl_account&add_code=6000")


def test_who_may_only_look_changes_nothing(house):
    page = page_of(house, role=Role.AUDITOR)
    assert "A_1000" in page
    assert "Remove" not in page
    for path, rule in (
        ("set/", {"dimension": "entity", "code": "X", "member": "Y"}),
        ("remove/", {"dimension": "entity", "code": "US01"}),
    ):
        answer = house.client(Role.AUDITOR).post(house.url(f"mapping/{path}"), rule)
        assert answer.status_code == 403
    assert newest(house)[0].number == 1


def test_a_long_mapping_is_paged_by_key(house, monkeypatch):
    monkeypatch.setattr("integrations.selectors.mappings.RULES_A_PAGE", 2)
    page = page_of(house)
    assert "after_dimension=entity&amp;after_code=DE01" in page
    assert "First page" not in page
    second = page_of(house, "?after_dimension=entity&after_code=DE01")
    assert "First page" in second
    assert "CC_100" not in second


def test_the_page_asks_the_database_little(house, django_assert_max_num_queries):
    held_run(house)
    client = house.client()
    with django_assert_max_num_queries(12):
        client.get(house.url("mapping/"))


def test_rules_show_what_they_hold_and_when_and_go_together(house):
    half = {"weight": Decimal("0.5"), "valid_from": 202607}
    with tenant(house.organization.pk):
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
    page = " ".join(page_of(house).split())
    for words in ("50%", "to 202606", "from 202607", "</code> to <code>6999", "domain 10USA",
                  "7…", "All others", "(not mapped)"):  # fmt: skip
        assert words in page
    client = house.client(Role.OPERATOR)
    rule = {"dimension": "cost_center", "code": "100"}
    refused = client.post(house.url("mapping/set/"), {**rule, "member": "CC_1"}, follow=True)
    assert "is mapped by date or in parts; one member for all times" in refused.content.decode()
    client.post(house.url("mapping/remove/"), rule)
    version, rules = newest(house)
    assert (version.number, {code for name, code, _ in rules if name == "cost_center"}) == (
        3,
        set(),
    )
    answer = client.post(
        house.url("mapping/remove/"),
        {"dimension": "gl_account", "code": "7", "kind": "prefix"}, follow=True,
    )  # fmt: skip
    assert "GL account 7… is no longer mapped" in answer.content.decode()
