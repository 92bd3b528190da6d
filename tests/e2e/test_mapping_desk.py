"""900 accounts and 40 cost centers mapped in a browser: by file, paste, suggestion and hand."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import CodeAmount, ListMember, MemberList, QadCode
from integrations.pipeline.rules import Rule
from integrations.selectors.mappings import current_version, read_rules
from tests.integrations.scenes import RULES, House, make_house

pytestmark = pytest.mark.browser
ACCOUNTS = [f"{at}" for at in range(60_000, 60_900)]
CENTERS = [f"{at}" for at in range(500, 540)]
BY_FILE, BY_PASTE, BY_SUGGESTION, ODD = (
    ACCOUNTS[:300],
    ACCOUNTS[300:600],
    ACCOUNTS[600:899],
    "60899",
)
SPLIT = CENTERS[-1]


def fill(house: House, dimension: str, codes: list[str], members: list[str]) -> None:
    """Give a dimension its codes with an amount each, and the members of its list."""
    organization, now = house.organization, timezone.now()
    same = {"organization": organization, "first_seen_at": now}
    with tenant(organization.pk):
        target = MemberList.objects.create(
            organization=organization, dimension=dimension, target=house.sync.target,
            workspace_id="w" * 32, model_id="M" * 32, list_name=dimension, read_at=now,
        )  # fmt: skip
        ListMember.objects.bulk_create(
            ListMember(member_list=target, text=member, code=member, **same) for member in members
        )
        QadCode.objects.bulk_create(
            QadCode(source=house.sync.source, dimension=dimension, code=code, **same)
            for code in codes
        )
        CodeAmount.objects.bulk_create(
            CodeAmount(
                organization=organization, sync=house.sync, entity="US01", year_period=period,
                dimension=dimension, code=code, currency="USD", rows=1, amount=Decimal(at + 1),
            )
            for period in (202606, 202607)
            for at, code in enumerate(codes)
        )  # fmt: skip


def lines(codes: list[str], separator: str) -> str:
    """Return a line for each account with its member."""
    return "".join(f"{code}{separator}A_{code}\n" for code in codes)


def bring_a_file(page: Page, house: House) -> None:
    """Upload a third of the accounts, look at what it changes, and take it."""
    page.goto(house.url("mapping/import/"))
    rows = lines(BY_FILE, ",").replace("\n", "\ngl_account,").removesuffix("gl_account,")
    content = f"dimension,code,member\ngl_account,{rows}".encode()
    page.locator("#id_file").set_input_files(
        {"name": "accounts.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Compare with the mapping").click()
    page.get_by_role("button", name="Put 300 changes in the draft").click()
    expect(page.get_by_role("heading", name="300 changes")).to_be_visible()


def paste_rows(page: Page, house: House) -> None:
    """Paste another third below the grid's rows."""
    page.goto(house.url("mapping/grid/?dimension=gl_account"))
    page.get_by_text("Paste from a spreadsheet").click()
    page.locator("#grid-rows").fill(lines(BY_PASTE, "\t"))
    page.get_by_role("button", name="Put in the draft").click()
    expect(page.locator("#grid-result")).to_contain_text("300")


def take_suggestions(page: Page, house: House, dimension: str, count: int) -> None:
    """Take all suggestions of a dimension that are sure, after a look at how many these are."""
    page.goto(house.url(f"mapping/accept/?dimension={dimension}&least=95"))
    page.get_by_role("button", name=f"Put {count} in the draft").click()
    expect(page.get_by_text(f"{count} suggestions put in the draft.")).to_be_visible()


def map_the_odd_one(page: Page, house: House) -> None:
    """Map the account that is like no member, by one click on the desk."""
    page.goto(house.url("mapping/?dimension=gl_account"))
    page.get_by_label(f"Member of GL account {ODD}").fill("OTHER")
    page.get_by_role("button", name=f"Map GL account {ODD}").click()
    expect(page.get_by_text(f"GL account {ODD} is OTHER, from version 2 on.")).to_be_visible()


def split_a_center(page: Page, house: House) -> None:
    """Split a cost center 60/40 from July by its form."""
    page.goto(house.url(f"mapping/rule/?dimension=cost_center&code={SPLIT}"))
    page.get_by_label("Member 1").fill("CC_A")
    page.get_by_label("Percent").nth(0).fill("60")
    page.get_by_label("Member 2").fill("CC_B")
    page.get_by_label("Percent").nth(1).fill("40")
    page.get_by_label("Some periods only").check()
    page.get_by_label("First period").fill("202607")
    page.get_by_role("button", name="Put in the draft").click()
    expect(page.get_by_text("CC_A 60 %").first).to_be_visible()


def test_nine_hundred_accounts_and_forty_centers_are_mapped(open_window):
    house = make_house()
    odd = [f"A_{code}" for code in ACCOUNTS if code != ODD]
    fill(house, "gl_account", ACCOUNTS, [*odd, "OTHER"])
    fill(house, "cost_center", CENTERS, [*(f"CC_{c}" for c in CENTERS[:-1]), "CC_A", "CC_B"])
    window = open_window(house.client(Role.OPERATOR), reduced_motion="reduce")
    page = window.page
    bring_a_file(page, house)
    paste_rows(page, house)
    take_suggestions(page, house, "gl_account", len(BY_SUGGESTION))
    map_the_odd_one(page, house)
    split_a_center(page, house)
    take_suggestions(page, house, "cost_center", len(CENTERS) - 1)
    page.goto(house.url("mapping/draft/"))
    page.get_by_role("button", name="Approve 939 changes").click()
    expect(page.get_by_text("The draft is approved, from version 3 on.")).to_be_visible()
    with tenant(house.organization.pk):
        rules = set(read_rules(current_version(house.organization)))
    start = {"valid_from": 202607}
    assert rules - set(RULES) == {
        *(Rule("gl_account", code, f"A_{code}") for code in ACCOUNTS if code != ODD),
        Rule("gl_account", ODD, "OTHER"),
        *(Rule("cost_center", code, f"CC_{code}") for code in CENTERS[:-1]),
        Rule("cost_center", SPLIT, "CC_A", weight=Decimal("0.6"), **start),
        Rule("cost_center", SPLIT, "CC_B", weight=Decimal("0.4"), **start),
    }
