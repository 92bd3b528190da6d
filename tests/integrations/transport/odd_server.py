"""A server that answers byte for byte as a test says: resets, drips, bombs, redirects."""

import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Call:
    """One call as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Script = Callable[["Connection", Call], None]


class Connection:
    """What a script may do with the connection of a call."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.sock.sendall(part)

    def answer(self, body: bytes = b"{}", status: int = 200, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.sock.detach())


@dataclass
class OddServer:
    """Listens on loopback; `scripts` are used up one per call, the last one stays."""

    scripts: list[Script]
    tls: ssl.SSLContext | None = None
    calls: list[Call] = field(default_factory=list)
    connects: int = 0

    def __enter__(self) -> "OddServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connects += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError, ValueError):
            stack.enter_context(contextlib.closing(sock))
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                stack.enter_context(contextlib.closing(sock))
                self._open.append(sock)
            stream = stack.enter_context(sock.makefile("rb"))
            while (call := read_call(stream)) is not None:
                with self._lock:
                    self.calls.append(call)
                    script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                script(Connection(sock), call)


def read_call(stream) -> Call | None:
    first = stream.readline().decode()
    if not first.strip():
        return None
    method, target, _ = first.split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Call(method, target, headers, body)


def plain(body: bytes = b"{}", status: int = 200, **headers: str) -> Script:
    """A script that answers like any server."""
    return lambda connection, _call: connection.answer(body, status, **headers)


def reset(connection: Connection, _call: Call) -> None:
    """A script that cuts the connection instead of answering."""
    connection.reset()
