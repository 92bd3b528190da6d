"""Changing an instance profile in the browser: each change is checked, and none is lost."""

import html
import json
from typing import Any

import pytest

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection, ProfileVersion
from integrations.qad.profile import default_profile
from tests.integrations.checks.conftest import Bench, connect, quick_profile


@pytest.fixture
def bench(engines) -> Bench:
    return connect("https://acme.example.com/clouderp")


def read(bench: Bench, rest: str, role: Role = Role.ADMIN) -> str:
    return html.unescape(bench.cast.client(role).get(bench.path(rest)).content.decode())


def send(bench: Bench, rest: str, **fields: Any) -> Any:
    answer: Any = bench.cast.client(Role.ADMIN).post(bench.path(rest), fields, follow=True)
    answer.text_ = html.unescape(answer.content.decode())
    return answer


def in_force(bench: Bench) -> tuple[int, dict[str, Any]]:
    with tenant(bench.cast.organization.pk):
        newest = ProfileVersion.objects.filter(connection_id=bench.number).latest("number")
        profile = Connection.objects.get(pk=bench.number).profile
    assert newest.profile == profile
    return newest.number, profile


def typed(bench: Bench, rest: str) -> dict[str, Any]:
    """Return what a browser would send if the form were sent as it came."""
    answer = bench.cast.client(Role.ADMIN).get(bench.path(rest))
    forms = [answer.context["form"]]
    rows = answer.context.get("rows")
    forms += [*rows, rows.management_form] if rows is not None else []
    values = {field.html_name: field.value() for form in forms for field in form}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


def test_the_forms_say_what_is_in_force_and_sending_them_changes_nothing(bench):
    for rest in ("profile/instance/", "profile/json/", "profile/documents/gl_balance/"):
        answer = send(bench, rest, **typed(bench, rest))
        assert answer.status_code == 422, rest
        assert "The profile is the one that is in force." in answer.text_
    assert in_force(bench) == (1, quick_profile())


def test_a_change_of_the_instance_is_a_version_with_who_and_why(bench):
    fields = typed(bench, "profile/instance/")
    fields |= {"paging.size": "250", "sort.param": "", "filter.ops.le": "", "note": "slow night"}
    fields.pop("auth.refresh")
    page = send(bench, "profile/instance/", **fields).text_
    assert "Version 2 is in force. It is checked now" in page
    assert "slow night" in page
    number, profile = in_force(bench)
    expected = quick_profile()
    expected["paging"]["size"], expected["sort"]["param"] = 250, None
    expected["auth"]["refresh"] = False
    del expected["filter"]["ops"]["le"]
    assert (number, profile) == (2, expected)
    with tenant(bench.cast.organization.pk):
        event = Event.objects.filter(action="connection.profile_changed").latest("sequence")
        asked = Connection.objects.get(pk=bench.number)
    assert (event.actor, event.data["version"]) == (bench.cast.member(Role.ADMIN).email, 2)
    assert asked.check_asked_by == event.actor


def test_a_document_is_changed_by_its_form(bench):
    rest = "profile/documents/gl_balance/"
    fields = typed(bench, rest)
    wires = {value: name for name, value in fields.items() if name.startswith("map-")}
    fields[wires["layerType"]] = fields[wires["layer_type"]] = ""
    fields |= {"map-18-name": "sub_layer", "map-18-wire": "subLayer"}
    fields |= {"map-18-is_required": "on", "static_filters": "", "official_only_confirmed": "on"}
    fields["value_map"] = "period_type Periodnormal = NORMAL"
    assert send(bench, rest, **fields).status_code == 200
    _, profile = in_force(bench)
    entry = profile["documents"]["gl_balance"]
    default = quick_profile()["documents"]["gl_balance"]
    assert "layer_type" not in entry["map"]
    assert entry["map"] == {
        **{name: wire for name, wire in default["map"].items() if name != "layer_type"},
        "sub_layer": "subLayer",
    }
    assert sorted(entry["required"]) == sorted([*default["required"], "sub_layer"])
    assert (entry["static_filters"], entry["official_only_confirmed"]) == ([], True)
    assert entry["value_map"] == {"period_type": {"Periodnormal": "NORMAL"}}
    assert entry["key"] == default["key"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key": "entity nothing"}, "At “documents.gl_balance.key”: “nothing” is not in map"),
        ({"path": "../secrets"}, "At “documents.gl_balance.path”"),
        ({"style": "browse"}, "a browse needs its id"),
        ({"static_filters": "layer_type eq"}, "“layer_type eq” is no condition"),
        ({"static_filters": "layer_type eq A,B"}, "a filter value cannot hold a comma"),
        ({"value_map": "status"}, "“status” is none"),
        ({"map-0-wire": ""}, "Both names are needed"),
        ({"map-18-name": "Big", "map-18-wire": "x"}, "Small letters, digits and “_”"),
        ({"map-18-name": "credit", "map-18-wire": "x"}, "credit stands twice."),
        ({"map-18-name": "other", "map-18-wire": "netBC"}, "stands for both"),
        ({"map-0-name": "a\x00"}, "Null characters are not allowed."),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_changed(bench, fields, said):
    rest = "profile/documents/gl_balance/"
    answer = send(bench, rest, **{**typed(bench, rest), **fields})
    assert answer.status_code == 422
    assert said in answer.text_
    assert in_force(bench)[0] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Line 1, column 2"),
        ("[]", "a profile is an object in braces"),
        ('{"documents": {}, "documents": {}}', "“documents” stands twice in one object"),
        ('{"documents": {}, "paging": {"size": NaN}}', "NaN is no number"),
        ('{"documents": {}, "tenant_url": "\\u0000"}', "a character of number 0"),
        ('{"documents": {}, "tenant_url": "\\ud800"}',
         "At “tenant_url”: a text holds a character of number 55296"),
        ('{"documents": {"x": {"key": ["y\\udfff"]}}}',
         "At “documents.x.key[0]”: a text holds a character of number 57343"),
        ('{"documents": {}, "a\\ud800b": 1}', "At “a\ufffdb”"),
        ('{"\\ud800": 1, "\\ud800": 2}', "stands twice in one object"),
        ('{"documents": {}, "workspace": {"format": "{entity}\\r\\nX-Other: 1"}}',
         "At “workspace.format”: a header takes one line of Latin-1 letters"),
        ("[" * 30_000, "Line 1"),
        ('{"documents": {}, "surprise": 1}', "surprise"),
        ('{"documents": {"a/b": {"key": ["x"], "map": {"x": "X"}}}}', "“a/b” is no name"),
        ('{"documents": {"x": {"key": ["y"], "map": {"x": "X"}, "path": "p"}}}',
         "At “documents.x.key”: “y” is not in map"),
        ('{"documents": {}, "limits": {"tries": 99}}', "At “limits.tries”"),
    ],
)  # fmt: skip
def test_json_that_is_wrong_is_told_with_its_place_and_reason(bench, text, said):
    answer = send(bench, "profile/json/", version=1, text=text)
    assert answer.status_code == 422
    assert said in answer.text_
    assert in_force(bench)[0] == 1


def test_a_header_that_cannot_be_sent_is_told_at_the_form_of_the_instance(bench):
    fields = typed(bench, "profile/instance/") | {"workspace.format": "€{entity}"}
    answer = send(bench, "profile/instance/", **fields)
    assert answer.status_code == 422
    assert "At “workspace.format”: a header takes one line of Latin-1 letters" in answer.text_
    assert in_force(bench)[0] == 1


def test_what_another_member_has_changed_meanwhile_is_shown_and_not_lost(bench):
    rest = "profile/instance/"
    fields = {**typed(bench, rest), "paging.size": "100"}
    bench.edit(lambda profile: profile["paging"].update(size=900, max_pages=7))
    answer = send(bench, rest, **fields)
    assert answer.status_code == 422
    assert "You began with version 1; by now version 2 of system is in force." in answer.text_
    rows = {c.path: (c.before, c.after) for c in answer.context["clash"]}
    assert rows == {"paging.size": ("900", "100"), "paging.max_pages": ("7", "5000")}
    assert in_force(bench)[0] == 2
    again = {**fields, "version": answer.context["form"]["version"].value()}
    assert send(bench, rest, **again).status_code == 200
    assert in_force(bench)[1]["paging"]["size"] == 100


def test_a_document_comes_and_goes(bench):
    answer = send(bench, "profile/add/", version=1, name="gl_posting", like="gl_balance")
    assert answer.redirect_chain[-1][0] == bench.path("profile/documents/gl_posting/")
    documents = in_force(bench)[1]["documents"]
    assert documents["gl_posting"] == documents["gl_balance"]
    answer = send(bench, "profile/add/", version=2, name="gl_posting", like="gl_balance")
    assert "has a document “gl_posting” already" in answer.text_
    assert (
        "gl_posting is removed, in version 3."
        in send(bench, "profile/documents/gl_posting/remove/").text_
    )
    assert in_force(bench)[1] == quick_profile()
    assert "no document “gl_posting”" in send(bench, "profile/documents/gl_posting/remove/").text_


def test_an_older_version_is_put_into_force_again(bench):
    bench.edit(lambda profile: profile["paging"].update(size=900))
    bench.edit(lambda profile: profile["documents"].pop("cost_center"))
    difference = read(bench, "profile/versions/?from=1&to=3", Role.VIEWER)
    assert "paging.size" in difference
    assert "documents.cost_center.path" in difference
    assert "removed" in difference
    send(bench, "profile/versions/1/restore/")
    assert in_force(bench) == (4, quick_profile())
    assert "version 1 again" in read(bench, "profile/versions/", Role.VIEWER)
    assert (
        "The profile is the one that is in force."
        in send(bench, "profile/versions/4/restore/").text_
    )
    assert "There is no version 99" in send(bench, "profile/versions/99/restore/").text_


def test_the_default_comes_back_and_the_way_in_stays(bench):
    bench.edit(lambda profile: profile["auth"].update(mode="basic", client_id="mine"))
    assert "How to sign in" in read(bench, "profile/default/")
    assert "The default is in force, as version 3." in send(bench, "profile/default/").text_
    expected = default_profile()
    expected["auth"] |= {"mode": "basic", "client_id": "mine"}
    assert in_force(bench) == (3, expected)


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "9" * 40, "\uff11"])
def test_versions_that_are_not_there_are_not_compared(bench, number):
    assert "From version 1 to" not in read(bench, f"profile/versions/?from=1&to={number}")


def test_a_viewer_sees_the_profile_and_no_way_to_change_it(bench):
    page = read(bench, "profile/", Role.VIEWER)
    assert json.dumps("GLBalances")[1:-1] in page
    assert "Add a document" not in page
    assert "profile/json/" not in page
