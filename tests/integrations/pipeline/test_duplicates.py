"""Rows that come twice: dropped when identical, refused when not, free when keys ascend."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline import duplicates
from integrations.pipeline.duplicates import RepeatFilter, SourceKeys, find_repeats
from integrations.pipeline.streams import GL_BALANCES
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import quick, row


def accounts(*codes):
    """A page of rows with these accounts."""
    return [row(gl_account=code) for code in codes]


def distinct(pages, folder=None):
    """The rows that are left, and the filter that dropped the others."""
    repeats = RepeatFilter(GL_BALANCES, find_repeats(lambda: pages, GL_BALANCES, folder))
    return [item for page in pages for item in repeats.distinct(page)], repeats


def test_ascending_keys_are_not_even_read_again():
    keys = SourceKeys(GL_BALANCES)
    for page in (accounts("1", "2"), [], accounts("3")):
        keys.add(page)

    def read():
        raise AssertionError("read again")

    assert keys.repeated(read) == frozenset()


def test_without_suspects_a_page_passes_untouched():
    page = accounts("2", "1")
    assert RepeatFilter(GL_BALANCES, frozenset()).distinct(page) is page


def test_unordered_keys_without_repeats_have_no_suspects():
    pages = [accounts("1", "2"), accounts("5", "4"), accounts("3")]
    assert find_repeats(lambda: pages, GL_BALANCES) == frozenset()


def test_an_identical_row_counts_once():
    pages = [accounts("1", "2"), [], accounts("3", "4"), accounts("2", "5", "5")]
    rows, repeats = distinct(pages)
    assert [item.gl_account for item in rows] == ["1", "2", "3", "4", "5"]
    assert repeats.dropped == 2


def test_a_repeat_inside_the_first_page_is_found():
    assert distinct([accounts("1", "1")])[1].dropped == 1


def test_two_rows_of_one_key_that_differ_are_refused():
    pages = [accounts("1", "2"), [row("9.00", gl_account="1")]]
    with pytest.raises(IntegrationError) as caught:
        distinct(pages)
    assert caught.value.code == "qad_conflicting_rows"
    assert "100|1||4100||202611|OFFICIAL|USD" in caught.value.message


def test_amounts_that_differ_only_in_text_conflict_too():
    with pytest.raises(IntegrationError):
        distinct([[row("1.0"), row("1.00")]])


def test_a_unit_that_came_twice_is_refused(monkeypatch):
    monkeypatch.setattr(duplicates, "MAX_REPEATS", 3)
    page = accounts("1", "2", "3", "4")
    with pytest.raises(IntegrationError) as caught:
        find_repeats(lambda: [page, page], GL_BALANCES)
    assert caught.value.code == "qad_rows_repeated"


def test_many_hashes_go_to_a_file_without_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(duplicates, "_RUN_HASHES", 7)
    monkeypatch.setattr(duplicates, "_READ_HASHES", 2)
    codes = [str((37 * n) % 101) for n in range(101)]
    pages = [accounts(*codes[start : start + 5]) for start in range(0, 101, 5)]
    assert find_repeats(lambda: pages, GL_BALANCES, tmp_path) == frozenset()
    rows, repeats = distinct([*pages, accounts("50")], tmp_path)
    assert (len(rows), repeats.dropped) == (101, 1)
    assert list(tmp_path.iterdir()) == []


@quick
@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=5), max_size=8))
def test_each_key_is_left_exactly_once(codes):
    pages = [accounts(*page) for page in codes]
    rows, repeats = distinct(pages)
    counts = Counter(code for page in codes for code in page)
    assert Counter(item.gl_account for item in rows) == Counter(counts.keys())
    assert repeats.dropped == sum(counts.values()) - len(counts)
