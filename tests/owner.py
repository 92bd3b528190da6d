"""Statements as the owner of the tables: what only a person with the database could do."""

import psycopg

from connector_site.places import place_secrets
from tests.session import session


def as_owner(*statements: str) -> None:
    """Run statements in one transaction as the owner role."""
    current = session()
    password = place_secrets(current.place)["owner"]
    url = current.engines.database_url("connector_owner", password, current.database)
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)
