"""The judges sign in with OAuth2 and by certificate."""

import anaplan_sdk
import apapi
import pytest
import requests
from cryptography.hazmat.primitives import serialization

from tests.judges.clients import (
    Loopback,
    Sync,
    consent,
    device_token,
    oauth_addresses,
    sdk_arguments,
)
from tests.simulators.anaplan.fpa import ADA, DEVICE, STEADY
from tests.simulators.anaplan.signing import make_identity


def test_anaplan_sdk_gets_validates_and_refreshes_tokens(origin):
    oauth = anaplan_sdk.Oauth(**oauth_addresses(origin))
    url, state = oauth.authorization_url()
    token = oauth.fetch_token(consent(url), state)
    assert token["scope"] == "openid email offline_access"
    assert oauth.validate_token(token["access_token"])["userInfo"]["userId"] == ADA[0]
    newer = oauth.refresh_token(token["refresh_token"])
    assert newer["refresh_token"] != token["refresh_token"]
    with pytest.raises(anaplan_sdk.exceptions.AnaplanException):
        oauth.refresh_token(token["refresh_token"])
    arguments = sdk_arguments(token=newer["access_token"], user_email=None, password=None)
    client = anaplan_sdk.Client(transport=Loopback(origin), **arguments)
    assert [found.name for found in client.get_models()] == ["FP&A PROD", "FP&A DEV"]
    client._http._client.close()


def test_anaplan_sdk_gets_tokens_asynchronously(origin):
    oauth = anaplan_sdk.AsyncOauth(**oauth_addresses(origin))
    url, state = oauth.authorization_url()
    sync = Sync(origin)
    token = sync(oauth.fetch_token(consent(url), state))
    assert sync(oauth.validate_token(token["access_token"]))["status"] == "SUCCESS"
    newer = sync(oauth.refresh_token(token["refresh_token"]))
    sync.close()
    sync = Sync(origin, token=newer["access_token"], user_email=None, password=None)
    assert len(sync(sync.client.get_models())) == 2
    sync.close()


def test_apapi_uses_a_rotatable_refresh_token(origin):
    session = apapi.utils.get_generic_session(retry_count=0)
    kept = [device_token(origin, DEVICE, session)["refresh_token"]]
    for _ in range(2):
        auth = apapi.OAuth2Rotatable(
            DEVICE,
            lambda: kept[-1],
            kept.append,
            oauth2_url=origin,
            auth_url=origin,
            session=session,
        )
        with auth:
            models = apapi.Connection(auth, api_url=origin).get_models().json()["models"]
            assert len(models) == 2
        session.auth = None
    assert len(set(kept)) == 3


def test_apapi_uses_a_steady_refresh_token(origin):
    session = apapi.utils.get_generic_session(retry_count=0)
    steady = device_token(origin, STEADY, session)["refresh_token"]
    for _ in range(2):
        auth = apapi.OAuth2NonRotatable(
            STEADY, steady, oauth2_url=origin, auth_url=origin, session=session
        )
        with auth:
            connection = apapi.Connection(auth, api_url=origin)
            assert connection.get_me().json()["user"]["email"] == ADA[0]
        session.auth = None


def test_anaplan_sdk_signs_in_by_certificate(origin):
    identity = make_identity(ADA[0])
    private_key = identity.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    registered = requests.post(
        f"{origin}/_sim/certificates", params={"email": ADA[0]}, data=identity.pem
    )
    assert registered.ok, registered.text
    arguments = sdk_arguments(
        user_email=None, password=None, certificate=identity.pem, private_key=private_key
    )
    client = anaplan_sdk.Client(transport=Loopback(origin), **arguments)
    assert len(client.get_models()) == 2
    client._http._client.close()
