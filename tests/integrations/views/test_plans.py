"""The pages of plans: what a version says, and the deed of publishing it."""

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import PlanVersion
from tests.integrations.scenes import add_plan, make_house


def state_of(version):
    with tenant(version.organization_id):
        return PlanVersion.objects.get(pk=version.pk).state


def test_versions_are_listed_shown_and_published_by_whoever_may():
    house = make_house()
    old = add_plan(house)
    new = add_plan(house, "held", lost={"rows": [8, 2], "periods": [202610]})
    owner = house.client(Role.OWNER)
    listed = owner.get(house.url("plans/")).content.decode()
    assert "FY27 BUDGET-A1" in listed
    assert "Held: suspicious shrink" in listed
    page = owner.get(house.url(f"plans/{new.pk}/")).content.decode()
    assert "2 instead of 8 rows; no period 202610" in page
    assert "-1,899.95" in page
    assert "0.005" in page
    address = house.url(f"plans/{new.pk}/publish/")
    viewer = house.client(Role.VIEWER)
    assert address not in viewer.get(house.url(f"plans/{new.pk}/")).content.decode()
    assert viewer.post(address).status_code == 403

    refused = owner.post(address)
    assert refused.status_code == 422
    assert "has lost much against the published one" in refused.content.decode()
    assert (state_of(old), state_of(new)) == ("published", "held")
    assert owner.post(address, {"accept_shrink": "on"}).status_code == 302
    assert (state_of(old), state_of(new)) == ("superseded", "published")
    with tenant(house.organization.pk):
        event = Event.objects.filter(action="plan.published").latest("sequence")
    assert (event.actor, event.data["instead_of"]) == (house.member(Role.OWNER).email, 1)
    assert event.data["shrink_accepted"] is True


def test_a_version_is_given_as_files_and_its_run_says_what_it_did():
    house = make_house()
    version = add_plan(house)
    client = house.client(Role.VIEWER)
    answer = client.get(house.url(f"plans/{version.pk}/csv/"))
    assert answer["Content-Disposition"] == 'attachment; filename="plan-FY27-BUDGET-A1.csv"'
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "entity,period,account,cost_center,currency,amount,version",
        "US01,202611,4000,100,USD,-2700.00,FY27 BUDGET-A1",
        "US01,202611,'=6000,100,USD,800.05,FY27 BUDGET-A1",
    ]
    assert client.get(house.url(f"plans/{version.pk}/xlsx/")).content[:2] == b"PK"
    page = client.get(house.url(f"runs/{version.run_id}/")).content.decode()
    assert "The plan is stored: 3 values add up to the export to the cent." in page
    assert house.url(f"plans/{version.pk}/") in page
    assert "QAD, file and Anaplan" not in page
