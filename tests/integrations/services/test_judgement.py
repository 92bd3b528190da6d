"""A run's end: green only where nothing differs, nothing is missing and every row has a verdict."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.tenancy import tenant
from integrations.models import Run, RunGroup
from integrations.services.judgement import VERDICTS, judge
from tests.integrations.scenes import add_load, make_house, make_run

few = st.integers(0, 2)
group_counts = st.fixed_dictionaries(
    {"held": few, "rejected": few, "ignored": few, "unchanged": few, "taken": few, "explained": few,
     "unexplained": st.sampled_from((0, 0, 1))}
)  # fmt: skip


@pytest.fixture(scope="module")
def house(engines):
    return make_house()


def add_group(run, number, found, lost):
    """A group whose counts are those that its rows came to; `lost` rows have no verdict."""
    sent = found["taken"] + found["rejected"] + found["ignored"]
    RunGroup.objects.create(
        organization_id=run.organization_id, run=run, number=number, name=f"g{number}",
        is_mapped=True, is_tied_out=True,
        counts={**found, "sent": sent, "rows": found["held"] + found["unchanged"] + sent + lost,
                "differences": found["explained"] + found["unexplained"]},
    )  # fmt: skip


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    found=st.lists(group_counts, min_size=1, max_size=2),
    outcome=st.sampled_from(("ok", "partial", "ignored", "failed", "unknown")),
    is_read=st.booleans(),
    lost=st.sampled_from((0, 0, 0, 1)),
)
def test_green_needs_a_read_back_all_verdicts_and_no_flaw(house, found, outcome, is_read, lost):
    run = make_run(house, "running", plan={"read_back": {}} if is_read else {})
    add_load(run, outcome=outcome)
    with tenant(house.organization.pk):
        for number, counts in enumerate(found, 1):
            add_group(run, number, counts, lost)
        judgement = judge(Run.objects.get(pk=run.pk))
        Run.objects.filter(pk=run.pk).update(state="failed")
    flaws = sum(counts[name] for counts in found for name in ("held", "rejected", "ignored"))
    unexplained = sum(counts["unexplained"] for counts in found)
    is_green = is_read and not (flaws or unexplained or lost) and outcome != "failed"
    rows = sum(judgement.counts[verdict] for verdict in VERDICTS)
    assert (rows == judgement.counts["rows"]) == (not lost)
    assert (judgement.error is None) == (judgement.state == "reconciled")
    if judgement.state == "reconciled":
        assert is_green
    if judgement.state == "partial":
        assert is_read
        assert flaws
        assert not unexplained
    if is_green and outcome != "unknown":
        assert judgement.state == "reconciled"
