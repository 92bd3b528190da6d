"""The instance profile: customers' edits are checked and named, never guessed."""

from copy import deepcopy
from typing import Any

import pytest

from integrations.qad.profile import Profile, default_profile
from integrations.qad.types import Workspace, period_status
from integrations.transport.errors import IntegrationError


def changed(path: str, value: Any) -> dict[str, Any]:
    data = default_profile()
    place = data
    *parts, last = path.split(".")
    for part in parts:
        place = place[part]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return data


def test_the_default_is_valid_and_a_fresh_copy_each_time():
    before = deepcopy(default_profile())
    default_profile()["paging"]["size"] = 1
    assert default_profile() == before
    profile = Profile.parse(default_profile())
    assert set(profile.documents) == {
        "entity",
        "gl_account",
        "cost_center",
        "gl_period",
        "gl_balance",
        "gl_posting",
        "supplier",
        "supplier_invoice",
        "plan_reference",
    }
    # A document that the customer has to build in QAD first.
    assert [name for name, entry in profile.documents.items() if not entry.enabled] == [
        "plan_reference"
    ]
    assert profile.limits.concurrency == 2
    needed = profile.documents["gl_balance"].needed
    assert needed >= {"debit", "credit", "net", "gl_account"}
    # Amounts in other currencies are missed only where a sync asks for them.
    assert needed.isdisjoint({"debit_tc", "credit_tc", "net_sc"})


def test_parts_that_are_left_out_take_their_default():
    documents = {"gl_account": default_profile()["documents"]["gl_account"]}
    assert Profile.parse({"documents": documents}).paging.size == 500


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("paging.size", "many", "paging.size"),
        ("paging.size", 0, "paging.size"),
        ("paging.size", 10**9, "paging.size"),
        ("paging.sise", 5, "paging"),
        ("paging.stop", "whenever", "paging.stop"),
        ("limits.concurrency", 17, "limits.concurrency"),
        ("limits.min_gap_ms", -1, "limits.min_gap_ms"),
        ("limits.min_gap_ms", 5_001, "limits.min_gap_ms"),
        ("auth.mode", "session_cookie", "auth.mode"),
        ("auth.login_path", "/login", "auth.login_path"),
        ("auth.login_fields", ["user"], "auth.login_fields"),
        ("auth.send_as", "query", "auth.send_as"),
        ("auth.token_path", "https://evil.example.com/token", "auth.token_path"),
        ("auth.token_path", "../oauth", "auth.token_path"),
        ("tls.verify", False, "tls.verify"),
        ("workspace.header", "x y", "workspace.header"),
        ("workspace.header", "x\r\ny", "workspace.header"),
        ("workspace.format", "{domain}", "workspace.format"),
        ("workspace.format", "{entity.__class__}", "workspace.format"),
        ("workspace.format", "{entity}\r\nX: 1", "workspace.format"),
        ("workspace.format", " {entity}", "workspace.format"),
        ("workspace.format", "{entity}\t", "workspace.format"),
        ("workspace.format", "€{entity}", "workspace.format"),
        ("workspace.format", "{entity}\ud800", "workspace.format"),
        ("documents.gl_account.sort", ["gl\x00"], "documents.gl_account.sort[0]"),
        ("filter.ops", {"ne": "ne"}, "filter.ops"),
        ("filter.ops", {"like": "like"}, "filter.ops"),
        ("profile_version", 2, "profile_version"),
        ("documents", [], "documents"),
        ("documents.gl_account.path", "../../admin", "documents.gl_account.path"),
        ("documents.gl_account.path", "//evil.example.com", "documents.gl_account.path"),
        ("documents.gl_account.path", "/api/x", "documents.gl_account.path"),
        ("documents.gl_account.path", "api/%2e%2e/x", "documents.gl_account.path"),
        ("documents.gl_account.path", "api/../x", "documents.gl_account.path"),
        ("documents.gl_account.path", "api/./x", "documents.gl_account.path"),
        ("documents.gl_account.path", "api/x?y=1", "documents.gl_account.path"),
        ("documents.gl_account.path", "https://evil.example.com", "documents.gl_account.path"),
        ("documents.gl_account.path", "", "documents.gl_account.path"),
        ("documents.gl_account.key", ["glAccountCode"], "documents.gl_account.key"),
        ("documents.gl_account.key", [], "documents.gl_account.key"),
        ("documents.gl_account.required", ["nothing"], "documents.gl_account.required"),
        ("documents.gl_account.sort", ["nothing"], "documents.gl_account.sort"),
        ("documents.gl_account.map.Bad Name", "x", "documents.gl_account.map"),
        ("documents.gl_account.map", KeyError, "documents.gl_account"),
        ("documents.gl_account.style", "browse", "documents.gl_account.browse_id"),
        ("documents.gl_account.style", "entity", "documents.gl_account.plural"),
        ("documents.gl_account.style", "soap", "documents.gl_account.style"),
        (
            "documents.gl_balance.static_filters",
            [["layer_type", "eq", "A,B"]],
            "documents.gl_balance.static_filters",
        ),
        (
            "documents.gl_balance.static_filters",
            [["nothing", "eq", "A"]],
            "documents.gl_balance.static_filters",
        ),
        (
            "documents.gl_balance.value_map",
            {"nothing": {"a": "b"}},
            "documents.gl_balance.value_map",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path, value, place):
    with pytest.raises(IntegrationError) as caught:
        Profile.parse(changed(path, value))
    assert caught.value.code == "profile_invalid"
    assert str(caught.value.facts["path"]).startswith(place)
    assert caught.value.facts["reason"]


def test_a_wire_name_in_the_place_of_a_canonical_one_is_explained():
    with pytest.raises(IntegrationError, match="is “code” there"):
        Profile.parse(changed("documents.gl_account.key", ["glAccountCode"]))


def test_the_three_styles_have_their_paths():
    base = default_profile()["documents"]["gl_account"]
    profile = Profile.parse(
        {
            "documents": {
                "bdoc": base,
                "browse": {**base, "style": "browse", "browse_id": "urn:browse:mfg:gl111"},
                "entity": {
                    **base,
                    "style": "entity",
                    "plural": "glAccounts",
                    "entity_uri": "urn:be:com.qad.base.coa.IGLAccount",
                },
            }
        }
    )
    found = {n: (d.url_path, d.list_at) for n, d in profile.documents.items()}
    assert found == {
        "bdoc": ("api/bdoc/qad/base/coa/GLAccounts", "data"),
        "browse": ("api/qracore/browses", "data"),
        "entity": ("api/erp/glAccounts", "data.glAccounts"),
    }


def test_a_workspace_is_written_as_the_profile_says():
    profile = Profile.parse(changed("workspace.format", "{entity}@{domain}"))
    assert profile.workspace_id(Workspace("10USA", "{domain}")) == "{domain}@10USA"


@pytest.mark.parametrize("text", ["Frozen", "FROZEN", "Periodfrozen", " periodFROZEN "])
def test_a_period_status_is_read_with_or_without_its_prefix(text):
    assert period_status(text) == "FROZEN"
