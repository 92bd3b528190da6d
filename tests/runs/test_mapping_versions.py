"""A run keeps the mapping version that it began with."""

from audit.tenancy import tenant
from integrations.models import Phase
from integrations.services import states
from integrations.services.runs import advance_run


def map_one_group(rig, run):
    """Move a run step by step until its first group is mapped and others wait."""
    for _ in range(60):
        advance_run(rig.organization.pk, run.pk)
        rig.make_due(run)
        with tenant(rig.organization.pk):
            mapped = run.groups.filter(is_mapped=True).count()
        if mapped:
            return mapped
    raise AssertionError("no group was mapped")


def test_a_rule_that_changes_during_a_run_counts_from_the_next_run_on(rig, monkeypatch):
    monkeypatch.setattr(states, "SLICE_SECONDS", 0.0)
    run = rig.start()
    assert map_one_group(rig, run) < 4
    assert rig.reload(run).phase == Phase.MAP
    rig.map("gl_account", "6000", "")
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.counts["loaded"], run.counts["held"]) == ("reconciled", 20, 0)
    following = rig.run()
    assert (following.state, following.counts["held"]) == ("partial", 8)
    assert following.mapping_version_id != run.mapping_version_id
