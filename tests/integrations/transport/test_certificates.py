"""Secure connections to stand-ins with good and with bad certificates, over real TLS."""

import socket
import ssl
import threading

import pytest

from integrations.transport.addresses import AddressPolicy
from integrations.transport.errors import IntegrationError
from integrations.transport.session import NOTHING_SENT, EgressSession
from simulators import server, tls

LOCAL = AddressPolicy(allow_loopback=True)
SECRET = "Basic c2VjcmV0"
CODES = {
    "expired": "tls_expired",
    "not-yet-valid": "tls_not_yet_valid",
    "self-signed": "tls_self_signed",
    "unknown-authority": "tls_unknown_authority",
    "wrong-host": "tls_wrong_host",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("certificates")
    tls.write_all(made)
    return made


@pytest.fixture
def authority(folder):
    return (folder / tls.AUTHORITY_FILE).read_text()


def call(url: str, authority: str | None) -> int:
    with EgressSession(policy=LOCAL, ca_pem=authority, connect_timeout=5) as session:
        return session.request("GET", url, auth_header=SECRET, repeatable=True).status


def refusal(url: str, authority: str | None) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        call(url, authority)
    return caught.value


def test_every_kind_of_bad_certificate_is_tried():
    assert set(CODES) == set(tls.KINDS) - {"good"}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_each_cause_has_a_code_of_its_own_and_no_secret_is_sent(folder, authority, kind, code):
    with server.start(server.build_app(), tls=tls.folder_context(folder, kind)) as running:
        error = refusal(f"{running.origin}/anything", authority)
        assert running.app[server.RECORDER].find("", "") == []
    assert error.code == code
    assert code in NOTHING_SENT
    assert error.kind == "config"
    assert "127.0.0.1" in error.message


def test_an_authority_that_was_not_given_is_unknown(folder):
    with server.start(server.build_app(), tls=tls.folder_context(folder)) as running:
        assert refusal(running.origin, None).code == "tls_unknown_authority"


def test_an_authority_that_was_given_is_trusted(folder, authority):
    with server.start(server.build_app(), tls=tls.folder_context(folder)) as running:
        assert call(f"{running.origin}/_sim/counters", authority) == 200


def test_a_given_authority_does_not_take_the_place_of_the_public_ones(authority):
    with EgressSession(policy=LOCAL) as plain, EgressSession(policy=LOCAL, ca_pem=authority) as own:
        counts = [made._adapter._context.cert_store_stats()["x509_ca"] for made in (plain, own)]
    assert counts[1] == counts[0] + 1 > 100


def test_versions_before_tls_1_2_are_refused(folder, authority):
    old = tls.folder_context(folder)
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with server.start(server.build_app(), tls=old) as running:
        assert refusal(running.origin, authority).code == "tls_handshake_failed"


def test_a_connection_that_is_hung_up_on_is_named(authority):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        hang_up = threading.Thread(target=lambda: listening.accept()[0].close())
        hang_up.start()
        error = refusal(f"https://127.0.0.1:{listening.getsockname()[1]}", authority)
        hang_up.join()
    assert error.code == "tls_handshake_failed"
