"""Choosing a model: from the list or from whatever was pasted, and what becomes of the choice."""

import pytest

from accounts.errors import Refused
from audit.tenancy import tenant
from integrations.models import Connection
from integrations.services.offers import choose_model
from tests.integrations.model_scene import MODEL, WORKSPACE, add_model
from tests.integrations.scenes import make_house

TEST_MODEL = "85A40874E6B64FA3AE0743278996850F"
OLD_MODEL = "95A40874E6B64FA3AE0743278996850F"
CORE3 = "https://eu4.app.anaplan.com/a/core3/frontend/{w}/models/{m}/modules/102000000001"


@pytest.fixture(scope="module")
def house(engines):
    made = make_house()
    add_model(made)
    return made


def choose(house, given):
    row = choose_model(
        organization=house.organization, connection_id=house.sync.target_id, given=given
    )
    return row.place["workspace_id"], row.place["model_id"], row.place["model_name"]


@pytest.mark.parametrize(
    "given",
    [
        TEST_MODEL,
        f"  {TEST_MODEL}\n",
        TEST_MODEL.lower(),
        CORE3.format(w=WORKSPACE, m=TEST_MODEL),
        CORE3.format(w=WORKSPACE.upper(), m=TEST_MODEL.lower()),
        f"https://us1a.app.anaplan.com/?selectedWorkspaceId={WORKSPACE}&selectedModelId={TEST_MODEL}",
        f"The model is {TEST_MODEL}, ask Mia.",
        f"https://sdp.anaplan.com/models/{TEST_MODEL}?page=00000000000000000000000000000000",
    ],
)
def test_whatever_names_one_model_is_understood_and_ids_stay_as_anaplan_writes_them(house, given):
    choose(house, MODEL)
    assert choose(house, given) == (WORKSPACE, TEST_MODEL, "FP&A (test)")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "model_id_unreadable"),
        ("FP&A", "model_id_unreadable"),
        (TEST_MODEL[:-1], "model_id_unreadable"),
        (TEST_MODEL + "0", "model_id_unreadable"),
        ("f" * 32, "model_unseen"),
        (f"https://app.anaplan.com/w/{WORKSPACE}", "model_id_of_workspace"),
        (f"{MODEL} {TEST_MODEL}", "model_unclear"),
        (OLD_MODEL, "model_archived_here"),
    ],
)
def test_what_names_no_usable_model_changes_nothing(house, given, code):
    choose(house, MODEL)
    with pytest.raises(Refused) as refused:
        choose(house, given)
    assert refused.value.code == code
    with tenant(house.organization.pk):
        assert Connection.objects.get(pk=house.sync.target_id).place["model_id"] == MODEL


def test_before_the_list_was_read_nothing_can_be_chosen(engines):
    with pytest.raises(Refused) as refused:
        choose(make_house(), MODEL)
    assert refused.value.code == "models_not_listed"
