"""A model and an import chosen by name in a real browser, against both stand-ins."""

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Connection, Sync
from tests.accounts.people import Cast
from tests.runs.conftest import rigs
from tests.runs.small_world import MODEL

pytestmark = pytest.mark.browser


@pytest.fixture
def rig(browser, tmp_path):
    """Two connections, of which nothing was read or chosen yet."""
    with rigs(tmp_path) as build:
        made = build()
        with tenant(made.organization.pk):
            Sync.objects.all().delete()
            Connection.objects.update(place={})
        yield made


def test_workspace_model_and_import_are_chosen_by_name(open_window, rig):
    cast = Cast(rig.organization)
    page = open_window(cast.client(Role.ADMIN), viewport={"width": 390, "height": 844}).page
    page.goto(cast.url(f"connections/{rig.sync.target_id}/"))
    page.get_by_role("link", name="Choose model").click()
    page.get_by_role("button", name="List the models").click()
    page.get_by_label("Name or id").fill("nothing like it")
    page.get_by_text("No model fits this filter.").wait_for()
    page.get_by_label("Name or id").fill("fp&")
    page.get_by_role("button", name="Choose FP&A in Finance").click()
    page.get_by_text("FP&A in Finance is chosen.").wait_for()
    page.goto(cast.url("syncs/new/"))
    page.get_by_label("Name", exact=True).fill("Actuals")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("US01").check()
    page.get_by_label("Import action").select_option("Actuals from QAD")
    page.get_by_role("heading", name="Columns of the file").wait_for()
    assert page.get_by_label("US01").is_checked()
    assert page.get_by_label("Name", exact=True).input_value() == "Actuals"
    assert page.get_by_label("Month", exact=True).input_value() == "period"
    assert not page.get_by_label("Text of Month").is_visible()
    page.get_by_label("Month", exact=True).select_option("Always the same text")
    page.get_by_label("Text of Month").wait_for()
    page.get_by_label("Month", exact=True).select_option("Period")
    page.get_by_role("button", name="Save sync").click()
    page.get_by_text("Actuals is saved.").wait_for()
    with tenant(rig.organization.pk):
        assert Sync.objects.get().model_id == MODEL
