"""The pages of mapping files: what comes in is seen before it counts, what goes out comes back."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import MappingChange, MappingUpload, QadCode
from integrations.pipeline.mapping_changes import Part
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.drafts import read_standing
from integrations.services.mapping_uploads import KEPT_UPLOADS, purge_uploads
from integrations.services.mappings import approve_rules
from tests.integrations.desk_scene import FILE, WRONG_LINES, add_desk, add_upload
from tests.integrations.scenes import make_house

CENTERS = [RuleKey("cost_center", "", "exact", code, "") for code in ("100", "200")]
UPLOAD = {"others": "add"}


@pytest.fixture(scope="module")
def house(engines):
    found = make_house()
    add_desk(found, is_drafted=False)
    return found


@pytest.fixture
def fresh(engines):
    return make_house()


def upload(house, content, *, mode="add", name="centers.csv", **fields):
    """Upload a file as the operator; return the answer."""
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    client = house.client(Role.OPERATOR)
    return client.post(house.url("mapping/import/"), {"others": mode, "file": file, **fields})


def page_of(house, answer):
    assert answer.status_code == 302, answer.content.decode()
    return house.client(Role.OPERATOR).get(answer["Location"])


def figures(page):
    return {word: figure for word, figure, _ in page.context["figures"] if figure}


def put(house, page, role=Role.OPERATOR, **fields):
    address = f"{page.request['PATH_INFO']}put/"
    return house.client(role).post(address, {"seen": page.context["seen"], **fields}, follow=True)


def parts(house, key):
    with tenant(house.organization.pk):
        return read_standing(house.organization).parts(key)


def body(answer):
    assert answer.status_code == 200
    return b"".join(answer)


def test_a_file_is_seen_before_it_counts_and_goes_to_the_draft_as_a_whole(fresh):
    page = page_of(fresh, upload(fresh, FILE))
    assert figures(page) == {"new": 1, "changed": 1}
    text = page.content.decode()
    assert "Put 2 changes in the draft" in text
    assert [(line.codes, line.before, line.after, line.line) for line in page.context["changes"]] \
        == [("200", "(not mapped)", "CC_200", 2), ("100", "CC_100", "CC_9", 3)]  # fmt: skip
    assert parts(fresh, CENTERS[0]) == (Part("CC_100"),)
    answer = put(fresh, page)
    assert "2 changes of centers.csv stand in the draft now." in answer.content.decode()
    assert [parts(fresh, key) for key in CENTERS] == [(Part("CC_9"),), (Part("CC_200"),)]
    with tenant(fresh.organization.pk):
        event = Event.objects.get(action="mapping.imported")
        assert MappingChange.objects.count() == 2
    kept = page.context["upload"]
    assert event.data == {
        "name": "centers.csv", "sha256": kept.digest, "mode": "add", "new": 1, "changed": 1,
        "same": 0,
    }  # fmt: skip
    again = fresh.client(Role.OPERATOR).get(page.request["PATH_INFO"])
    assert figures(again) == {"same": 2}
    assert "It changes nothing." in again.content.decode()
    assert "The file changes nothing" not in put(fresh, again).content.decode()
    with tenant(fresh.organization.pk):
        assert Event.objects.filter(action="mapping.imported").count() == 1


def test_what_changed_since_it_was_seen_is_looked_at_again(fresh):
    page = page_of(fresh, upload(fresh, FILE))
    rules = [Rule("cost_center", "100", "THEIRS")]
    approve_rules(organization=fresh.organization, rules=rules, requested_by="test")
    answer = put(fresh, page)
    assert "Somebody has changed the mapping meanwhile" in answer.content.decode()
    assert parts(fresh, CENTERS[0]) == (Part("THEIRS"),)
    assert "THEIRS" in [line.before for line in answer.context["changes"]]
    put(fresh, answer)
    assert parts(fresh, CENTERS[0]) == (Part("CC_9"),)


def test_a_file_with_errors_is_told_line_by_line_and_kept_out(house):
    page = page_of(house, upload(house, WRONG_LINES.encode("utf-16")))
    assert [(error.line, error.column) for error in page.context["errors"]] == [
        (3, "weight"), (4, "dimension"), (5, "valid_from"),
    ]  # fmt: skip
    assert "Put" not in page.content.decode()
    assert "3 errors stand in the file" in put(house, page).content.decode()
    assert parts(house, CENTERS[0]) == (Part("CC_100"),)
    errors = body(house.client(Role.OPERATOR).get(f"{page.request['PATH_INFO']}errors/"))
    rows = list(csv.reader(StringIO(errors.decode("utf-8-sig"))))
    assert [row[:3] for row in rows] == [
        ["line", "column", "value"], ["3", "weight", "0.3"], ["4", "dimension", "color"],
        ["5", "valid_from", "July"],
    ]  # fmt: skip


def test_a_file_replaces_the_dimensions_that_it_has_where_that_is_asked(fresh):
    content = "dimension,code,member\ngl_account,1000,A_1000\nentity,DE01,\n"
    page = page_of(fresh, upload(fresh, content, mode="replace"))
    assert figures(page) == {"removed": 1, "same": 1, "left blank": 1}
    put(fresh, page)
    with tenant(fresh.organization.pk):
        left = [rule.key for rule in read_standing(fresh.organization).rules_with_draft()]
    assert [key.code for key in left if key.dimension == "gl_account"] == ["1000"]
    assert [key.code for key in left if key.dimension == "entity"] == ["US01", "DE01"]
    assert CENTERS[0] in left
    wrong = page_of(
        fresh, upload(fresh, f"{content}entity,US01,X\nentity,US01,Y\n", mode="replace")
    )
    assert figures(wrong)["errors"] == 1


def test_codes_that_a_spreadsheet_has_cut_are_told(fresh):
    add_desk(fresh, is_drafted=False)
    with tenant(fresh.organization.pk):
        QadCode.objects.filter(code="300").update(code="0300")
    text = page_of(fresh, upload(fresh, FILE + "cost_center,300,CC_300\n")).content.decode()
    assert "1 new code has lost zeros in front, it seems: 300 is 0300 in QAD." in text
    assert "zeros" not in page_of(fresh, upload(fresh, FILE)).content.decode()


def test_rows_are_pasted_and_a_page_asks_for_one_of_the_two(house):
    client, address = house.client(Role.OPERATOR), house.url("mapping/import/")
    rows = "Dimension\tQAD code\tAnaplan member\r\nCost center\t100\tCC_100\r\n"
    page = page_of(house, client.post(address, UPLOAD | {"pasted": rows}))
    assert (figures(page), page.context["upload"].name) == ({"same": 1}, "pasted rows")
    for answer in (client.post(address, UPLOAD), upload(house, FILE, pasted=rows)):
        assert answer.status_code == 422
        assert "one of the two" in answer.content.decode()


def test_what_can_not_be_read_is_refused_and_not_kept(house, monkeypatch):
    monkeypatch.setattr("integrations.forms.mapping_files.LARGEST_FILE", 1_000)
    with tenant(house.organization.pk):
        before = MappingUpload.objects.count()
    for content, said in (
        ("code,member\n1,A", "its first line is no header"),
        (b"PK\x03\x04", "damaged, or locked by a password"),
        ("dimension,code,member\n" + "x" * 1_000, "more than 20 MB"),
    ):
        answer = upload(house, content)
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    with tenant(house.organization.pk):
        assert MappingUpload.objects.count() == before


RULES = [
    Rule("project", "=1", "@A"), Rule("supplier", "7", " S "),
    Rule("project", "0100", "B", "prefix"),
    Rule("project", "2", "3", "range", "20"), Rule("project", "10", "4", "range", "28"),
    Rule("project", "", "", "default"), Rule("entity", "1", "E", domain="10USA"),
]  # fmt: skip


def test_what_is_taken_out_comes_back_as_the_same_with_the_same_bytes(fresh):
    approve_rules(organization=fresh.organization, rules=RULES, requested_by="test")
    client = fresh.client(Role.VIEWER)
    plain = client.get(fresh.url("mapping/export/"))
    name = f"mapping-{fresh.organization.slug}-v2.csv"
    assert plain["Content-Disposition"] == f'attachment; filename="{name}"'
    plain = body(plain)
    assert plain.decode().splitlines() == [
        "dimension,code,member,kind,code_to,domain,weight,valid_from,valid_to",
        "entity,1,E,exact,,10USA,,,",
        "supplier,7, S ,exact,,,,,",
        "project,=1,@A,exact,,,,,",
        "project,0100,B,prefix,,,,,",
        "project,2,3,range,20,,,,",
        "project,10,4,range,28,,,,",
        "project,,(not mapped),default,,,,,",
    ]
    safe = body(client.get(fresh.url("mapping/export/?format=csv&safe=1")))
    assert b"\r\nproject,'=1,'@A,exact" in safe
    book = body(client.get(fresh.url("mapping/export/?format=xlsx&what=draft")))
    cells = [cell for row in load_workbook(BytesIO(book)).active.iter_rows() for cell in row]
    assert {cell.value: cell.data_type for cell in cells}["=1"] == "s"
    assert all(isinstance(cell.value, str) for cell in cells if cell.value is not None)
    for content in (plain, safe, book):
        page = page_of(fresh, upload(fresh, content, mode="replace"))
        assert figures(page) == {"same": 7}
    other = make_house()
    put(other, page_of(other, upload(other, book, mode="replace")))
    assert body(other.client().get(other.url("mapping/export/?what=draft&dimension=project"))) == \
        body(client.get(fresh.url("mapping/export/?dimension=project")))  # fmt: skip
    with tenant(fresh.organization.pk):
        events = Event.objects.filter(action="mapping.exported").order_by("sequence")
        assert events[1].data == {
            "rules": 7, "what": "approved", "dimension": "", "format": "csv",
        }  # fmt: skip
        assert events[0].actor == fresh.member(Role.VIEWER).email


def test_a_template_lists_codes_without_a_member_and_changes_nothing_as_it_is(house):
    client = house.client(Role.OPERATOR)
    template = body(client.get(house.url("mapping/import/template/?dimension=cost_center")))
    assert template.decode("utf-8-sig").splitlines() == [
        "dimension,code,name,member,kind,code_to,domain,weight,valid_from,valid_to,note",
        "cost_center,200,Plant Hamburg,,,,,,,,",
        "cost_center,300,Research,,,,,,,,",
    ]
    every = body(client.get(house.url("mapping/import/template/?format=xlsx")))
    page = page_of(house, upload(house, every))
    assert figures(page) == {"left blank": 16}
    assert client.get(house.url("mapping/import/template/?dimension=x")).status_code == 422


def test_files_are_kept_for_a_day_and_the_newest_of_them(fresh):
    for _ in range(KEPT_UPLOADS + 1):
        kept = add_upload(fresh)
    with tenant(fresh.organization.pk):
        assert MappingUpload.objects.count() == KEPT_UPLOADS
        old = MappingUpload.objects.exclude(pk=kept.pk)
        old.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    assert purge_uploads() >= KEPT_UPLOADS - 1
    with tenant(fresh.organization.pk):
        assert list(MappingUpload.objects.values_list("pk", flat=True)) == [kept.pk]


def test_a_viewer_takes_rules_out_and_sees_no_uploads(house):
    kept = add_upload(house)
    page = house.client(Role.VIEWER).get(house.url("mapping/import/")).content.decode()
    assert ("Take rules out" in page, "Bring rules in" in page) == (True, False)
    assert kept.name not in page
    assert (
        kept.name in house.client(Role.OPERATOR).get(house.url("mapping/import/")).content.decode()
    )
