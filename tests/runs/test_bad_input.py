"""Bad input from either side: a named error with cause and fix, and nothing lost."""

import pytest

from audit.catalogue import CATALOGUE
from audit.selectors import events_of_run
from audit.tenancy import tenant
from integrations.models import Run
from tests.runs.small_world import MODEL, WORKSPACE, write_world

BALANCES = "GLBalances"


def assert_failed(run, code):
    """The run has failed with this code, which the catalogue explains."""
    assert (run.state, run.error_code) == ("failed", code), (run.error_code, run.error_detail)
    entry = CATALOGUE[code]
    assert all((run.error_message, entry.data, entry.fix, entry.who))


def assert_nothing_sent(rig):
    """Anaplan holds no cell and saw no import."""
    assert rig.anaplan.count("import_posts") == 0
    assert rig.anaplan.count("files_created") == 0
    assert rig.cells() == {}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "html"}, "qad_not_json"),
        ({"kind": "truncate"}, "qad_truncated_json"),
        ({"kind": "row_without_key"}, "qad_row_without_key"),
        ({"kind": "amount_text"}, "qad_amount_is_text"),
        ({"kind": "rename_field", "field": "debitBC"}, "qad_field_missing"),
        ({"kind": "empty"}, "qad_nothing_read"),
        ({"kind": "status", "status": 404}, "qad_path_not_found"),
        ({"kind": "status", "status": 403}, "qad_forbidden"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_answer_of_qad_stops_the_run_before_anything_is_sent(rig, fault, code):
    rig.qad.fault(path=BALANCES, times=-1, **fault)
    run = rig.run()
    assert_failed(run, code)
    assert_nothing_sent(rig)
    rig.qad.heal()
    assert rig.run().state == "reconciled"


def test_a_page_that_repeats_is_an_error_not_more_rows(rig):
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
    rig.qad.fault(path=BALANCES, times=-1, kind="repeat_page")
    assert_failed(rig.run(), "qad_paging_ignored")
    assert_nothing_sent(rig)


def test_small_pages_give_the_same_rows(rig):
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
    run = rig.run()
    assert (run.state, run.counts["rows"], run.counts["pages"] >= 12) == ("reconciled", 20, True)


def test_a_passing_trouble_of_qad_is_waited_out(rig):
    rig.qad.fault(path=BALANCES, times=2, kind="status", status=503)
    assert rig.run().state == "reconciled"


def test_a_token_that_dies_in_mid_run_is_renewed_once(rig):
    rig.qad.fault(path=BALANCES, after=1, times=1, kind="status", status=401)
    assert rig.run().state == "reconciled"


def test_a_wrong_context_root_is_named(rig):
    with tenant(rig.organization.pk):
        source = rig.sync.source
        source.address = {**source.address, "tenant_url": rig.qad.root + "/qad-central"}
        source.save(update_fields=["address"])
    run = rig.run()
    assert run.state == "failed"
    assert run.error_code in ("qad_wrong_base", "qad_sign_in_refused", "qad_path_not_found")
    assert_nothing_sent(rig)


def test_an_unknown_entity_is_named(rig):
    with tenant(rig.organization.pk):
        rig.sync.entities = [*rig.sync.entities, {"domain": "10USA", "entity": "US99"}]
        rig.sync.save(update_fields=["entities"])
    run = rig.run()
    assert_failed(run, "qad_unknown_workspace")
    assert "US99" in run.error_message
    assert_nothing_sent(rig)


def test_a_period_that_had_rows_and_comes_back_empty_is_no_zero(rig):
    rig.run()
    rig.qad.call("DELETE", "balances", {"entity": "US01", "year_period": 202611})
    run = rig.run()
    assert_failed(run, "qad_unit_emptied")
    assert rig.cells()["E_US01 A_6000 CC_100 Nov 26"]["Debit"] == "800.10"


def test_a_period_that_qad_does_not_know_is_named(rig):
    assert_failed(rig.run(209901), "qad_period_unknown")


@pytest.mark.parametrize(
    ("field", "value"), [("model_id", MODEL.lower()), ("workspace_id", WORKSPACE.upper())]
)  # fmt: skip
def test_an_id_in_the_wrong_case_is_named(rig, field, value):
    with tenant(rig.organization.pk):
        setattr(rig.sync, field, value)
        rig.sync.save(update_fields=[field])
    assert_failed(rig.run(), "anaplan_id_wrong_case")
    assert_nothing_sent(rig)


def test_a_missing_import_action_shows_before_anything_is_read(rig):
    with tenant(rig.organization.pk):
        rig.sync.import_name = "Actuals from nowhere"
        rig.sync.save(update_fields=["import_name"])
    before = rig.qad.count("pages_GLBalances")
    run = rig.run()
    assert_failed(run, "anaplan_import_missing")
    assert run.error_message.count("Actuals from nowhere") == 1
    assert rig.qad.count("pages_GLBalances") == before > 0
    assert_nothing_sent(rig)


def test_a_file_that_the_import_does_not_read_is_never_uploaded_to(make_rig, tmp_path):
    rig = make_rig(write_world(tmp_path / "w", import_options={"fileId": ""}))
    assert_failed(rig.run(), "anaplan_import_reads_no_file")
    assert_nothing_sent(rig)


def test_a_header_that_nobody_bound_is_named(rig):
    with tenant(rig.organization.pk):
        rig.sync.bindings = {"Company": "nonsense"}
        rig.sync.save(update_fields=["bindings"])
    assert_failed(rig.run(), "binding_field_unknown")
    assert_nothing_sent(rig)


def test_a_header_that_the_import_does_not_know_is_named(rig):
    with tenant(rig.organization.pk):
        rig.sync.bindings = {**rig.sync.bindings, "Kostenstelle": "cost_center"}
        rig.sync.save(update_fields=["bindings"])
    run = rig.run()
    assert_failed(run, "import_header_unknown")
    assert "Kostenstelle" in run.error_message
    assert_nothing_sent(rig)


def test_a_task_that_somebody_cancels_is_told_and_can_be_replayed(rig):
    rig.anaplan.fault(path="imports/.*/tasks$", method="POST", kind="task_cancelled")
    run = rig.run()
    assert_failed(run, "anaplan_import_cancelled")
    assert run.counts["failed"] == 20
    assert rig.cells() == {}
    rig.anaplan.heal()
    assert rig.replay(run).state == "reconciled"


def test_complete_without_successful_is_settled_by_reading_back(rig):
    rig.anaplan.fault(path="imports/.*/tasks", kind="task_without_successful", times=-1)
    run = rig.run()
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1


def test_a_dump_that_is_gone_is_said_and_the_rows_are_found_by_reading_back(rig):
    rig.map("cost_center", "200", "CC_999")
    rig.anaplan.fault(path="dump", kind="dump_gone", times=-1)
    run = rig.run(202611)
    assert run.state in ("partial", "failed")
    assert "anaplan_dump_gone" in {warning["code"] for warning in run.warnings}
    assert run.counts["differences"] == 4


def test_a_busy_model_is_waited_for_and_no_import_is_started_meanwhile(rig):
    rig.anaplan.call("POST", "hold", {"tooltip": "Import by Pat Planner"})
    run = rig.start()
    rig.finish(run, slices=2)
    waiting = rig.reload(run)
    assert (waiting.state, waiting.error_code) == ("waiting", "anaplan_model_busy")
    assert rig.anaplan.count("import_posts") == 0
    rig.anaplan.call("DELETE", "hold")
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "reconciled"


@pytest.mark.parametrize(
    ("state", "code"),
    [("ARCHIVED", "anaplan_model_archived"), ("LOCKED", None), ("MAINTENANCE", None)],
)
def test_a_model_that_cannot_be_loaded_is_told_apart(rig, state, code):
    rig.anaplan.call("POST", "settings", {"activeState": state})
    run = rig.finish(rig.start(), slices=2)
    if code:
        assert_failed(run, code)
    else:
        assert run.state == "waiting", run.error_code
        rig.anaplan.call("POST", "settings", {"activeState": "UNLOCKED"})
        assert rig.finish(run).state == "reconciled"
    assert rig.anaplan.count("files_created") == 0


def test_a_lost_answer_to_the_start_is_adopted_not_repeated(rig):
    rig.anaplan.fault(path="imports/.*/tasks$", method="POST", kind="reset")
    run = rig.run()
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1
    with tenant(rig.organization.pk):
        actions = [event.action for event in events_of_run(rig.organization.pk, run.pk)]
    assert "import.adopted" in actions
    assert "import.started" not in actions


def test_a_start_that_never_arrived_is_made_once_more(rig, settings):
    settings.START_GRACE_SECONDS = 0
    rig.anaplan.fault(path="imports/.*/tasks$", method="POST", kind="drop")
    run = rig.run()
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1


def test_polls_that_fail_twenty_times_start_no_second_import(rig):
    rig.anaplan.fault(
        path=r"imports/\d+/tasks/\w+", method="GET", times=20, kind="status", status=500
    )
    run = rig.run()
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1


def test_a_chunk_that_is_refused_once_is_sent_again(rig):
    rig.anaplan.fault(path="chunks/0", method="PUT", kind="status", status=500)
    assert rig.run().state == "reconciled"


def test_a_chunk_that_anaplan_loses_is_red_and_the_replay_heals_it(rig):
    rig.anaplan.fault(path="chunks", method="PUT", kind="lose_chunk")
    run = rig.run()
    assert run.state == "failed"
    with tenant(rig.organization.pk):
        assert Run.objects.filter(sync=rig.sync).count() == 1
    rig.anaplan.heal()
    assert rig.replay(run).state == "reconciled"


def test_a_wrong_anaplan_password_is_told_and_not_tried_again_and_again(rig):
    with tenant(rig.organization.pk):
        from integrations.fields import seal

        target = rig.sync.target
        target.organization = rig.organization
        seal(target, "secrets", '{"password": "old"}')
        target.save(update_fields=["secrets"])
    assert_failed(rig.run(), "anaplan_sign_in_refused")
    tries = rig.anaplan.call("GET", "requests?path=authenticate")["count"]
    assert_failed(rig.run(), "connection_paused")
    assert rig.anaplan.call("GET", "requests?path=authenticate")["count"] == tries


def test_a_bug_ends_the_run_with_a_reference_and_never_green(rig, monkeypatch):
    def break_down(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("integrations.services.phases.map_rows._map_group", break_down)
    run = rig.run()
    assert_failed(run, "internal")
    assert "reference" in run.error_message
    assert_nothing_sent(rig)


def test_a_secret_that_does_not_open_is_told(rig):
    with tenant(rig.organization.pk):
        target = rig.sync.target
        target.secrets = rig.sync.source.secrets
        target.save(update_fields=["secrets"])
    assert_failed(rig.run(), "secret_unreadable")
    assert_nothing_sent(rig)
