"""HTTPS of the stand-ins, and the test authority that vouches for them or does not."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from cryptography import x509

from simulators import server, tls
from simulators.__main__ import main

MODEL_FILE = Path(__file__).parent / "anaplan" / "model.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("certificates")
    tls.write_all(made)
    return made


def look(folder: Path, kind: str) -> requests.Response:
    with server.start(server.build_app(), tls=tls.folder_context(folder, kind)) as running:
        assert running.url == f"https://127.0.0.1:{running.port}"
        trusted = str(folder / tls.AUTHORITY_FILE)
        return requests.get(f"{running.origin}/_sim/counters", verify=trusted, timeout=5)


def test_a_client_that_trusts_the_authority_is_served(folder):
    assert look(folder, "good").json() == {}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("self-signed", "self-signed certificate"),
        ("unknown-authority", "unable to get local issuer certificate"),
        ("wrong-host", "IP address mismatch"),
    ],
)
def test_each_bad_certificate_is_bad_in_its_own_way(folder, kind, words):
    with pytest.raises(requests.exceptions.SSLError, match=words):
        look(folder, kind)


def test_a_folder_holds_a_certificate_of_each_kind_and_keys_for_its_owner(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"authority.pem"} | {f"{kind}.{end}" for kind in tls.KINDS for end in ("pem", "key")}  # fmt: skip  # noqa: E501
    assert (folder / "good.key").stat().st_mode & 0o777 == 0o600


def test_hosts_can_be_chosen():
    pair = tls.Authority().issue("good", ["qad.test.example", "127.0.0.7"])
    names = x509.load_pem_x509_certificate(pair.certificate).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert [str(name.value) for name in names.value] == ["qad.test.example", "127.0.0.7"]
    with pytest.raises(tls.BadCertificate, match="Unknown kind 'best'"):
        tls.Authority().issue("best")


def test_old_tls_is_not_spoken(folder):
    assert tls.folder_context(folder).minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_command_serves_https_from_a_folder_that_it_fills(tmp_path):
    folder = tmp_path / "made"
    command = [sys.executable, "-m", "simulators", "anaplan", "--model", str(MODEL_FILE)]
    with subprocess.Popen(
        [*command, "--tls-folder", str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on https://127.0.0.1:")
            address = line.split()[-1]
            trusted = str(folder / "authority.pem")
            answer = requests.get(f"{address}/2/0/workspaces", verify=trusted, timeout=5)
            assert answer.status_code == 401
        finally:
            process.terminate()


def test_certificates_can_be_written_by_a_command(tmp_path, capsys):
    assert main(["certificates", "--out", str(tmp_path / "c"), "--host", "x.example"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert written[0] == str(tmp_path / "c" / "authority.pem")
    assert len(written) == 1 + 2 * len(tls.KINDS)
    assert tls.server_context(tmp_path / "c" / "good.pem", tmp_path / "c" / "good.key")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-cert", "{folder}/good.pem"], "--tls-cert and --tls-key belong together."),
        (["--tls-cert", "{folder}/no.pem", "--tls-key", "{folder}/good.key"], "no.pem is no file."),
        (
            ["--tls-cert", "{folder}/good.pem", "--tls-key", "{folder}/expired.key"],
            "cannot serve TLS: KEY_VALUES_MISMATCH.",
        ),
        (
            ["--tls-cert", "{folder}/good.key", "--tls-key", "{folder}/good.key"],
            "cannot serve TLS: ",
        ),
        (["--tls-folder", "{folder}", "--tls-key", "{folder}/good.key"], "not both."),
    ],
)
def test_files_that_cannot_serve_tls_end_the_command_with_the_reason(
    folder, capsys, options, words
):
    filled = [option.format(folder=folder) for option in options]
    assert main(["anaplan", "--model", str(MODEL_FILE), *filled]) == 2
    assert words in capsys.readouterr().err
