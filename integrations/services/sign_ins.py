"""How a connection to Anaplan signs in: which secret is shown to which of its services."""

from collections.abc import Mapping

from integrations.anaplan.certificates import CertificateSignIn, KeyPair, read_pair
from integrations.anaplan.oauth import OAuthService, OAuthSignIn
from integrations.anaplan.tokens import BasicSignIn, CachedTokens
from integrations.anaplan.types import Hosts
from integrations.models import Connection
from integrations.services.pausing import pausing
from integrations.services.renewals import KeptRenewals
from integrations.services.tokens import RedisTokenStore
from integrations.transport.session import EgressSession
from integrations.transport.tokens import SignIn

OAUTH = frozenset({"oauth_code", "oauth_device"})


def hosts_of(connection: Connection) -> Hosts:
    """Return the three hosts of the connection's region."""
    address = connection.address
    return Hosts(token=address["token_host"], oauth=address["oauth_host"], api=address["api_host"])


def anaplan_tokens(
    connection: Connection,
    session: EgressSession,
    secrets: Mapping[str, str],
    *,
    until: float | None = None,
) -> CachedTokens:
    """Build the token source that all workers share; a refused sign-in pauses the connection."""
    return CachedTokens(
        RedisTokenStore(connection, until=until),
        _sign_in(connection, session, secrets),
        on_refused=pausing(connection),
    )


def oauth_service(
    connection: Connection, session: EgressSession, secrets: Mapping[str, str]
) -> OAuthService:
    """Build the calls of the connection's OAuth client."""
    return OAuthService(
        session=session,
        hosts=hosts_of(connection),
        client_id=connection.address["client_id"],
        client_secret=secrets.get("client_secret", ""),
    )


def pair_of(secrets: Mapping[str, str]) -> KeyPair:
    """Return the certificate and key among secrets; raises what `read_pair` raises."""
    return read_pair(secrets["certificate"], secrets["private_key"], secrets.get("passphrase", ""))


def _sign_in(connection: Connection, session: EgressSession, secrets: Mapping[str, str]) -> SignIn:
    way, hosts = connection.address.get("sign_in", "basic"), hosts_of(connection)
    if way in OAUTH:
        service = oauth_service(connection, session, secrets)
        return OAuthSignIn(service=service, renewals=KeptRenewals(connection), name=connection.name)
    if way == "certificate":
        return CertificateSignIn(session=session, hosts=hosts, pair=pair_of(secrets))
    return BasicSignIn(
        session=session,
        hosts=hosts,
        email=connection.address["user"],
        password=secrets["password"],
    )
