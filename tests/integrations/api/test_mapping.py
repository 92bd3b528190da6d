"""The mapping by the API: programs read it and change its draft, and never approve anything."""

import json
from decimal import Decimal

import pytest
from django.conf import settings
from limits import RateLimitItemPerMinute

from accounts.api_keys import Scope
from accounts.errors import Refused
from accounts.models import ApiKey, Organization, Role
from accounts.throttles import Limit
from audit.models import Event
from audit.tenancy import tenant
from integrations.api import mapping as endpoints
from integrations.models import MappingVersion
from integrations.pipeline.rules import Rule
from integrations.selectors.drafts import read_standing
from integrations.selectors.mappings import current_version, read_rules
from integrations.services.mapping_drafts import approve_draft
from integrations.services.mappings import approve_rules
from tests.integrations.api.calls import problem_of, program_of
from tests.integrations.desk_scene import add_desk
from tests.integrations.scenes import RULES, make_house
from tests.names import unique

PLAIN = {"kind": "exact", "code_to": "", "domain": ""}
WHOLE = {"weight": "1", "valid_from": None, "valid_to": None}
CHANGES = "mapping/draft/changes"


@pytest.fixture
def house(engines):
    house = make_house()
    add_desk(house)
    return house


@pytest.fixture
def program(house):
    return program_of(house, Scope.MAPPING_READ, Scope.MAPPING_WRITE)


def change(program, *changes, **headers):
    return program.call(CHANGES, "post", headers, json={"changes": list(changes)})


def center(code, *members, **more):
    parts = [{"member": member} if isinstance(member, str) else member for member in members]
    return {"dimension": "cost_center", "code": code, "parts": parts, **more}


def following(program, page):
    return program.call(page["next"].partition("/api/v1/")[2]).json()


def drafted(house):
    with tenant(house.organization.pk):
        standing = read_standing(house.organization)
    return {key.code: [part.member for part in standing.parts(key)] for key in standing.changes}


def test_pages_of_rules_stay_with_their_version_while_another_is_approved(house, program):
    listed = program.call("mapping/versions").json()["items"]
    assert [(item["number"], item["rules"], item["runs"]) for item in listed] == [(1, 6, 0)]
    first = program.call("mapping/rules?limit=4").json()
    assert (first["version"], first["items"][2]) == (
        1,
        {"dimension": "gl_account", "code": "1000", "member": "A_1000", **PLAIN, **WHOLE},
    )
    half = Rule("gl_account", "4", "A_4", "prefix", weight=Decimal("0.5"), valid_from=202607)
    rules = [half, half._replace(member="A_5")]
    approve_rules(organization=house.organization, rules=rules, requested_by="test")
    rest = following(program, first)
    assert (rest["version"], [rule["code"] for rule in rest["items"]], rest["next"]) == (
        1,
        ["100", "202611"],
        None,
    )
    newest = program.call("mapping/rules?dimension=gl_account&code=4").json()
    assert (newest["version"], newest["items"][1]) == (
        2,
        {
            "dimension": "gl_account", "kind": "prefix", "code": "4", "code_to": "", "domain": "",
            "member": "A_5", "weight": "0.5", "valid_from": 202607, "valid_to": None,
        },
    )  # fmt: skip
    old = program.call("mapping/rules?version=1&code=100")
    assert [rule["member"] for rule in old.json()["items"]] == ["CC_100"]
    known = {"If-None-Match": old["ETag"]}
    assert program.call("mapping/rules?version=1&code=100", headers=known).status_code == 304
    two = program.call("mapping/versions?limit=1").json()
    assert [item["number"] for item in following(program, two)["items"]] == [1]
    assert program.call("mapping/versions/2").json()["approved_by"] == "test"
    problem_of(program.call("mapping/versions/3"), 404, "api_not_found")
    problem_of(program.call("mapping/rules?version=3"), 404, "api_not_found")


def test_codes_without_a_member_come_with_what_is_at_stake_and_a_suggestion(
    house, program, monkeypatch
):
    first = program.call("mapping/unmapped?dimension=cost_center&limit=1").json()
    second = following(program, first)
    assert [*first["items"], *second["items"]] == [
        {
            "dimension": "cost_center", "code": "200", "names": ["Plant Hamburg"],
            "amounts": [{"currency": "USD", "amount": "-250.15"}], "records": 0, "runs": [],
            "drafted": [],
        },
        {
            "dimension": "cost_center", "code": "300", "names": ["Research"],
            "amounts": [{"currency": "USD", "amount": "99000.1"}], "records": 0, "runs": [],
            "drafted": [{"member": "CC_300", **WHOLE}],
        },
    ]  # fmt: skip
    assert second["next"] is None
    problem_of(program.call("mapping/unmapped?after=W10"), 422, "api_input_invalid")

    few = Limit(unique("few"), RateLimitItemPerMinute(2))
    monkeypatch.setattr(endpoints, "API_SUGGESTIONS_AN_ORGANIZATION", few)
    found = program.call("mapping/suggestions?dimension=cost_center&limit=1").json()
    assert found["items"] == [
        {
            "dimension": "cost_center", "code": "200", "names": ["Plant Hamburg"],
            "member": "CC_200", "member_name": "Plant Hamburg", "score": 100,
            "reason": "same code as CC_…", "is_drafted": False,
        }
    ]  # fmt: skip
    assert [item["code"] for item in following(program, found)["items"]] == ["300"]
    again = program.call("mapping/suggestions?dimension=cost_center")
    problem_of(again, 429, "api_too_many_calls")
    assert int(again["Retry-After"]) > 0
    problem_of(program.call("mapping/suggestions"), 422, "api_input_invalid")


def test_changes_go_in_the_draft_and_show_what_they_move(house, program):
    wish = {"Idempotency-Key": unique("wish")}
    split = [{"member": "CC_100", "weight": "0.6"}, {"member": "CC_200", "weight": "0.4"}]
    answer = change(program, center("100", *split), center("200", "CC_200", seen=[]), **wish)
    draft = answer.json()
    assert (draft["state"], draft["begun_by"], draft["version"]) == (
        "open", "mapper@example.com", 1,
    )  # fmt: skip
    assert (draft["changes"], draft["conflicts"], draft["effect"]["rows"]) == (3, 0, 9)
    moved = [
        (one["member"], one["before"], one["after"], one["by"], one["currency"])
        for one in draft["effect"]["members"]
    ]
    assert moved == [
        ("CC_300", "0", "99000.1", "99000.1", "USD"),
        ("", "98749.95", "0", "-98749.95", "USD"),
        ("CC_100", "12400", "7440", "-4960", "USD"),
        ("CC_200", "0", "4709.85", "4709.85", "USD"),
    ]
    again = change(program, center("100", *split), center("200", "CC_200", seen=[]), **wish)
    assert (again.json(), again["Idempotency-Replayed"]) == (draft, "true")
    assert program.call("mapping/draft").json() == draft

    listed = program.call(CHANGES).json()["items"]
    name, owner = f"key {program.key.prefix}", house.member(Role.OWNER).email
    assert [(one["code"], one["changed_by"]) for one in listed] == [
        ("300", ["mapper@example.com"]), ("100", [owner, name]), ("200", [owner, name]),
    ]  # fmt: skip
    assert (listed[1]["before"], listed[1]["now"], listed[1]["in_conflict"]) == (
        [{"member": "CC_100", **WHOLE}], [{"member": "CC_100", **WHOLE}], False,
    )  # fmt: skip
    assert [part["weight"] for part in listed[1]["parts"]] == ["0.6", "0.4"]
    with tenant(house.organization.pk):
        assert MappingVersion.objects.filter(organization=house.organization).count() == 1
        events = Event.objects.filter(organization_id=house.organization.pk)
        told = events.filter(action="mapping.drafted").latest("sequence")
    assert (told.actor, told.data["keys"]) == (name, 2)

    assert program.call(f"{CHANGES}/{listed[1]['id']}", "delete").status_code == 204
    problem_of(program.call(f"{CHANGES}/{listed[1]['id']}", "delete"), 404, "api_not_found")
    assert change(program, center("200")).json()["changes"] == 1
    assert drafted(house) == {"300": ["CC_300"]}
    # No run has read the entity: what its new member moves is not known, which is not nothing.
    entity = {"dimension": "entity", "code": "US99", "parts": [{"member": "E_99"}]}
    assert change(program, entity).json()["effect"]["unknown"] == [
        {"dimension": "entity", "domain": "", "kind": "exact", "code": "US99", "code_to": ""}
    ]


def test_every_wrong_change_is_told_by_its_place_and_none_is_made(house, program):
    half = {"member": "CC_1", "weight": "0.5"}
    answer = change(
        program,
        center("1", "CC_1"),
        center("2", {"member": "CC_2", "weight": 0.5}),
        center("3", {"member": "CC_3", "valid_from": 202600}, half),
        center("4", half, {**half, "member": "CC_2", "weight": "0.4"}),
        {"dimension": "colour", "code": "5", "parts": [], "color": ""},
        center("6", "CC_6", kind="range"),
        center("7", half | {"valid_to": 202613}, {"member": "CC_1", "weight": "1.5"}),
        center("1", "CC_2"),
    )
    problem = problem_of(answer, 422, "api_input_invalid")
    assert [field["field"] for field in problem["fields"]] == [
        "changes.1.parts.0.weight",
        "changes.2.parts.0.valid_from",
        "changes.3.parts",
        "changes.4.color",
        "changes.5.code_to",
        "changes.6.parts.1.weight",
    ]
    assert "0.9" in problem["fields"][2]["problem"]
    twice = problem_of(
        change(program, center("1", "A"), center("1", "B")), 422, "api_input_invalid"
    )
    assert twice["fields"] == [
        {"field": "changes.1.code", "problem": "The same key stands at changes.0."}
    ]
    problem_of(change(program), 422, "api_input_invalid")
    many = program.call(CHANGES, "post", json={"changes": [0] * 10_001})
    assert [field["field"] for field in problem_of(many, 422, "api_input_invalid")["fields"]] == [
        "changes"
    ]
    assert drafted(house) == {"300": ["CC_300"]}


def test_no_update_is_lost_and_each_that_would_be_is_told_with_both_values(house, program):
    answer = change(
        program,
        center("300", "MINE", seen=[]),
        center("200", "CC_200", seen=[]),
        center("100", "YOURS", seen=[{"member": "CC_OLD"}]),
    )
    problem = problem_of(answer, 409, "mapping_changed_meanwhile")
    assert [field["field"] for field in problem["fields"]] == ["changes.0.seen", "changes.2.seen"]
    for field, words in zip(
        problem["fields"], (("CC_300", "MINE"), ("CC_100", "YOURS")), strict=True
    ):
        assert all(word in field["problem"] for word in words)
    assert drafted(house) == {"300": ["CC_300"]}
    seen = [{"member": "CC_300"}]
    assert change(program, center("300", "MINE", seen=seen)).status_code == 200
    newer = [*RULES, Rule("cost_center", "300", "CC_NEWER")]
    approve_rules(organization=house.organization, rules=newer, requested_by="test")
    assert program.call("mapping/draft").json()["conflicts"] == 1
    listed = program.call(CHANGES).json()["items"]
    assert [(one["in_conflict"], one["now"][0]["member"]) for one in listed] == [(True, "CC_NEWER")]


def test_neither_a_key_nor_its_maker_is_the_second_person(house):
    """No address of the API approves; the member who made the key answers for its changes."""
    Organization.objects.filter(pk=house.organization.pk).update(second_person_maps=True)
    maker, other = house.member(Role.OWNER), house.member(Role.ADMIN)
    program = program_of(house)
    draft = change(program, center("200", "CC_200")).json()
    for path in (f"mapping/draft/{draft['id']}/approve", "mapping/draft/approve"):
        problem_of(program.call(path, "post", json={}), 404, "api_path_unknown")
    for method in ("post", "put", "patch", "delete"):
        problem_of(program.call("mapping/draft", method), 405, "api_method_not_allowed")
    with tenant(house.organization.pk):
        seen = read_standing(house.organization).digest()
    wish = {"organization": house.organization, "draft_id": draft["id"], "seen": seen}
    with pytest.raises(Refused) as refused:
        approve_draft(**wish, actor=maker)
    assert refused.value.code == "mapping_own_draft"
    ApiKey.objects.filter(prefix=program.key.prefix).delete()
    with pytest.raises(Refused):
        approve_draft(**wish, actor=maker)
    assert approve_draft(**wish, actor=other).approved_by == other.email
    with tenant(house.organization.pk):
        rules = read_rules(current_version(house.organization))
    assert Rule("cost_center", "200", "CC_200") in rules
    problem_of(program_of(house).call("mapping/draft"), 404, "api_not_found")


def test_thousands_of_keys_go_in_one_call_and_ten_thousand_fit_into_a_body(house, program):
    changes = [center(f"C{number:05}", f"CC_{number:05}", seen=[]) for number in range(10_000)]
    assert len(json.dumps({"changes": changes})) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2
    answer = change(program, *changes[:2_000])
    assert (answer.status_code, answer.json()["changes"]) == (200, 2_001)
    reader = program_of(house, Scope.MAPPING_READ)
    problem_of(change(reader, center("1", "A")), 403, "api_scope_missing")
