"""A bare server on loopback that reads what is sent and throws it away: the speed to compare with.

`python -m benchmarks.loopback` prints its address and answers every call with 204.
"""

import socket
import sys
from contextlib import suppress

BUFFER_BYTES = 1 << 20
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def main() -> None:
    """Serve one connection after the other until the process is ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            _serve(connection)


def _serve(connection: socket.socket) -> None:
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
        while left > 0:
            left -= connection.recv_into(buffer[: min(left, BUFFER_BYTES)]) or left
        connection.sendall(ANSWER)
        head = b""


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0


if __name__ == "__main__":
    main()
