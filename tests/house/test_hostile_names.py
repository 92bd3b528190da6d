"""Names that are made to act as markup, a template or a link stay words on every page."""

import pytest

from accounts.models import ApiKey, Organization, Role
from audit.tenancy import tenant
from integrations.models import (
    Connection,
    DocumentCheck,
    DriftAlarm,
    MappingRule,
    ModelCatalogue,
    ProfileVersion,
    RecordException,
    Run,
    RunUnit,
    Sync,
)
from tests.house.matrix import ORGANIZATION
from tests.house.routes import fill, text_of
from tests.house.tenants import client_of, full_house, things_of

MARKUP = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 41|add:1 }}{% now 'Y' %}"
HOSTILE = f"{MARKUP}{TEMPLATE}"
LINK = "javascript:alert(1)"
SHOWN = "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;{{ 41|add:1 }}"
LOOKS = [address for address, line in ORGANIZATION.items() if "GET" in line]
# Answers with a part of a page, or leads elsewhere.
WITHOUT_HEAD = {
    "/o/<slug>/",
    "/o/<slug>/connections/<connection_id>/approve/",
    "/o/<slug>/connections/<connection_id>/device/",
    "/o/<slug>/connections/<connection_id>/budget/",
    "/o/<slug>/runs/<run_id>/progress/",
    "/o/<slug>/mapping/members/",
    "/o/<slug>/plans/<version_id>/csv/",
    "/o/<slug>/plans/<version_id>/xlsx/",
    "/o/<slug>/connections/<connection_id>/checks/results/",
    "/o/<slug>/connections/<connection_id>/ping/live/",
}


def hostile_model(organization):
    """A model in which everything bears such a name."""
    action = {"name": HOSTILE, "type": LINK, "file": LINK, "file_name": HOSTILE}
    shape = {"headers": [HOSTILE], "types": [], "layout": MARKUP, "lists": [HOSTILE]}
    found = {"imports": {LINK: {**action, **shape}}, "exports": {LINK: {**action, **shape}}}
    model = {"name": HOSTILE, "state": MARKUP, "workspace_id": LINK, "workspace_name": HOSTILE}
    rows = ModelCatalogue.objects.filter(organization=organization)
    rows.update(found=found)
    offered = {"at": "2026-11-01T00:00:00+00:00", "models": {MARKUP: model}}
    Connection.objects.filter(organization=organization).update(offered=offered)
    facts = {"name": HOSTILE, "now": TEMPLATE}
    DriftAlarm.objects.filter(organization=organization).update(name=HOSTILE, facts=facts)


@pytest.fixture(scope="module")
def hostile(engines):
    house, run = full_house()
    organization = house.organization
    Organization.objects.filter(pk=organization.pk).update(name=HOSTILE)
    ApiKey.objects.filter(organization=organization).update(name=HOSTILE)
    with tenant(organization.pk):
        mine = {"organization": organization}
        Sync.objects.filter(pk=house.sync.pk).update(
            name=HOSTILE, import_name=HOSTILE, entities=[{"domain": MARKUP, "entity": MARKUP}]
        )
        place = {"workspace_name": HOSTILE, "model_name": HOSTILE, "workspace_id": LINK}
        Connection.objects.filter(**mine).update(place={**place, "model_id": "M" * 32})
        hostile_model(organization)
        MappingRule.objects.filter(**mine).update(member=HOSTILE)
        Run.objects.filter(**mine).update(error_message=HOSTILE, requested_by=LINK)
        RunUnit.objects.filter(**mine).update(currency="<b>")
        DocumentCheck.objects.filter(**mine).update(
            level="warn", code="qad_empty", facts={"path": HOSTILE}, evidence={"start": HOSTILE}
        )
        ProfileVersion.objects.filter(**mine).update(note=HOSTILE, made_by=MARKUP)
        RecordException.objects.filter(**mine).update(message=HOSTILE, member_code=MARKUP)
    return house, run


@pytest.mark.parametrize("address", LOOKS)
def test_a_hostile_name_is_inert_on(address, hostile):
    house, run = hostile
    wanted = {"verdict": "held", "code": "unmapped_gl_account"}
    answer = client_of(house, Role.OWNER).get(fill(address, things_of(house, run)), wanted)
    text = text_of(answer)
    assert answer.status_code in (200, 302)
    if "Content-Disposition" in answer:
        # No browser shows a file that it saves.
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert answer["X-Content-Type-Options"] == "nosniff"
        return
    assert "<img src=x" not in text
    assert "<b>" not in text
    assert "42" + "2026" not in text
    assert 'href="javascript:' not in text
    if address not in WITHOUT_HEAD:
        assert SHOWN in text
