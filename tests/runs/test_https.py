"""A whole run over HTTPS, and one whose authority is no longer trusted."""

from urllib.parse import urlsplit

import pytest

from simulators import tls


@pytest.fixture
def authority(settings):
    """A test authority that the installation trusts."""
    made = tls.Authority()
    settings.TRUSTED_AUTHORITIES = made.pem.decode()
    return made


def count_calls(rig):
    """How often each of the two was asked, look-ins left out."""
    return [stand_in.call("GET", "requests")["count"] for stand_in in (rig.qad, rig.anaplan)]


def test_a_run_over_https_reconciles(make_rig, authority):
    rig = make_rig(authority=authority)
    assert {urlsplit(stand_in.url).scheme for stand_in in (rig.qad, rig.anaplan)} == {"https"}
    run = rig.run()
    assert (run.state, run.error_code) == ("reconciled", "")
    assert run.counts["loaded"] == run.counts["rows"] == 20


def test_without_the_authority_nothing_is_asked_and_the_run_says_why(make_rig, authority, settings):
    rig = make_rig(authority=authority)
    asked = count_calls(rig)
    settings.TRUSTED_AUTHORITIES = ""
    run = rig.run()
    assert (run.state, run.error_code) == ("failed", "tls_unknown_authority")
    assert count_calls(rig) == asked
