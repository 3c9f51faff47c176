"""Other endpoints on this machine: one that evaluates SPARQL, and answers to order."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs

import pyoxigraph as ox

JSON_RESULTS = "application/sparql-results+json"


class Endpoint(ThreadingHTTPServer):
    """A server that remembers what it was sent.

    Attributes:
        queries: those sent, in order.
        headers: those of the last request, by name in lower case.
        respond: sends the response to a query.
    """

    daemon_threads = True

    def __init__(self, respond: Callable[[Handler, str], None]) -> None:
        self.queries: list[str] = []
        self.headers: dict[str, str] = {}
        self.respond = respond
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def iri(self) -> str:
        """The IRI of the endpoint."""
        return f"http://127.0.0.1:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    """Reads a query by POST and has it answered."""

    def do_POST(self) -> None:
        """Answer a query."""
        assert isinstance(self.server, Endpoint)
        length = int(self.headers.get("Content-Length", 0))
        form = parse_qs(self.rfile.read(length).decode())
        self.server.headers = {k.lower(): v for k, v in self.headers.items()}
        self.server.queries += form["query"]
        self.server.respond(self, form["query"][0])

    def do_GET(self) -> None:
        """Count the request, as if it were a query."""
        assert isinstance(self.server, Endpoint)
        self.server.queries.append(self.path)
        self.reply(b"")

    def reply(
        self,
        body: bytes,
        media_type: str = JSON_RESULTS,
        status: int = 200,
        **headers: str,
    ) -> None:
        """Send a whole response."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def handle(self) -> None:
        """Handle the request of a client that may leave at any time."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@contextmanager
def endpoint(respond: Callable[[Handler, str], None]) -> Iterator[Endpoint]:
    """Run an endpoint, and yield it."""
    server = Endpoint(respond)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def evaluate(data: ox.Store) -> Callable[[Handler, str], None]:
    """Return a response to queries: their results in a store."""
    lock = Lock()

    def respond(handler: Handler, query: str) -> None:
        try:
            with lock:
                results = data.query(query)
                assert isinstance(results, ox.QuerySolutions)
                body = results.serialize(format=ox.QueryResultsFormat.JSON)
        except SyntaxError as error:
            handler.reply(str(error).encode(), "text/plain", 400)
        else:
            handler.reply(body or b"")

    return respond


def answer(body: bytes, *args: object, **headers: str) -> Callable[..., None]:
    """Return a response that is always the same."""
    return lambda handler, _: handler.reply(body, *args, **headers)


@contextmanager
def listener() -> Iterator[socket.socket]:
    """Yield a socket that listens and is never to be called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    """Return whether somebody connected to a listener."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True
