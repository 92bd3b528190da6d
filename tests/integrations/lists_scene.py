"""Lists of accounts in both systems that differ in every way, and what that touches."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import CodeAmount, CodeList, ListMember, MemberList, QadCode
from tests.integrations.scenes import House

DOMAINS = ("EUR1", "USD1")


def add_lists(house: House) -> None:
    """Add the accounts of two domains: renamed, gone, switched off, new; and their members.

    The mapping knows 1000 and 4000; their member A_1000 is gone, and nobody uses A_9900.
    """
    organization, now = house.organization, timezone.now()
    before = now - timedelta(days=3)
    codes: dict[str, dict[str, Any]] = {
        "1000": {"name": "Cash at bank", "former_name": "Cash", "renamed_at": now},
        "4000": {"name": "Sales", "missing_since": now},
        "5000": {"name": "Freight", "is_active": False, "inactive_since": now},
        "6000": {"name": "Wages and salaries of the production plants"},
    }
    with tenant(organization.pk):
        for domain in DOMAINS:
            same: dict[str, Any] = {
                "organization": organization, "source": house.sync.source,
                "dimension": "gl_account", "domain": domain,
            }  # fmt: skip
            CodeList.objects.create(read_at=now, tried_at=now, **same)
            for code, facts in codes.items():
                QadCode.objects.create(code=code, first_seen_at=before, **same, **facts)
        members = MemberList.objects.create(
            organization=organization, dimension="gl_account", target=house.sync.target,
            workspace_id=house.sync.workspace_id, model_id=house.sync.model_id,
            list_name="Accounts", read_at=now, tried_at=now,
        )  # fmt: skip
        for text, name, parent in (
            ("A_1000", "Cash", "All accounts"), ("A_4000", "Sales", "All accounts"),
            ("A_9900", "Plan only", "All accounts"), ("All accounts", "All accounts", ""),
        ):  # fmt: skip
            ListMember.objects.create(
                organization=organization, member_list=members, text=text, code=text, name=name,
                parent=parent, first_seen_at=before,
                missing_since=now if text == "A_1000" else None,
            )  # fmt: skip
        for year_period, amount in ((202610, "1500.25"), (202611, "-0.10")):
            CodeAmount.objects.create(
                organization=organization, sync=house.sync, domain="USD1", entity="US01",
                year_period=year_period, dimension="gl_account", code="1000", currency="USD",
                rows=2, amount=Decimal(amount),
            )  # fmt: skip
