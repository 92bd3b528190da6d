"""The mapping grid in a real browser: by keyboard, by a pasted block, and against somebody else."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import CodeAmount, ListMember, MemberList, QadCode
from integrations.pipeline.mapping_changes import KeyChange, Part
from integrations.pipeline.rules import RuleKey
from integrations.selectors.drafts import read_standing
from integrations.services.mapping_drafts import Wish, change_draft
from tests.e2e.looking import folder_for_pictures, look_at
from tests.integrations.scenes import House, make_house

pytestmark = pytest.mark.browser
CODES = [f"4{at:03}" for at in range(45)]
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def make_desk():
    """Cost centers without a member, the first with the most money."""
    house, now = make_house(), timezone.now()
    organization = house.organization
    with tenant(organization.pk):
        members = MemberList.objects.create(
            organization=organization, dimension="cost_center", target=house.sync.target,
            workspace_id="w" * 32, model_id="M" * 32, list_name="Cost Centers", read_at=now,
        )  # fmt: skip
        same = {"organization": organization, "first_seen_at": now}
        ListMember.objects.bulk_create(
            ListMember(member_list=members, text=f"CC_{code}", name=f"Center {code}", **same)
            for code in (*CODES, "100")
        )
        QadCode.objects.bulk_create(
            QadCode(source=house.sync.source, dimension="cost_center", code=code, **same)
            for code in CODES
        )
        CodeAmount.objects.bulk_create(
            CodeAmount(
                organization=organization, sync=house.sync, entity="US01", year_period=202610,
                dimension="cost_center", code=code, currency="USD", rows=1,
                amount=Decimal(1000 - at),
            )
            for at, code in enumerate(CODES)
        )  # fmt: skip
    return house


def key(code):
    return RuleKey("cost_center", "", "exact", code, "")


def taken(house):
    """Which member takes each code, the draft included."""
    with tenant(house.organization.pk):
        standing = read_standing(house.organization)
        keys = {*standing.approved, *standing.changes}
        return {
            held.code: standing.parts(held)[0].member
            for held in keys
            if held.dimension == "cost_center" and standing.parts(held)
        }


def want(house, code, member):
    change_draft(
        organization=house.organization,
        wishes=[Wish(KeyChange(key(code), (Part(member),)))],
        requested_by="colleague@example.com",
    )


@dataclass
class Desk:
    """The grid in a window, and whose it is."""

    house: House
    page: Page

    @property
    def keys(self):
        return self.page.keyboard

    @property
    def grid(self):
        return self.page.get_by_role("grid", name="Cost centers and their members")

    def row(self, code):
        return self.grid.locator(f'tr[data-code="{code}"]')

    def member(self, code):
        return self.row(code).locator(".member-cell")

    def paste(self, text):
        self.page.evaluate(PASTE, text)


def test_codes_are_mapped_by_keyboard_by_paste_and_never_over_somebody_elses_work(
    open_window, tmp_path
):
    house = make_desk()
    window = open_window(house.client(Role.OPERATOR), reduced_motion="reduce")
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk = Desk(house, window.page)
    desk.page.set_viewport_size({"width": 1280, "height": 900})
    desk.page.goto(house.url("mapping/grid/?dimension=cost_center&size=50"))
    expect(desk.grid).to_have_attribute("aria-rowcount", "47")
    take_one_of_the_list_and_type_the_next(desk)
    paste_forty_members_of_which_one_is_wrong(desk)
    take_both_back(desk)
    copy_two_rows_and_take_them_away(desk)
    paste_codes_with_their_members(desk)
    meet_somebody_who_was_faster(desk, folder_for_pictures(tmp_path))
    window.complaints = [text for text in window.complaints if "status of 4" not in text]


def take_one_of_the_list_and_type_the_next(desk):
    """Enter takes what was chosen and goes down, Tab changes the next one, Escape leaves it."""
    member, keys = desk.member, desk.keys
    member(CODES[0]).focus()
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    keys.press("Enter")
    keys.type("CC_4000")
    expect(desk.page.locator(".member-list li")).to_have_text(["CC_4000 Center 4000"])
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(member(CODES[1])).to_be_focused()
    expect(desk.row(CODES[0])).to_contain_text("in draft")
    keys.type("CC_4001")
    keys.press("Tab")
    expect(member(CODES[2]).get_by_role("combobox")).to_be_focused()
    keys.type("nothing")
    keys.press("Escape")
    expect(member(CODES[2])).to_have_text("(not mapped)")
    expect(desk.row(CODES[1])).to_contain_text("in draft")
    assert taken(desk.house) == {"100": "CC_100", "4000": "CC_4000", "4001": "CC_4001"}


def paste_forty_members_of_which_one_is_wrong(desk):
    """They go down from the row that has the focus; the wrong one says why it was not saved."""
    block = [f"CC_{code}" for code in CODES[2:42]]
    block[7] = "M" * 201
    desk.member(CODES[2]).focus()
    desk.paste("\n".join(block))
    told = desk.page.locator("#grid-result h2")
    expect(told).to_have_text("39 codes changed in the draft, 1 not")
    expect(desk.member(CODES[9])).to_contain_text("member is longer than 200 characters")
    saved = taken(desk.house)
    assert [saved.get(code) for code in CODES[2:42]] == [
        None if at == 7 else name for at, name in enumerate(block)
    ]


def take_both_back(desk):
    """The block as a whole, then the change before it."""
    desk.member(CODES[2]).focus()
    desk.keys.press("Control+z")
    expect(desk.member(CODES[2])).to_have_text("(not mapped)")
    assert taken(desk.house) == {"100": "CC_100", "4000": "CC_4000", "4001": "CC_4001"}
    desk.keys.press("Control+z")
    expect(desk.member(CODES[1])).to_have_text("(not mapped)")


def copy_two_rows_and_take_them_away(desk):
    """What is chosen with the shift key is copied as two columns, and taken away by one key."""
    desk.member("100").focus()
    desk.keys.press("Shift+ArrowUp")
    desk.keys.press("Control+c")
    expect(desk.page.locator("#announcer")).to_have_text("2 rows copied")
    copied = desk.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{CODES[44]}\t\n100\tCC_100"
    desk.keys.press("Delete")
    expect(desk.member("100")).to_have_text("(not mapped)")
    desk.keys.press("Control+z")
    expect(desk.member("100")).to_have_text("CC_100")


def paste_codes_with_their_members(desk):
    """Two columns find their rows by the code, wherever the focus is."""
    desk.paste(f"{CODES[43]}\tCC_100\nnowhere\tCC_100")
    expect(desk.member(CODES[43])).to_contain_text("CC_100")
    expect(desk.page.locator("#grid-result")).to_contain_text("has a cost_center nowhere")


def meet_somebody_who_was_faster(desk, folder):
    """Both values stand there, and one of them is chosen by keyboard."""
    member, keys = desk.member, desk.keys
    for mine, button in (("CC_4004", "Keep theirs"), ("CC_4005", "Put mine")):
        code = mine[-4:]
        want(desk.house, code, "CC_THEIRS")
        member(code).focus()
        keys.press("F2")
        keys.type(mine)
        keys.press("Enter")
        expect(member(code)).to_contain_text(f"Now: CC_THEIRS. Yours: {mine}.")
        if button == "Put mine":
            look_at(desk.page, folder, "mapping-grid-lost-update")
        member(code).focus()
        keys.press("Enter")
        expect(member(code).get_by_role("button", name="Keep theirs")).to_be_focused()
        if button == "Put mine":
            keys.press("Tab")
        keys.press("Enter")
    expect(member("4005").locator("[data-shown]")).to_have_text("CC_4005")
    expect(member("4004").get_by_role("button")).to_have_count(0)
    found = taken(desk.house)
    assert (found["4004"], found["4005"], found[CODES[43]]) == ("CC_THEIRS", "CC_4005", "CC_100")
