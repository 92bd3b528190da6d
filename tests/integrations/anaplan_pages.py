"""What tests of the pages on Anaplan do again and again: add a connection, read its page."""

import html

from audit.tenancy import tenant
from integrations.models import Connection
from tests.integrations.anaplan.test_certificate import CERTIFICATE, KEY
from tests.integrations.anaplan_scene import (
    OUR_SECRET,
    address_for,
)
from tests.simulators.anaplan.client import ANNA

DONE = "/connect/anaplan/done/"
PASSWORD = "canary-password-19ab"


def text_of(answer):
    return html.unescape(answer.content.decode())


def form_for(origin, way, **more):
    own = {
        "basic": {"password": ANNA[1]},
        "oauth_code": {"client_secret": OUR_SECRET},
        "oauth_device": {},
        "certificate": {"certificate": CERTIFICATE, "private_key": KEY},
    }
    return {"name": "Planning", **address_for(origin, way), **own[way], **more}


def add(client, cast, origin, way, **more):
    path = cast.url(f"connections/anaplan/?way={way}")
    return client.post(path, form_for(origin, way, **more))


def only_row(cast):
    with tenant(cast.organization.pk):
        return Connection.objects.select_related("organization").get()


def page_of(client, cast, row, rest=""):
    return text_of(client.get(cast.url(f"connections/{row.pk}/{rest}")))


def told_after(client, answer):
    """What is said on the page that an answer leads to, by way of others."""
    return text_of(client.get(answer["Location"], follow=True))
