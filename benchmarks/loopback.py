"""A bare server on loopback that reads what is sent: the speed to compare with.

`python -m benchmarks.loopback` prints its address, answers every call with 204 and throws bodies
away; with `--keep` it keeps the last body of each path in memory.
"""

import socket
import sys
from contextlib import suppress

BUFFER_BYTES = 1 << 20
# Larger ones take longer: they are new memory each time.
PIECE_BYTES = 1 << 18
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
KEEP = "--keep"
Kept = dict[bytes, list[bytes]]


def main() -> None:
    """Serve one connection after the other until the process is ended."""
    kept: Kept | None = {} if KEEP in sys.argv else None
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            _serve(connection, kept)


def _serve(connection: socket.socket, kept: Kept | None) -> None:
    buffer = memoryview(bytearray(BUFFER_BYTES))
    head = b""
    while True:
        while b"\r\n\r\n" not in head:
            received = connection.recv(BUFFER_BYTES)
            if not received:
                return
            head += received
        head, _, body = head.partition(b"\r\n\r\n")
        left = _length(head) - len(body)
        if kept is None:
            _throw_away(connection, left, buffer)
        else:
            kept[head.split(b" ", 2)[1]] = _keep(connection, left, [body])
        connection.sendall(ANSWER)
        head = b""


def _throw_away(connection: socket.socket, left: int, buffer: memoryview) -> None:
    while left > 0:
        left -= connection.recv_into(buffer[: min(left, BUFFER_BYTES)]) or left


def _keep(connection: socket.socket, left: int, pieces: list[bytes]) -> list[bytes]:
    while left > 0:
        pieces.append(connection.recv(min(left, PIECE_BYTES)))
        left -= len(pieces[-1]) or left
    return pieces


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0


if __name__ == "__main__":
    main()
