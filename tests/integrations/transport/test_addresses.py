"""Customer addresses: nothing private is ever dialled, whatever form it is written in."""

import socket
import threading

import pytest

from integrations.transport.addresses import AddressPolicy, check_base_url
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from tests.integrations.transport.address_table import INSIDE_HOSTS, ODD_URLS


@pytest.fixture
def connects(monkeypatch):
    """The addresses that sockets were told to connect to; none is really dialled."""
    found = []

    def note(_self, address):
        found.append(address)
        raise ConnectionRefusedError("test")

    monkeypatch.setattr(socket.socket, "connect", note)
    return found


def refusal(session: EgressSession, url: str) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        session.request("GET", url, repeatable=False)
    return caught.value


@pytest.mark.parametrize("host", INSIDE_HOSTS)
def test_a_private_address_is_refused_before_any_connect(host, connects):
    with EgressSession(policy=AddressPolicy()) as session:
        error = refusal(session, f"https://{host}/clouderp")
    assert error.code in {"address_refused", "address_invalid"}
    assert connects == []


@pytest.mark.parametrize("url", ODD_URLS)
def test_an_odd_url_is_refused_before_any_look_up(url, connects):
    def never(*_args, **_options):
        raise AssertionError("looked up")

    with EgressSession(policy=AddressPolicy(resolver=never)) as session:
        assert refusal(session, url).code == "address_invalid"
    assert connects == []


def test_the_table_names_each_form_once():
    assert len(set(INSIDE_HOSTS)) == len(INSIDE_HOSTS) >= 80
    assert len(set(ODD_URLS)) == len(ODD_URLS) >= 40


def entries(*addresses):
    """A resolver's answer."""
    return [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM,
            6,
            "",
            (address, 443),
        )
        for address in addresses
    ]


@pytest.mark.parametrize(
    "addresses",
    [("93.184.216.34", "10.0.0.1"), ("10.0.0.1", "93.184.216.34"), ("93.184.216.34", "::1")],
)
def test_one_private_address_among_public_ones_refuses_the_host(addresses, connects):
    policy = AddressPolicy(resolver=lambda *_a, **_k: entries(*addresses))
    with EgressSession(policy=policy) as session:
        assert refusal(session, "https://mixed.example.com/").code == "address_refused"
    assert connects == []


def test_the_checked_address_is_dialled_even_if_the_next_look_up_differs(connects):
    answers = [entries("93.184.216.34"), entries("127.0.0.1")]
    policy = AddressPolicy(resolver=lambda *_a, **_k: answers.pop(0))
    with EgressSession(policy=policy) as session:
        assert refusal(session, "https://rebinding.example.com/").code == "unreachable_refused"
        assert connects == [("93.184.216.34", 443)]
        assert refusal(session, "https://rebinding.example.com/").code == "address_refused"
    assert len(connects) == 1


def test_a_name_that_leads_to_loopback_stays_refused_where_loopback_is_allowed(connects):
    policy = AddressPolicy(allow_loopback=True, resolver=lambda *_a, **_k: entries("127.0.0.1"))
    with EgressSession(policy=policy) as session:
        assert refusal(session, "https://sly.example.com/").code == "address_refused"
        assert refusal(session, "http://sly.example.com/").code == "address_invalid"
        assert refusal(session, "http://10.0.0.1/").code == "address_invalid"
    assert connects == []


def test_loopback_over_plain_http_is_dialled_only_where_it_is_allowed(connects):
    with EgressSession(policy=AddressPolicy(allow_loopback=True)) as session:
        assert refusal(session, "http://127.0.0.1:6379/").code == "unreachable_refused"
    assert connects == [("127.0.0.1", 6379)]


def test_a_network_that_the_operator_opened_is_dialled_over_https_only(connects):
    policy = AddressPolicy(allowed_networks=("10.20.0.0/16",))
    with EgressSession(policy=policy) as session:
        assert refusal(session, "https://10.20.1.2:33005/qad-central").code == "unreachable_refused"
        assert refusal(session, "https://10.21.1.2/").code == "address_refused"
        assert refusal(session, "http://10.20.1.2/").code == "address_invalid"
    assert connects == [("10.20.1.2", 33005)]


def test_a_host_without_address_is_named():
    def unknown(*_args, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    with EgressSession(policy=AddressPolicy(resolver=unknown)) as session:
        error = refusal(session, "https://nowhere.example.com/")
    assert error.code == "unreachable_dns"
    assert "nowhere.example.com" in error.message
    assert error.retry_after is not None


def test_the_policy_is_asked_in_every_thread(connects):
    codes = []
    with EgressSession(policy=AddressPolicy()) as session:
        threads = [
            threading.Thread(
                target=lambda: codes.append(refusal(session, "https://10.0.0.1/").code)
            )
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert codes == ["address_refused"] * 16
    assert connects == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://acme.qad.com/clouderp/", "https://acme.qad.com/clouderp"),
        (
            "https://acme.qad.com:33005/qad-central/test",
            "https://acme.qad.com:33005/qad-central/test",
        ),
        ("https://acme.qad.com", "https://acme.qad.com"),
    ],
)
def test_a_base_url_is_kept_without_its_last_slash(given, kept):
    assert check_base_url(given, AddressPolicy()) == kept


@pytest.mark.parametrize(
    "given",
    ["https://a.com/x?y=1", "https://a.com/x?", "https://a.com/../x", "https://a.com/%2e%2e/x"],
)
def test_a_base_url_that_leads_elsewhere_is_refused(given):
    with pytest.raises(IntegrationError) as caught:
        check_base_url(given, AddressPolicy())
    assert caught.value.code == "address_invalid"
