"""Settings for tests and the type checker: nothing is connected to until it is needed."""

import os

from connector_site.new_keys import new_encryption_key, new_secret_key
from connector_site.places import place_named

os.environ.update(
    MODE="test",
    SECRET_KEY=new_secret_key(),
    ENCRYPTION_KEYS=new_encryption_key(),
    PUBLIC_ORIGIN="http://127.0.0.1:8000",
    ALLOW_LOOPBACK_ADDRESSES="1",
    MAILBOX_FOLDER=str(place_named("test").folder / "mail"),
    DATABASE_URL="postgresql://connector_app@127.0.0.1:1/not_chosen_yet",
    REDIS_URL="redis://127.0.0.1:1/0",
)

from connector_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
