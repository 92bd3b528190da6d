"""What the mapping desk shows of an organization: codes, members, amounts and a draft."""

from decimal import Decimal

from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import (
    CodeAmount,
    CodeList,
    ListMember,
    MappingDraft,
    MappingUpload,
    MemberList,
    QadCode,
)
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rules import RuleKey
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mapping_uploads import keep_upload
from tests.integrations.scenes import House

CENTERS = {"100": "Plant Detroit", "200": "Plant Hamburg", "300": "Research"}
AMOUNTS = {"100": "12400.00", "200": "-250.15", "300": "99000.10"}


FILE = "dimension,code,member\ncost_center,200,CC_200\ncost_center,100,CC_9\n"


MANY_CENTERS = (
    "dimension,code,member,weight,valid_from\ncost_center,100,CC_100,,\n"
    "cost_center,300,CC_200,60%,202701\ncost_center,300,CC_300,40%,202701\ngl_account,9,,,\n"
    + "".join(f"cost_center,{code},CC_{code} Plant and research,,\n" for code in range(400, 412))
)
WRONG_LINES = """dimension;code;member;weight;valid_from
cost_center;100;CC_100;0,6;
cost_center;100;CC_200;0,3;
color;7;CC_7;;
cost_center;a-code-that-goes-on-and-on-without-any-place-to-break-it-as-codes-do;CC;;July
"""


def add_upload(house: House, content: str = FILE, mode: str = "add") -> MappingUpload:
    """Upload a file that maps a cost center anew and changes another."""
    return keep_upload(
        organization=house.organization,
        name="cost centers.csv",
        content=content.encode(),
        mode=mode,
        requested_by="mapper@example.com",
    )


def add_desk(house: House, *, is_drafted: bool = True) -> None:
    """Add three cost centers with amounts, their list, and a draft that maps one of them."""
    organization, now = house.organization, timezone.now()
    with tenant(organization.pk):
        members = MemberList.objects.create(
            organization=organization, dimension="cost_center", target=house.sync.target,
            workspace_id=house.sync.workspace_id, model_id=house.sync.model_id,
            list_name="Cost Centers", read_at=now, tried_at=now,
        )  # fmt: skip
        CodeList.objects.create(
            organization=organization, source=house.sync.source, dimension="cost_center",
            domain="USD1", read_at=now, tried_at=now,
        )  # fmt: skip
        for code, name in CENTERS.items():
            same = {"organization": organization, "name": name, "first_seen_at": now}
            ListMember.objects.create(
                member_list=members, text=f"CC_{code}", code=f"CC_{code}", **same
            )
            QadCode.objects.create(
                source=house.sync.source, dimension="cost_center", domain="USD1", code=code, **same
            )
            CodeAmount.objects.create(
                organization=organization, sync=house.sync, domain="USD1", entity="US01",
                year_period=202610, dimension="cost_center", code=code, currency="USD", rows=3,
                amount=Decimal(AMOUNTS[code]),
            )  # fmt: skip
    if is_drafted:
        add_draft(house)


def add_suggested(house: House) -> None:
    """Add a cost center that is like a member by its name alone, and one that is less so."""
    organization, now = house.organization, timezone.now()
    alike = {
        "410": ("Manufacturing overhead", "CC_MO", "Manufacturing overhead"),
        "420": ("Sales northern Europe", "CC_SN", "Sales Europe"),
    }
    with tenant(organization.pk):
        members = MemberList.objects.get(organization=organization, dimension="cost_center")
        for code, (name, member, called) in alike.items():
            same = {"organization": organization, "first_seen_at": now}
            ListMember.objects.create(
                member_list=members, text=member, code=member, name=called, **same
            )
            QadCode.objects.create(
                source=house.sync.source, dimension="cost_center", domain="USD1", code=code,
                name=name, **same,
            )  # fmt: skip
            for period, amount in ((202609, "-1200.00"), (202610, "3400.50")):
                CodeAmount.objects.create(
                    organization=organization, sync=house.sync, domain="USD1", entity="US01",
                    year_period=period, dimension="cost_center", code=code, currency="USD", rows=2,
                    amount=Decimal(amount),
                )  # fmt: skip


def add_draft(house: House) -> MappingDraft:
    """Let the open draft map cost center 300."""
    key = RuleKey("cost_center", "", "exact", "300", "")
    return change_draft(
        organization=house.organization,
        wishes=[Wish(KeyChange(key, (Part("CC_300"),)))],
        requested_by="mapper@example.com",
    )


def draft_variety(house: House) -> None:
    """Let the draft split a cost center from a period on, and map others by their beginning."""
    key, half = RuleKey("cost_center", "", "exact", "200", ""), Decimal("0.5")
    parts = (
        Part("CC_200", valid_to=202609), Part("CC_A", half, 202610), Part("CC_B", half, 202610),
    )  # fmt: skip
    by_prefix = KeyChange(key._replace(kind="prefix", code="3"), (Part("CC_3"),))
    change_draft(
        organization=house.organization,
        wishes=[Wish(KeyChange(key, parts)), Wish(by_prefix)],
        requested_by="mapper@example.com",
    )
