"""Connections that dial only checked addresses and stop waiting for headers in time."""

import http.client
import io
import socket
import ssl
import time
from functools import partial
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager

from integrations.transport.addresses import AddressPolicy, Target
from integrations.transport.certificates import build_tls_context, name_tls_failure
from integrations.transport.errors import IntegrationError

SEND_SECONDS = 120.0
MOST_ADDRESSES = 4
_BUFFER_BYTES = 65_536


class _TimedRaw(io.RawIOBase):
    """Reads a socket, and gives up at a deadline even when single bytes keep coming."""

    def __init__(self, raw: io.RawIOBase, deadline: float) -> None:
        self._raw = raw
        self.deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self.deadline:
            raise TimeoutError("The answer did not end in time.")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer that has to be complete by a deadline, first of its headers, then of its body."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.timed = _TimedRaw(sock.makefile("rb", buffering=0), deadline)
        self.fp.close()
        self.fp = io.BufferedReader(self.timed, _BUFFER_BYTES)


def limit_body(raw: Any, seconds: float) -> None:
    """Give the body of a urllib3 answer so many seconds from now, whoever reads it."""
    original = raw._original_response
    if isinstance(original, _TimedResponse):
        original.timed.deadline = time.monotonic() + seconds


class _Guarded:
    """What plain and TLS connections share; `policy` is set by the pool."""

    policy: AddressPolicy
    timeout: Any
    port: int
    host: str
    sock: Any
    socket_options: Any
    _dns_host: str
    response_class: Any

    def _new_conn(self) -> socket.socket:
        targets = self.policy.resolve(self._dns_host, self.port)
        return dial(targets, self.host, self.timeout, self.socket_options or ())

    def connect(self) -> None:
        try:
            cast(Any, super()).connect()
        except IntegrationError:
            raise
        except (TimeoutError, OSError, HTTPError, ssl.CertificateError) as error:
            raise name_handshake_failure(error, self.host, self.timeout) from error

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(SEND_SECONDS)
        cast(Any, super()).send(data)

    def getresponse(self) -> Any:
        deadline = time.monotonic() + self.timeout
        self.response_class = partial(_TimedResponse, deadline=deadline)
        return cast(Any, super()).getresponse()


class _GuardedPlain(_Guarded, HTTPConnection):
    """A plain connection; the policy lets it reach loopback only."""


class _GuardedTls(_Guarded, HTTPSConnection):
    """A TLS connection to a checked address; name and certificate stay those of the host."""


def dial(targets: list[Target], host: str, seconds: float, options: Any = ()) -> socket.socket:
    """A connection to the first target that takes it, within `seconds` in all."""
    deadline = time.monotonic() + seconds
    failure: OSError = TimeoutError()
    for target in targets[:MOST_ADDRESSES]:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        sock = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(remaining)
            sock.connect(target.address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    if isinstance(failure, TimeoutError):
        raise _timeout(host, seconds) from failure
    port = targets[0].address[1]
    raise IntegrationError("unreachable_refused", str(failure), host=host, port=port) from failure


def _timeout(host: str, seconds: float) -> IntegrationError:
    return IntegrationError("unreachable_timeout", host=host, seconds=round(seconds))


def name_handshake_failure(error: Exception, host: str, seconds: float) -> IntegrationError:
    """Tell why a connection was not made secure: too slow, or what TLS says."""
    return (
        _timeout(host, seconds)
        if isinstance(error, TimeoutError)
        else name_tls_failure(error, host)
    )


def _pool_classes(policy: AddressPolicy) -> dict[str, Any]:
    class PlainPool(HTTPConnectionPool):
        ConnectionCls: Any = _GuardedPlain

        def _new_conn(self) -> Any:
            connection: Any = super()._new_conn()
            connection.policy = policy
            return connection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls: Any = _GuardedTls

        def _new_conn(self) -> Any:
            connection: Any = super()._new_conn()
            connection.policy = policy
            return connection

    return {"http": PlainPool, "https": TlsPool}


class GuardedAdapter(HTTPAdapter):
    """A `requests` adapter whose connections obey the policy, without proxies and retries."""

    def __init__(self, policy: AddressPolicy, *, ca_pem: str | None, connections: int) -> None:
        self._policy = policy
        self._context = build_tls_context(ca_pem)
        super().__init__(pool_connections=8, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        self.poolmanager = PoolManager(
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            ssl_context=self._context,
            **pool_kwargs,
        )
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._policy)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """The context holds the authorities already; loading them again costs 10 ms a time."""
        conn.cert_reqs = "CERT_REQUIRED"

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """An answer without a cookie jar: no cookie is kept or sent back."""
        response = Response()
        response.status_code = resp.status
        response.headers = resp.headers
        response.raw = resp
        response.request = req
        response.url = req.url or ""
        return response
