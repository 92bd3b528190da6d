"""The proxy does to a connection what it says, and nothing while the weather is good."""

import socket
import socketserver
import threading
import time
from contextlib import suppress

import pytest

from tests.chaos.proxy import Weather, proxy


@pytest.fixture
def link():
    """A link to an echo that its own thread serves."""

    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            with suppress(ConnectionResetError):
                while piece := self.request.recv(1000):
                    self.request.sendall(piece)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server, proxy(1) as made:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield made, made.lead_to("echo", *server.server_address)
        server.shutdown()


def test_each_kind_of_weather_does_what_it_says(link):
    made, way = link
    with socket.create_connection(("127.0.0.1", way.port), timeout=5) as open_socket:

        def ask(piece=b"x" * 100):
            began = time.monotonic()
            open_socket.sendall(piece)
            answer = b""
            while len(answer) < len(piece):
                answer += open_socket.recv(1000)
            return answer, time.monotonic() - began

        assert ask(b"hello")[0] == b"hello"
        way.weather = Weather(late=0.1)
        assert ask()[1] >= 0.2
        way.weather = Weather(bytes_a_second=1000)
        assert ask()[1] >= 0.2
        way.weather = Weather(is_silent=True)
        open_socket.settimeout(0.2)
        open_socket.sendall(b"lost")
        with pytest.raises(TimeoutError):
            open_socket.recv(10)
        made.heal(way)
        open_socket.settimeout(5)
        assert open_socket.recv(10) == b""
    with socket.create_connection(("127.0.0.1", way.port), timeout=5) as another:
        another.sendall(b"again")
        assert another.recv(10) == b"again"
        made.reset(way)
        with pytest.raises(ConnectionResetError):
            another.recv(10)
    assert way.taken == 2
