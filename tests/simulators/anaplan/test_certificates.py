"""Signing in by certificate."""

import json
import os
import shutil
import time

import pytest
import requests
from cryptography.hazmat.primitives import hashes

from simulators import server
from simulators.anaplan.app import build_app
from simulators.anaplan.loading import BadModel, load
from tests.simulators.anaplan.client import ANNA, MODEL_FILE
from tests.simulators.anaplan.signing import make_identity, present, sign, sign_v2


@pytest.fixture(scope="module")
def identity():
    return make_identity(ANNA[0])


@pytest.fixture(scope="module")
def other():
    return make_identity(ANNA[0])


@pytest.fixture
def registered(origin, identity):
    answer = requests.post(f"{origin}/_sim/certificates?email={ANNA[0]}", data=identity.pem)
    assert (answer.status_code, answer.json()["certificates"]) == (200, 1)
    return origin


def refused(answer):
    return (answer.status_code, answer.json()["status"]) == (401, "FAILURE_BAD_CREDENTIAL")


def test_both_formats_and_both_forms_of_the_header_sign_in(registered, identity):
    for certificate in (identity.pem, identity.der):
        for body in (sign(identity.key, os.urandom(150)), sign_v2(identity.key)):
            answer = present(registered, certificate, body)
            assert answer.status_code == 201
            assert answer.json()["statusMessage"] == "Login successful"
    token = answer.json()["tokenInfo"]["tokenValue"]
    me = requests.get(
        f"{registered}/2/0/users/me", headers={"Authorization": f"AnaplanAuthToken {token}"}
    )
    assert me.json()["user"]["email"] == ANNA[0]


def test_a_certificate_that_is_not_registered_is_refused(origin, identity):
    assert refused(present(origin, identity.pem, sign_v2(identity.key)))


def test_a_signature_by_another_key_is_refused(registered, identity, other):
    assert refused(present(registered, identity.pem, sign_v2(other.key)))


@pytest.mark.parametrize("change", ["other data", "other digest", "base64", "short", "missing"])
def test_a_wrong_body_is_refused(registered, identity, change):
    body = sign(identity.key, os.urandom(100))
    if change == "other data":
        body["encodedData"] = sign(identity.key, os.urandom(100))["encodedData"]
    elif change == "other digest":
        body = sign(identity.key, os.urandom(100), hashes.SHA256())
    elif change == "base64":
        body = sign(identity.key, body["encodedData"].encode()) | {
            "encodedData": body["encodedData"]
        }
    elif change == "short":
        body = sign(identity.key, os.urandom(99))
    else:
        del body["encodedSignedData"]
    assert refused(present(registered, identity.pem, body))


def test_a_header_without_a_certificate_is_400(registered, identity):
    for text in (b"nothing", b"-----BEGIN CERTIFICATE-----\n"):
        answer = present(registered, text, sign_v2(identity.key))
        assert (answer.status_code, answer.json()["status"]) == (400, "FAILURE_BAD_HEADER")


def test_a_v2_body_works_once_and_a_v1_body_again(registered, identity):
    v1, v2 = sign(identity.key, os.urandom(100)), sign_v2(identity.key)
    assert [present(registered, identity.pem, v1).status_code for _ in range(2)] == [201, 201]
    assert [present(registered, identity.pem, v2).status_code for _ in range(2)] == [201, 401]
    requests.post(f"{registered}/_sim/settings", json={"certificate_reuse": True})
    assert present(registered, identity.pem, v2).status_code == 201


def test_an_old_v2_body_is_refused(registered, identity):
    old = sign_v2(identity.key, time.time() - 301)
    assert refused(present(registered, identity.pem, old))
    requests.post(f"{registered}/_sim/settings", json={"certificate_minutes": 6})
    assert present(registered, identity.pem, old).status_code == 201


def test_milliseconds_are_taken_only_by_a_switch(registered, identity):
    body = sign_v2(identity.key, time.time() * 1000)
    assert refused(present(registered, identity.pem, body))
    requests.post(f"{registered}/_sim/settings", json={"certificate_milliseconds": True})
    assert present(registered, identity.pem, body).status_code == 201


def test_v1_can_be_switched_off(registered, identity):
    requests.post(f"{registered}/_sim/settings", json={"certificate_v1": False})
    assert refused(present(registered, identity.pem, sign(identity.key, os.urandom(100))))
    assert present(registered, identity.pem, sign_v2(identity.key)).status_code == 201


def test_an_ended_certificate_is_refused(registered, identity):
    clock = requests.post(f"{registered}/_sim/clock", json={"hours": 31 * 24}).json()["now"]
    assert refused(present(registered, identity.pem, sign_v2(identity.key, clock)))


def test_a_locked_user_is_refused_and_one_with_an_ended_password_is_not(registered, identity):
    for status, expected in (("locked", 401), ("deactivated", 401), ("password_expired", 201)):
        requests.post(f"{registered}/_sim/users", json={"email": ANNA[0], "status": status})
        answer = present(registered, identity.pem, sign_v2(identity.key))
        assert answer.status_code == expected


def model_with(tmp_path, **members):
    for file in MODEL_FILE.parent.glob("*.csv"):
        shutil.copy(file, tmp_path)
    body = json.loads(MODEL_FILE.read_text(encoding="utf-8")) | members
    path = tmp_path / "model.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_an_authority_of_the_model_file_vouches_for_the_e_mail(tmp_path, other):
    authority = make_identity("authority@lamps.example")
    (tmp_path / "authority.pem").write_bytes(authority.pem)
    path = model_with(tmp_path, certificateAuthorities=["authority.pem"])
    mine, stranger = (make_identity(e, issuer=authority) for e in (ANNA[0], "x@lamps.example"))
    with server.start(build_app(path)) as running:
        answers = [
            present(running.origin, found.pem, sign_v2(found.key)).status_code
            for found in (mine, stranger, other)
        ]
    assert answers == [201, 401, 401]


def test_a_user_of_the_model_file_has_certificates(tmp_path, identity):
    (tmp_path / "anna.pem").write_bytes(identity.pem)
    users = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["users"]
    users[0]["certificates"] = ["anna.pem"]
    path = model_with(tmp_path, users=users)
    with server.start(build_app(path)) as running:
        assert present(running.origin, identity.pem, sign_v2(identity.key)).status_code == 201
    (tmp_path / "anna.pem").write_text("nothing")
    with pytest.raises(BadModel, match=r"user 'anna@lamps\.example': anna\.pem"):
        load(path)


def test_a_certificate_that_is_none_is_not_registered(origin):
    assert requests.post(f"{origin}/_sim/certificates?email=x", data="x").status_code == 400
    answer = requests.post(f"{origin}/_sim/certificates?email={ANNA[0]}", data="x")
    assert answer.status_code == 400


def test_records_keep_no_signature(registered, identity):
    body = sign_v2(identity.key)
    present(registered, identity.pem, body)
    seen = requests.get(f"{registered}/_sim/requests").text
    assert body["encodedSignedData"] not in seen
    assert '"CACertificate"' in seen


def test_a_body_that_is_not_taken_can_have_another_status(registered, identity, other):
    requests.post(f"{registered}/_sim/settings", json={"bad_certificate_status": 400})
    bodies = (sign(identity.key, os.urandom(99)), sign_v2(other.key), {})
    answers = [present(registered, identity.pem, body) for body in bodies]
    found = {(answer.status_code, answer.json()["status"]) for answer in answers}
    assert found == {(400, "FAILURE_BAD_CREDENTIAL")}
    assert requests.get(f"{registered}/_sim/counters").json()["sign_ins_refused"] == 3
    answer = requests.post(f"{registered}/_sim/settings", json={"bad_certificate_status": 0})
    assert answer.status_code == 400


def test_an_authority_can_be_no_substitute_for_registering(tmp_path):
    authority = make_identity("authority@lamps.example")
    (tmp_path / "authority.pem").write_bytes(authority.pem)
    path = model_with(tmp_path, certificateAuthorities=["authority.pem"])
    mine = make_identity(ANNA[0], issuer=authority)
    with server.start(build_app(path)) as running:
        origin, statuses = running.origin, []
        requests.post(f"{origin}/_sim/settings", json={"certificate_by_email": False})
        statuses.append(present(origin, mine.pem, sign_v2(mine.key)).status_code)
        requests.post(f"{origin}/_sim/certificates?email={ANNA[0]}", data=mine.pem)
        statuses.append(present(origin, mine.pem, sign_v2(mine.key)).status_code)
    assert statuses == [401, 201]
