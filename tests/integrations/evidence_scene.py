"""A run whose kept page, cells and read-back can be looked into."""

import json

from audit.tenancy import tenant
from integrations.models import Connection, EvidenceKind, Run
from integrations.pipeline.blocks import pack, pack_cells
from integrations.pipeline.frames import frames_of
from integrations.pipeline.rules import Rule
from integrations.qad.profile import default_profile
from integrations.services.evidence import Kept, Place, keep, kept_cells
from integrations.services.mappings import approve_rules
from tests.integrations.scenes import RULES

HEADERS = ["Company", "Account", "Cost Center", "Month", "Currency", "Debit", "Credit", "Net"]
FIELDS = ["entity", "gl_account", "cost_center", "period", "currency", "debit", "credit", "net"]


def add_evidence(run: Run) -> None:
    """Let a run have kept one page of US01, November, and the cell that its row falls on."""
    plan = {
        "headers": HEADERS, "bindings": dict(zip(HEADERS, FIELDS, strict=True)), "separator": ",",
        "delimiter": '"', "encoding": "UTF-8", "decimal_separator": ".", "accounts": {},
        "read_back": {},
    }  # fmt: skip
    row = {
        "entityCode": "US01", "glAccountCode": "1000", "subAccountCode": "",
        "costCenterCode": "100", "projectCode": "", "yearPeriod": 202611, "layerCode": "OFFICIAL",
        "layerType": "OFFICIAL", "periodType": "NORMAL", "currencyCode": "USD",
        "baseCurrencyCode": "USD", "statutoryCurrencyCode": "USD", "debitBC": 1500.25,
        "creditBC": 0, "netBC": 1500.25,
    }  # fmt: skip
    version = approve_rules(
        organization=run.organization,
        rules=[*RULES, Rule("currency", "USD", "USD")],
        requested_by="mapper@example.com",
    )
    cells = [("E_US01,A_1000,CC_100,Nov 26,USD", ("1500.25", "0", "1500.25"), 1)]
    (packed,) = pack_cells(frames_of(cells))
    with tenant(run.organization_id):
        Run.objects.filter(pk=run.pk).update(plan=plan, mapping_version=version)
        Connection.objects.filter(pk=run.sync.source_id).update(profile=default_profile())
        page = Kept(1, pack(json.dumps({"data": [row]}).encode()), 1)
        keep(Place(run.organization_id, run.pk, EvidenceKind.PAGE, "US01/202611"), [page])
        for kind in (EvidenceKind.CELLS, EvidenceKind.READ_BACK):
            place = Place(run.organization_id, run.pk, kind, "E_US01|Nov 26")
            keep(place, [kept_cells(1, packed)])
