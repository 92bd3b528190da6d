"""Answers that are meant to fill memory, each taken by a child process whose peak is looked at."""

import json
import subprocess
import sys

import pytest
from isal import isal_zlib

from connector_site.places import CHECKOUT
from tests.integrations.transport.odd_server import OddServer, plain

MB = 1024 * 1024
MOST_MEGABYTES = 64
# What the child does with the answer; it prints the refusal's code and how far its peak rose.
CHILD = """
import json, sys
from benchmarks.orders import peak_megabytes
from integrations.pipeline.delimited import read_columns, read_rows
from integrations.pipeline.formats import FileFormat
from integrations.transport.addresses import AddressPolicy
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession

url, use = sys.argv[1:]
comma = FileFormat.build("UTF-8", ",", '"')
policy = AddressPolicy(allow_loopback=True)
with EgressSession(policy=policy, read_timeout=10.0, max_answer_bytes=50 * 1024 * 1024) as session:
    session.request("GET", url + "/small", repeatable=False).json()
    before, code = peak_megabytes(), "taken"
    try:
        if use == "json":
            session.request("GET", url, repeatable=False, max_bytes=4 * 1024 * 1024).json()
        elif use == "csv":
            with session.open("GET", url) as opened:
                for columns in read_columns(opened.pieces(), comma):
                    pass
        else:
            session.request("GET", url, repeatable=False)
    except (IntegrationError, ValueError) as error:
        code = getattr(error, "code", str(error))
    print(json.dumps({"code": code, "rise": peak_megabytes() - before}))
"""


def take(script, use: str) -> dict:
    with OddServer([plain(b"{}"), script]) as server:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, server.url, use],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    return json.loads(done.stdout)


def endless(head: bytes, piece: bytes):
    """A body that goes on until it is cut off."""

    def script(connection, _call):
        connection.send(b"HTTP/1.1 200 X\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked")
        connection.send(b"\r\n\r\n", f"{len(head):x}\r\n".encode(), head, b"\r\n")
        while True:
            connection.send(f"{len(piece):x}\r\n".encode(), piece, b"\r\n")

    return script


def bomb(size: int) -> bytes:
    packer = isal_zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(MB)) for _ in range(size // MB)) + packer.flush()


HOSTILE = {
    "a gzip bomb": (
        lambda: plain(bomb(300 * MB), Content_Encoding="gzip"),
        "body",
        "answer_too_large",
    ),
    "an endless body": (lambda: endless(b"x", b"x" * 65_536), "body", "answer_too_large"),
    "deep JSON": (
        lambda: plain(b'{"a":[' * 300_000, Content_Type="application/json"),
        "json",
        "answer_broken_json",
    ),
    "a million columns": (
        lambda: plain(b"a," * 1_000_000, Content_Type="text/csv"),
        "csv",
        "a row is longer than 1,000,000 characters",
    ),
    "many short columns": (
        lambda: plain(b"," * 400_000, Content_Type="text/csv"),
        "csv",
        "a row has 400,001 columns, more than 20,000",
    ),
    "a file without line ends": (
        lambda: endless(b"a,b\n", b"x" * 65_536),
        "csv",
        "a row is longer than 1,000,000 characters",
    ),
    "a quoted row without an end": (
        lambda: endless(b'a,b\n"', b'\n","' * 16_384),
        "csv",
        "a row is longer than 1,000,000 characters",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_cut_before_it_fills_memory(name):
    script, use, code = HOSTILE[name]
    found = take(script(), use)
    assert found["code"] == code
    assert found["rise"] < MOST_MEGABYTES
