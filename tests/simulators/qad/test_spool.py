"""Rendered rows in a file, a line each: what goes in comes out, however it was cut."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.qad.spool import Group, GroupWriter, Spool

ROWS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12),
    max_size=30,
)


@given(parts=st.lists(ROWS, max_size=5), first=st.integers(0, 60), count=st.integers(0, 60))
def test_any_page_of_a_group_is_the_slice_of_its_rows(parts, first, count):
    spool = Spool()
    group = Group(spool)
    for part in parts:
        group.append(part)
    rows = [row for part in parts for row in part]
    assert group.rows == len(rows)
    assert group.read(first, count) == "\n".join(rows[first : first + count]).encode()
    assert list(group.iter_rows()) == [row.encode() for row in rows]
    spool.close()


@given(owners=st.lists(st.integers(0, 3), max_size=40), limit=st.integers(1, 7))
def test_groups_keep_the_order_of_their_rows_whatever_comes_between(owners, limit):
    spool = Spool()
    groups = [Group(spool) for _ in range(4)]
    writer = GroupWriter(limit)
    for number, owner in enumerate(owners):
        writer.rows_of(groups[owner]).append(str(number))
        writer.added()
    writer.flush()
    for place, group in enumerate(groups):
        wanted = [str(number) for number, owner in enumerate(owners) if owner == place]
        assert group.read(0, 99).decode() == "\n".join(wanted)
    spool.close()
