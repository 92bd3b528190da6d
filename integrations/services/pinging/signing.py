"""What a good sign-in changes on a connection, and what it says of the token."""

import time

from audit.tenancy import tenant
from integrations.models import Connection
from integrations.services.tokens import RedisTokenStore


def keep_identity(connection: Connection, customer_id: str) -> None:
    """Keep the customer id that Anaplan named."""
    if customer_id == connection.identity:
        return
    connection.identity = customer_id
    with tenant(connection.organization_id):
        Connection.objects.filter(pk=connection.pk).update(identity=customer_id)


def token_life(connection: Connection) -> str:
    """Say how long the kept token lives yet; "" where the way in has none."""
    token = RedisTokenStore(connection).read()
    if token is None or token.refused:
        return ""
    minutes = round((token.expires_at - time.time()) / 60)
    return f"; the token lives {minutes} min yet" if minutes > 0 else ""
