"""The rules of a mapping version."""

import pytest

from integrations.pipeline.rules import MappingTable, Rule
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import layout, table


def test_members_by_code():
    rules = table()
    assert rules.member("gl_account", "6100") == "A_6100"
    assert rules.member("gl_account", "9999") is None
    assert rules.members("cost_center") == {"CC_1", "CC_2", "CC_NONE"}
    assert rules.members("version") == frozenset()


def test_a_blank_member_is_no_mapping():
    rules = table([Rule("gl_account", "6100", "")])
    assert rules.member("gl_account", "6100") is None


def test_a_code_with_two_members_is_a_conflict():
    with pytest.raises(IntegrationError) as caught:
        table([Rule("gl_account", "1", "A"), Rule("gl_account", "1", "B")])
    assert caught.value.code == "mapping_conflict"
    assert "“A” and to “B”" in caught.value.message
    assert table([Rule("gl_account", "1", "A")] * 2).member("gl_account", "1") == "A"


def test_a_member_is_quoted_once_for_the_file():
    rules = table([Rule("gl_account", "1", "A,1")])
    assert rules.quoted("gl_account") == {"1": '"A,1"'}
    assert rules.members("gl_account") == {"A,1"}


def test_a_dimension_that_the_file_lacks_is_not_quoted():
    form = layout(("Entity", "Account", "Time", "Net"), encoding="ISO-8859-1")
    rules = MappingTable.build([Rule("cost_center", "1", "€")], form)
    assert rules.quoted("cost_center") == {}


def test_a_member_that_the_file_cannot_hold_is_refused_at_once():
    with pytest.raises(IntegrationError) as caught:
        table([Rule("gl_account", "1", "€")], layout(encoding="ISO-8859-1"))
    assert caught.value.code == "member_not_encodable"
