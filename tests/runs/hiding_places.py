"""Every place to which a secret may have gone, as somebody reads it who may do anything."""

import base64
import io
import json
import os
import subprocess
from urllib.parse import quote, quote_plus

import redis
import zstandard
from django.conf import settings
from django.core import mail
from django.core.management import call_command

from audit.tenancy import tenant
from connector_site.clusters import POSTGRES_PROGRAMS
from connector_site.places import place_secrets
from integrations.models import EvidenceBlock
from tests.session import session


def disguises(secret: str) -> set[bytes]:
    """A secret as it is, in hex, in a form, and as a part of something longer in Base64."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), json.dumps(secret)[1:-1].encode()}
    found |= {quote(secret, safe="").encode(), quote_plus(secret).encode()}
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + raw)
        # The first and the last characters depend on the neighbours.
        found.add(packed[4 if shift else 0 : len(packed) // 4 * 4 - 4])
    return found


def is_in(secret: str, content: bytes) -> bool:
    return any(form in content for form in disguises(secret))


def run_commands(rig):
    """What commands print of the organization."""
    out = io.StringIO()
    for name in ("verify_audit", "check_secrets", "rotate_keys"):
        call_command(name, "--organization", rig.organization.slug, stdout=out, stderr=out)
    return out.getvalue().encode()


def dump_tables():
    """The whole database, as somebody takes it away who may do anything."""
    current = session()
    command = [POSTGRES_PROGRAMS / "pg_dump", "--host=127.0.0.1", "--username=postgres"]
    command += [f"--port={current.engines.postgres_port}", "--data-only", current.database]
    password = place_secrets(current.place)["superuser"]
    done = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, check=True
    )
    assert b"COPY public.integrations_connection" in done.stdout
    return done.stdout


def open_evidence(rig):
    """Every kept block of the organization, unpacked."""
    with tenant(rig.organization.pk):
        blocks = EvidenceBlock.objects.filter(organization=rig.organization)
        unpack = zstandard.ZstdDecompressor().decompress
        return b"".join(unpack(bytes(block.data)) for block in blocks)


def dump_redis():
    """Every value of this session's Redis, of whatever type."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    readers = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
    }
    return b"".join(
        key + str(readers[server.type(key)](key)).encode() for key in server.scan_iter()
    )


def outbox():
    return getattr(mail, "outbox", [])


def read_files(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
