"""What people paste as a tenant URL, and what they are told of it."""

import pytest

from integrations.qad.address import read_address
from integrations.transport.addresses import AddressPolicy

ACME = "https://acme.qad.com"
ROOTED = f"{ACME}/clouderp"
BOTH = (ROOTED, f"{ACME}/qad-central")
OPEN, STRICT = AddressPolicy(allow_loopback=True), AddressPolicy()

GOOD = [
    (ROOTED, ROOTED),
    (f"  {ROOTED}/ \n", ROOTED),
    (f"{ROOTED}/test/", f"{ROOTED}/test"),
    ("https://acme-devl.adaptive.qad.com/clouderp/devl", None),
    (f"{ACME}/Own-Root", None),
    (f"{ACME}:443/clouderp", None),
]
# What was pasted, a word of the problem, what is offered instead.
MISSES = [
    ("", "no address", ()),
    ("acme.qad.com/clouderp", "begin with https://", (ROOTED,)),
    ("acme.qad.com", "begin with https://", BOTH),
    ("acme.qad.com/clouderp/login.jsp?error=1", "begin with https://", (ROOTED,)),
    ("https:/acme.qad.com/clouderp", "begin with https://", (ROOTED,)),
    ("https//acme.qad.com/clouderp", "begin with https://", (ROOTED,)),
    ("//acme.qad.com/clouderp", "begin with https://", (ROOTED,)),
    ("http://acme.qad.com/clouderp", "read the password", (ROOTED,)),
    ("http://acme.qad.com:80/clouderp/api/erp", "read the password", (ROOTED,)),
    ("ftp://acme.qad.com/clouderp", "begins with ftp://", (ROOTED,)),
    (ACME, "host alone", BOTH),
    (f"{ACME}/", "host alone", BOTH),
    (f"{ACME}:33005", "host alone", (f"{ACME}:33005/clouderp", f"{ACME}:33005/qad-central")),
    (f"{ROOTED}/login.jsp?error=1", "is the sign-in page", (ROOTED,)),
    (f"{ROOTED}/resources/login.jsp", "is the sign-in page", (ROOTED,)),
    (f"{ROOTED}/test/login?error", "is the sign-in page", (f"{ROOTED}/test",)),
    (f"{ACME}/login", "is the sign-in page", BOTH),
    (f"{ROOTED}/#/view/GLAccounts", "a page or a service inside", (ROOTED,)),
    (f"{ROOTED}#home", "a page or a service inside", (ROOTED,)),
    (f"{ROOTED}/api/qracore/browses?browseId=urn:x", "a page or a service inside", (ROOTED,)),
    (f"{ROOTED}/oauth/token", "a page or a service inside", (ROOTED,)),
    (f"{ROOTED}/index.html", "a page or a service inside", (ROOTED,)),
    (f"{ROOTED}?lang=en", "question mark", (ROOTED,)),
    ("https://demo:demo@acme.qad.com/clouderp", "user name or password", (ROOTED,)),
    (f"{ACME}:5432/clouderp", "port 5432 belongs to another service", ()),
    (f"{ACME}:99999/clouderp", "cannot be read", ()),
    (f"{ACME}/cloud erp", "blank", ()),
    (f"{ACME}/../clouderp", "leads upwards", ()),
    ("https:///clouderp", "no host", ()),
]


@pytest.mark.parametrize(("pasted", "kept"), GOOD)
def test_a_good_address_is_kept_without_blanks_and_last_slash(pasted, kept):
    advice = read_address(pasted, STRICT)
    assert (advice.url, advice.problem, advice.note) == (kept or pasted, "", "")


@pytest.mark.parametrize(("pasted", "word", "offers"), MISSES)
def test_a_near_miss_is_named_and_what_was_meant_is_offered(pasted, word, offers):
    advice = read_address(pasted, STRICT)
    assert word in advice.problem
    assert advice.offers == offers


@pytest.mark.parametrize("offer", sorted({offer for _, _, offers in MISSES for offer in offers}))
def test_what_is_offered_is_good(offer):
    assert read_address(offer, STRICT).problem == ""


def test_only_a_host_alone_is_a_doubt():
    assert [pasted for pasted, _, _ in MISSES if read_address(pasted, STRICT).is_doubt] == [
        ACME,
        f"{ACME}/",
        f"{ACME}:33005",
    ]


def test_an_odd_port_is_told_and_not_refused():
    advice = read_address(f"{ACME}:33005/qad-central", STRICT)
    assert (advice.problem, "port 33005" in advice.note) == ("", True)


def test_http_to_this_machine_is_kept_where_the_installation_allows_it():
    url = "http://127.0.0.1:8090/clouderp"
    assert read_address(url, OPEN).problem == ""
    assert read_address(f"{url}/login", OPEN).offers == (url,)
    assert "read the password" in read_address(url, STRICT).problem
