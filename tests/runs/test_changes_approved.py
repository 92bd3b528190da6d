"""Changes of closed periods by pages and by command: seen, explained, approved by a second one."""

import html
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from accounts.services.people import confirm_address
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import ClosedChange, Run
from tests.accounts.people import Cast
from tests.runs.conftest import Rig
from tests.runs.test_closed_periods import close, post_late, say
from tests.runs.test_command_shapes import example, shape

CELL = "E_US01 A_6000 CC_200 Oct 26"


def words(answer):
    text = re.sub(r"<(script|style|svg|head).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


@pytest.fixture
def held(rig: Rig) -> tuple[Rig, Run, Cast]:
    """A late posting that waits, found by a run of the organization's admin."""
    close(rig, "REPORTED")
    assert rig.run().state == "reconciled"
    say(rig, closed_changes="approve")
    post_late(rig)
    run, cast = rig.run(), Cast(rig.organization)
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(requested_by=cast.member(Role.ADMIN).email)
    return rig, run, cast


def the_change(rig: Rig) -> ClosedChange:
    with tenant(rig.organization.pk):
        return ClosedChange.objects.get()


def test_a_change_is_shown_explained_and_approved_on_pages_by_a_second_person(held) -> None:
    rig, run, cast = held
    change = the_change(rig)
    owner, admin = cast.client(Role.OWNER), cast.client(Role.ADMIN)
    one, approve = cast.url(f"changes/{change.pk}/"), cast.url(f"changes/{change.pk}/approve/")
    listed = words(cast.client(Role.VIEWER).get(cast.url("changes/")))
    assert f"E_US01, Oct 26 {rig.sync.name} 0.00 USD in sum 2 " in listed
    assert "Approve E_US01" not in listed
    assert "(1 wait)" in words(owner.get(cast.url("runs/")))
    # The cells before and after, in the file's own measures.
    page = words(owner.get(one))
    assert "A_1000 / CC_100 Debit USD 1,500.25 1,700.40 200.15" in page.replace(
        "A_1000 CC_100", "A_1000 / CC_100"
    )
    assert "A_6000 CC_200 Debit USD 200.15 0.00 -200.15" in page
    assert f"All accounts in run {run.pk}" in page
    # The run names it, and its unit says by how much and since when.
    found = words(owner.get(cast.url(f"runs/{run.pk}/?entity=E_US01&period=Oct+26")))
    assert "Waits for approval E_US01, Oct 26 moved by 0.00 USD in sum in 2 cells since" in found
    assert "Closed period Moved by 0.00 USD in sum in 2 cells since" in found
    # A later run that meets the same amounts names the same change.
    again = rig.replay(run)
    assert "Waits for approval E_US01, Oct 26" in words(owner.get(cast.url(f"runs/{again.pk}/")))
    # Who asked for the run is told so, and gets no button and no way around.
    assert f"You asked for run {run.pk}: somebody else has to approve it." in words(admin.get(one))
    for answer in (admin.get(approve, follow=True), admin.post(approve, follow=True)):
        assert "asked for the run that found this change" in words(answer)
    assert the_change(rig).state == "waiting"
    # The question names object and effect in numbers; the answer leads to the replay.
    asked = words(owner.get(approve))
    assert "Approve E_US01, Oct 26?" in asked
    assert f"Approving sends 2 cells to Anaplan: it starts a replay of run {run.pk}." in asked
    assert rig.cells()[CELL]["Debit"] == "200.15"
    answer = owner.post(approve)
    replay = rig.finish(rig.reload(Run(pk=again.pk + 1)))
    rig.check(replay)
    assert answer["Location"] == cast.url(f"runs/{replay.pk}/")
    assert (replay.parent_id, replay.state, replay.counts["lines"]) == (run.pk, "reconciled", 2)
    assert rig.cells()[CELL]["Debit"] in ("0", "0.00")
    email = cast.member(Role.OWNER).email
    assert f"Approved by {email}, " in words(owner.get(cast.url("changes/")))
    assert "Approved E_US01, Oct 26 moved by" in words(owner.get(answer["Location"]))
    assert "decided already" in words(owner.post(approve, follow=True))


def test_the_command_lists_changes_and_approves_one_in_a_members_name(held) -> None:
    rig, run, cast = held
    change, person = the_change(rig), cast.member(Role.OWNER)

    def call(*arguments: str) -> str:
        output = io.StringIO()
        slug = rig.organization.slug
        call_command("closed_changes", *arguments, "--organization", slug, stdout=output)
        return output.getvalue()

    [report] = json.loads(call("--json"))["changes"]
    assert shape({"changes": [report]}) == shape(example("closed_changes"))
    assert (report["change"], report["state"], report["run"]) == (change.pk, "waiting", run.pk)
    assert (report["by"]["net"], report["currency"], report["cells"]) == ("0.00", "USD", 2)
    assert report["first"][0] == {
        "cell": ["A_1000", "CC_100"], "currency": "USD", "measure": "debit",
        "before": "1500.25", "after": "1700.40",
    }  # fmt: skip
    assert "1 wait, 0 were decided." in call()
    with pytest.raises(CommandError, match="takes both"):
        call("--approve", str(change.pk))
    with pytest.raises(CommandError, match="is no member"):
        call("--approve", str(change.pk), "--by", "nobody@example.com")
    confirm_address(user=cast.member(Role.ADMIN))
    with pytest.raises(CommandError, match="asked for the run"):
        call("--approve", str(change.pk), "--by", cast.member(Role.ADMIN).email)
    assert the_change(rig).state == "waiting"
    confirm_address(user=person)
    answer = json.loads(call("--approve", str(change.pk), "--by", person.email, "--json"))
    assert answer == {"change": change.pk, "replay": run.pk + 1}
    with tenant(rig.organization.pk):
        event = Event.objects.get(action="closed.change_approved")
        assert Run.objects.get(pk=run.pk + 1).parent_id == run.pk
    assert (event.actor, event.data["through"]) == (person.email, "command line")
