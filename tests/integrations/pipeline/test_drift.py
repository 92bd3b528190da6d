"""Accepted and found, compared: what is a change, and in which words."""

import copy

import pytest

from integrations.pipeline.drift import Use, find_drifts
from tests.integrations.model_scene import FOUND

IMPORT, EXPORT = "112000000001", "116000000001"
USES = [Use("imports", "Actuals from QAD"), Use("exports", "Actuals read back")]


def drifts(change, uses=USES):
    found = copy.deepcopy(FOUND)
    change(found)
    return [(drift.code, drift.object_id, drift.facts) for drift in find_drifts(uses, FOUND, found)]


def one(change):
    [(code, _, facts)] = drifts(change)
    return code, facts.get("change") or facts.get("now") or facts["name"]


def test_what_is_as_it_was_is_no_drift_nor_is_what_nobody_uses():
    assert drifts(lambda found: None) == []
    assert drifts(lambda found: found["imports"].pop("112000000002")) == []
    assert drifts(lambda found: found["imports"].clear(), uses=USES[1:]) == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (["Entity", "Account", "Month", "Version", "Amount", "Note"], "new columns Note"),
        (["Entity", "Account", "Month", "Amount"], "columns Version are gone"),
        (
            ["Account", "Entity", "Month", "Version", "Amount"],
            "the columns now stand as Account, Entity, Month, Version, Amount",
        ),
    ],
)
def test_changed_columns_are_named(headers, words):
    change = lambda found: found["imports"][IMPORT].update(headers=headers)  # noqa: E731
    assert one(change) == ("anaplan_import_relaid", words)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("separator", "\t", "separator “,” is now tab"),
        ("delimiter", "", 'delimiter “"” is now none'),
        ("encoding", "UTF-16LE", "encoding “UTF-8” is now “UTF-16LE”"),
        ("decimal_separator", ",", "decimal separator “.” is now “,”"),
    ],
)
def test_another_way_to_write_the_file_is_named(part, value, words):
    change = lambda found: found["imports"][IMPORT].update({part: value})  # noqa: E731
    assert one(change) == ("anaplan_import_relaid", words)


def test_another_file_and_no_file_are_two_things():
    def other(found):
        found["imports"][IMPORT] |= {"file": "113000000002", "file_name": "plan.csv"}

    assert one(other) == ("anaplan_import_other_file", "plan.csv")
    change = lambda found: found["imports"][IMPORT].update(file="", file_name="")  # noqa: E731
    assert one(change) == ("anaplan_import_reads_no_file", "Actuals from QAD")


def test_another_object_under_the_name_is_found_by_the_id():
    def replace(found):
        found["imports"]["112000000009"] = found["imports"].pop(IMPORT)

    [(code, object_id, facts)] = drifts(replace)
    assert (code, object_id) == ("anaplan_import_replaced", IMPORT)
    assert (facts["was"], facts["now"]) == (IMPORT, "112000000009")


def test_an_unknown_definition_is_no_change():
    assert drifts(lambda found: found["exports"][EXPORT].update(headers=None)) == []


def test_a_list_that_the_export_shows_is_watched():
    assert one(lambda found: found["lists"].pop("101000000002")) == (
        "anaplan_list_deleted",
        "Accounts",
    )
    change = lambda found: found["lists"]["101000000002"].update(name="GL")  # noqa: E731
    assert one(change) == ("anaplan_list_renamed", "GL")
    found = copy.deepcopy(FOUND)
    found["lists"].clear()
    assert find_drifts(USES[:1], FOUND, found) == []
