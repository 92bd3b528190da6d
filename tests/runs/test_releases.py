"""Records that waited for a member go when it is there: these and no others, once."""

import pytest

from audit.tenancy import tenant
from integrations.models import RecordException, Run, Sync
from integrations.pipeline.rules import WHOLE, RuleKey
from integrations.services.mapping_desk import map_code, release
from integrations.services.mappings import set_members
from integrations.transport.errors import IntegrationError
from tests.runs.conftest import Rig
from tests.runs.test_closed_periods import person


def held_of(rig: Rig) -> dict[str, int]:
    """How often each open record was tried, by its unit."""
    with tenant(rig.organization.pk):
        rows = RecordException.objects.filter(organization=rig.organization, state="open")
        return {row.part: row.tries for row in rows}


def let_go(rig: Rig) -> list[Run]:
    """Release what has a member, and move the runs to their ends."""
    done = release(organization=rig.organization, codes=None, actor=person(rig))
    return [rig.finish(run) for run in done.runs]


def test_only_records_whose_own_domain_and_period_have_a_member_by_now_go(rig: Rig) -> None:
    rig.map("cost_center", "200", "")
    run = rig.run()
    assert (run.state, len(held_of(rig))) == ("partial", 4)
    key = RuleKey("cost_center", "10USA", "exact", "200", "")
    wish = {"organization": rig.organization, "members": [("CC_200", WHOLE)], "requested_by": "t"}
    set_members(key=key, valid_from=202611, **wish)
    (child,) = let_go(rig)
    assert (child.state, child.counts["loaded"]) == ("reconciled", 2)
    assert held_of(rig) == {"US01/202610": 0, "DE01/202610": 0, "DE01/202611": 0}
    assert let_go(rig) == []


def test_a_member_that_a_file_cannot_hold_is_told_and_the_mapping_stays(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_run: Run) -> None:
        raise IntegrationError("member_not_writable", member="CC,2", character=",")

    rig.map("cost_center", "200", "")
    rig.run(202611)
    monkeypatch.setattr("integrations.services.replay.build_target", refuse)
    done = map_code(
        organization=rig.organization, dimension="cost_center", code="200", member="CC,2",
        actor=person(rig),
    )  # fmt: skip
    assert (done.number, done.released.runs) == (3, [])
    assert [refused.code for _, refused in done.released.refused] == ["member_not_writable"]


def test_a_replay_under_an_older_version_is_not_joined(rig: Rig) -> None:
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(unmapped_policy="block")
    rig.map("cost_center", "200", "")
    rig.map("gl_account", "6000", "")
    blocked = rig.run(202611)
    assert blocked.error_code == "unmapped_blocked"
    wish = {"organization": rig.organization, "actor": person(rig)}
    first = map_code(dimension="cost_center", code="200", member="CC_200", **wish)
    second = map_code(dimension="gl_account", code="6000", member="A_6000", **wish)
    assert (len(first.released.runs), second.released.runs) == (1, [])
    assert [refused.code for _, refused in second.released.refused] == ["sync_is_busy"]
    assert rig.finish(first.released.runs[0]).error_code == "unmapped_blocked"
    (child,) = let_go(rig)
    assert (child.state, child.counts["held"]) == ("reconciled", 0)
