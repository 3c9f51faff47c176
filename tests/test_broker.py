"""Broker: who may be called, how, and what a hostile endpoint cannot do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from rdflib import URIRef

from alaqat.cli.serve import serve
from alaqat.dataset import Dataset
from alaqat.errors import (
    AlaqatError,
    InvalidQuery,
    LimitReached,
    ServiceFailed,
    ServiceTimedOut,
    StoreUnavailable,
    TooBusy,
)
from alaqat.queries.library import Library
from alaqat.rdf.graphs import new_graph
from alaqat.sparql.analysis import analyse_query
from alaqat.sparql.federation import find_service_blocks
from alaqat.store.pool import broker as broker_module
from alaqat.store.pool import endpoint_client
from alaqat.store.pool.broker import MAX_SERVICE_ROWS, Broker
from alaqat.store.pool.endpoint_client import (
    MAX_ANSWER,
    RemoteEndpoint,
    request_solutions,
)
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.session import take_cpu_seconds
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot, publish_release
from alaqat.terms import facts_graph
from alaqat.web.app import create_app
from alaqat.web.middleware.observability import pool_metrics
from alaqat.web.settings import Settings
from endpoints import JSON_RESULTS, Endpoint, Handler, answer, endpoint, listener
from endpoints import was_called as called

TERM = {"type": "uri", "value": "urn:t"}
PATTERN = "{ ?x <http://e/p> ?y }"


def results(*rows: dict[str, object], names: str = "x y") -> bytes:
    """Return the results of a SELECT as JSON."""
    head = {"vars": names.split()}
    return json.dumps({"head": head, "results": {"bindings": rows}}).encode()


def literal(value: str) -> dict[str, str]:
    """Return a literal as JSON."""
    return {"type": "literal", "value": value}


ONE_ROW = results({"x": literal("one")})


def values(
    broker: Broker, iri: str, *, silent: bool = False, seconds: float = 10
) -> str:
    """Return the VALUES clause for a block that calls an endpoint."""
    text = f"SELECT * {{ SERVICE {'SILENT ' * silent}<{iri}> {PATTERN} }}"
    (block,) = find_service_blocks(analyse_query(text, {iri}))
    return broker.values(block, seconds)


@pytest.fixture
def brokers() -> Iterator[Callable[..., Broker]]:
    """Yield a function that starts a broker for some endpoints."""
    with ExitStack() as stack:

        def start(*servers: Endpoint) -> Broker:
            broker = Broker(server.iri for server in servers)
            stack.callback(broker.close)
            return broker

        yield start


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Broker, Endpoint]]:
    """Yield a broker and its endpoint, which a test has answer as it likes."""
    with endpoint(answer(ONE_ROW)) as server:
        broker = Broker({server.iri})
        yield broker, server
        broker.close()


def test_rows_enter_as_values(shared: tuple[Broker, Endpoint]) -> None:
    """IRIs, literals of all kinds, unbound variables and equal rows are carried."""
    quoted = literal('"\\\n} ) { VALUES é \U0001f600')
    terms: list[dict[str, Any]] = [
        {"x": {"type": "uri", "value": "http://e/é"}, "y": quoted},
        {"x": {**literal("1"), "datatype": "http://e/d"}},
        {"y": {**literal("a"), "xml:lang": "ar"}},
        {"y": {**literal("a"), "xml:lang": "ar"}},
        {"y": {**literal("a"), "xml:lang": "ar", "its:dir": "rtl"}},
        {
            "y": {
                "type": "triple",
                "value": {"subject": TERM, "predicate": TERM, "object": TERM},
            }
        },
        {},
    ]
    broker, server = shared
    server.respond = answer(results(*terms))
    assert values(broker, server.iri) == (
        "VALUES (?x ?y) {"
        ' (<http://e/é> "\\"\\\\\\n} ) { VALUES é \U0001f600")'
        ' ("1"^^<http://e/d> UNDEF) (UNDEF "a"@ar) (UNDEF "a"@ar)'
        ' (UNDEF "a"@ar--rtl) (UNDEF <<( <urn:t> <urn:t> <urn:t> )>>)'
        " (UNDEF UNDEF) }"
    )


def test_a_redirect_is_not_followed(brokers: Callable[..., Broker]) -> None:
    """Neither to another address nor to the same one."""
    with listener() as other:
        target = f"http://127.0.0.1:{other.getsockname()[1]}/"
        for status in (301, 302, 303, 307, 308):
            respond = answer(ONE_ROW, JSON_RESULTS, status, Location=target)
            with endpoint(respond) as server:
                broker = brokers(server)
                with pytest.raises(ServiceFailed, match=f"status {status}"):
                    values(broker, server.iri)
                assert len(server.queries) == 1
        assert not called(other)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call goes to the endpoint itself, without credentials of a file."""
    with listener() as proxy, endpoint(answer(ONE_ROW)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            monkeypatch.setenv(name, address)
        remote = RemoteEndpoint.parse(server.iri)
        assert request_solutions(remote, "SELECT * {}", 5) == ONE_ROW
        assert not called(proxy)
        assert server.headers["host"] == remote.authority


BAD_BODIES = {
    "empty": b"",
    "no JSON": b"<html>",
    "cut": ONE_ROW[:-3],
    "more": ONE_ROW + b"{}",
    "array": b"[" * 1_000_000,
    "objects": b'{"a":' * 1_000_000,
    "triples": b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":'
    + b'{"type":"triple","value":{"subject":{"type":"uri","value":"urn:s"},'
    b'"predicate":{"type":"uri","value":"urn:p"},"object":' * 50_000,
    "ask": b'{"head":{},"boolean":true}',
    "relative IRI": results({"x": {"type": "uri", "value": "e"}}),
    "broken IRI": results({"x": {"type": "uri", "value": "http://e/> } ?a ?b ?c {"}}),
    "broken language": results({"x": {**literal("a"), "xml:lang": "a } b"}}),
    "surrogate": b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":'
    b'{"type":"literal","value":"\\ud800"}}]}}',
    "not UTF-8": ONE_ROW.replace(b"one", b"\xff"),
    "variable of others": results({"z": literal("a")}, names="x y z"),
    "undeclared variable": results({"y": literal("a")}, names="x"),
    "broken variable": results(names="x} y"),
}


@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_malformed_answer_is_refused(
    shared: tuple[Broker, Endpoint], body: str
) -> None:
    """However long or deep it is; the broker lives on, and SILENT ignores it."""
    broker, server = shared
    server.respond = answer(ONE_ROW)
    assert "one" in values(broker, server.iri)
    pid = process_id(broker)
    server.respond = answer(BAD_BODIES[body])
    with pytest.raises(ServiceFailed, match="cannot be read"):
        values(broker, server.iri)
    found = values(broker, server.iri, silent=True)
    assert found == "VALUES (?x ?y) { (UNDEF UNDEF) }"
    assert process_id(broker) == pid


def process_id(broker: Broker) -> int:
    """Return the process ID of a broker that is running."""
    assert broker._process
    return broker._process._worker.pid


@pytest.mark.parametrize(
    ("respond", "message"),
    [
        (answer(ONE_ROW, "text/html"), "did not answer with"),
        (answer(ONE_ROW, "application/json"), "did not answer with"),
        (answer(ONE_ROW, ""), "did not answer with"),
        (answer(ONE_ROW, **{"Content-Encoding": "gzip"}), "did not answer with"),
        (answer(ONE_ROW, JSON_RESULTS, 201), "status 201"),
        (answer(b"", JSON_RESULTS, 204), "status 204"),
        (answer(b"no", "text/plain", 404), "status 404"),
        (answer(b"no", "text/plain", 503), "status 503"),
        (lambda handler, _: handler.wfile.write(b"no HTTP\r\n\r\n"), "reached"),
        (lambda handler, _: handler.wfile.write(b"H" * 100_000), "reached"),
        (lambda *_: None, "reached"),
    ],
)
def test_another_response_is_refused(
    shared: tuple[Broker, Endpoint], respond: Callable[..., None], message: str
) -> None:
    """Only results as JSON with status 200 are an answer."""
    broker, server = shared
    server.respond = respond
    with pytest.raises(ServiceFailed, match=message) as caught:
        values(broker, server.iri)
    assert server.iri in caught.value.message
    assert "UNDEF" in values(broker, server.iri, silent=True)


def test_a_cut_answer_is_refused(shared: tuple[Broker, Endpoint]) -> None:
    """An answer that is shorter than its header says is not whole."""

    def respond(handler: Handler, _: str) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", JSON_RESULTS)
        handler.send_header("Content-Length", str(len(ONE_ROW) + 1))
        handler.end_headers()
        handler.wfile.write(ONE_ROW)
        handler.close_connection = True

    broker, server = shared
    server.respond = respond
    with pytest.raises(ServiceFailed, match="a part"):
        values(broker, server.iri)


def chunked(handler: Handler, *, pause: float = 0.0) -> None:
    """Send an answer that never ends, in chunks."""
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Content-Type", JSON_RESULTS)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    size = 1 if pause else 100_000
    while True:
        handler.wfile.write(b"%x\r\n%s\r\n" % (size, b" " * size))
        time.sleep(pause)


ROW = {"x": literal("a")}


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize(
    "respond",
    [
        answer(b" " * (MAX_ANSWER + 1)),
        lambda handler, _: chunked(handler),
        answer(results(*[ROW] * (MAX_SERVICE_ROWS + 1))),
        answer(results({"x": literal("a" * (MAX_ANSWER - 200))})),
    ],
    ids=["bytes", "endless", "rows", "value"],
)
def test_the_size_of_an_answer_is_limited(
    shared: tuple[Broker, Endpoint], respond: Callable[..., None], silent: bool
) -> None:
    """In bytes and rows; SILENT does not hide it, since the endpoint did not fail."""
    broker, server = shared
    server.respond = respond
    with pytest.raises(LimitReached, match="more than"):
        values(broker, server.iri, silent=silent)


def test_an_answer_may_have_so_many_rows(shared: tuple[Broker, Endpoint]) -> None:
    """Equal ones count, and remain."""
    broker, server = shared
    server.respond = answer(results(*[ROW] * MAX_SERVICE_ROWS))
    assert values(broker, server.iri).count("UNDEF") == MAX_SERVICE_ROWS


def test_many_columns_are_limited_too(shared: tuple[Broker, Endpoint]) -> None:
    """A row that is short as JSON is long as VALUES if it leaves much unbound."""
    broker, server = shared
    server.respond = answer(results(*[{}] * MAX_SERVICE_ROWS))
    variables = " ".join(f"?v{number}" for number in range(900))
    pattern = f"SELECT {variables} {{}}"
    text = f"SELECT * {{ SERVICE <{server.iri}> {{ {pattern} }} }}"
    (block,) = find_service_blocks(analyse_query(text, {server.iri}))
    with pytest.raises(LimitReached, match="bytes"):
        broker.values(block, 10)


@pytest.mark.parametrize("silent", [False, True])
def test_a_blank_node_is_refused(shared: tuple[Broker, Endpoint], silent: bool) -> None:
    """No query can name it, and leaving it out would be another answer."""
    broker, server = shared
    blank = {"type": "bnode", "value": "b"}
    triple = {"subject": blank, "predicate": TERM, "object": TERM}
    for term in (blank, {"type": "triple", "value": triple}):
        server.respond = answer(results({"x": term}))
        with pytest.raises(InvalidQuery, match="blank node") as caught:
            values(broker, server.iri, silent=silent)
        assert caught.value.remedy


def drip_header(handler: Handler, _: str) -> None:
    """Send a header that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "respond",
    [
        drip_header,
        lambda handler, _: chunked(handler, pause=0.05),
        lambda *_: time.sleep(5),
    ],
    ids=["header", "body", "nothing"],
)
def test_a_slow_endpoint_is_given_up(
    shared: tuple[Broker, Endpoint], respond: Callable[..., None]
) -> None:
    """The time is that of the whole call, however much arrives meanwhile."""
    broker, server = shared
    server.respond = respond
    started = time.monotonic()
    with pytest.raises(ServiceTimedOut, match=r"did not answer within 0\.5 s") as late:
        values(broker, server.iri, seconds=0.5)
    assert time.monotonic() - started < 4
    assert late.value.category.status == 504
    assert "UNDEF" in values(broker, server.iri, seconds=0.5, silent=True)


def test_a_slow_resolver_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lookup of a host counts too."""
    hang = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hang.wait(10))
    started = time.monotonic()
    with pytest.raises(ServiceTimedOut):
        request_solutions(RemoteEndpoint.parse("http://e.test/"), "SELECT * {}", 0.3)
    assert time.monotonic() - started < 4
    hang.set()


LOOPBACK = "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("iri", "address", "admitted"),
    [
        ("http://e.org/", "93.184.216.34", True),
        ("http://e.org/", "2606:2800:220:1:248:1893:25c8:1946", True),
        *(
            ("http://e.org/", address, False)
            for address in (
                *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1"),
                *("192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
                *("255.255.255.255", "240.0.0.1", "192.0.0.1", "198.18.0.1"),
                *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1"),
                *("::ffff:127.0.0.1", "::ffff:93.184.216.34", "2002:7f00:1::"),
                *("64:ff9b::7f00:1", "64:ff9b::5db8:d822", "64:ff9b:1::1"),
                *("2001:0:1::1", "::127.0.0.1", "fec0::1", "2001:db8::1"),
            )
        ),
        (LOOPBACK, "127.0.0.1", True),
        (LOOPBACK, "127.0.0.2", False),
        ("http://[::1]:80/", "::1", True),
        ("http://[0:0:0::1]/", "::1", True),
        ("http://[::1]/", "127.0.0.1", False),
        ("http://93.184.216.34/", "93.184.216.35", False),
        ("http://10.0.0.1/", "10.0.0.1", True),
        ("http://localhost/", "127.0.0.1", True),
        ("http://localhost/", "::1", True),
        ("http://localhost/", "10.0.0.1", False),
        ("http://localhost/", "93.184.216.34", False),
        ("http://localhost.e.org/", "127.0.0.1", False),
        ("http://127.1/", "127.0.0.1", False),
        ("http://2130706433/", "127.0.0.1", False),
    ],
)
def test_only_public_addresses_are_called_unless_the_list_names_them(
    iri: str, address: str, admitted: bool
) -> None:
    """Literally, as an address; a name may not lead into the own network."""
    assert RemoteEndpoint.parse(iri).admits(ip_address(address)) is admitted


def test_a_name_of_the_own_network_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a name server says."""
    with listener() as server:
        port = server.getsockname()[1]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        remote = RemoteEndpoint.parse(f"http://e.test:{port}/")
        with pytest.raises(ServiceFailed, match="may not be called"):
            request_solutions(remote, "SELECT * {}", 5)
        assert not called(server)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every name lead to this machine, and return those that were looked up."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> Any:
        looked_up.append(host)
        # A second lookup would lead elsewhere, as a hostile name server can arrange.
        first = looked_up.count(host) == 1
        return real("127.0.0.1" if first else "127.0.0.99", port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(RemoteEndpoint, "admits", lambda *_: True)
    return looked_up


def test_the_address_that_was_checked_is_called(names: list[str]) -> None:
    """The name is looked up once, and sent as Host."""
    with endpoint(answer(ONE_ROW)) as server:
        remote = RemoteEndpoint.parse(f"http://pinned.test:{server.server_port}/q?a=é")
        assert request_solutions(remote, "SELECT * {}", 5) == ONE_ROW
        assert server.headers["host"] == remote.authority
    assert names.count("pinned.test") == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_tls_checks_the_name_of_the_endpoint(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the connection goes to an address."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=pinned.test"),
            *("-addext", "subjectAltName=DNS:pinned.test"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with endpoint(answer(ONE_ROW)) as server:
        server.socket = own.wrap_socket(server.socket, server_side=True)
        address = f"https://pinned.test:{server.server_port}/"
        with pytest.raises(ServiceFailed, match="cannot be reached"):
            request_solutions(RemoteEndpoint.parse(address), "SELECT * {}", 5)
        monkeypatch.setattr(endpoint_client, "tls_context", lambda: trusting)
        other = address.replace("pinned", "other")
        with pytest.raises(ServiceFailed, match="cannot be reached"):
            request_solutions(RemoteEndpoint.parse(other), "SELECT * {}", 5)
        assert server.queries == []
        names.clear()
        found = request_solutions(RemoteEndpoint.parse(address), "SELECT * {}", 5)
        assert found == ONE_ROW


@pytest.mark.parametrize(
    "iri",
    [
        *("ftp://e/", "file:///etc/passwd", "urn:x", "e", "", "http:///sparql"),
        *("http://user@e/", "http://user:word@e/", "http://@e/", "http://e/#f"),
        *("http://e:99999/", "http://e /", "http://e/\r\nX: y", "http://é.org/"),
        *("http://e/ b", "http://[::1/", "HTTP"),
    ],
)
def test_an_iri_that_is_no_plain_address_is_refused_at_the_start(iri: str) -> None:
    """Before any query."""
    with pytest.raises(ValueError, match=r"."):
        Broker({iri})


def test_the_command_refuses_such_an_iri() -> None:
    """As wrong use, which names it."""
    run = CliRunner().invoke(serve, ["--service-allow", "ftp://e/"])
    assert run.exit_code == 2
    assert "ftp://e/ cannot be called" in run.output


def test_the_broker_calls_only_its_own_list(brokers: Callable[..., Broker]) -> None:
    """It is started with the first call, and a message names an endpoint by number."""
    with endpoint(answer(ONE_ROW)) as server, listener() as other:
        broker = brokers(server)
        assert broker._process is None
        with pytest.raises(ValueError, match=r"."):
            values(broker, f"http://127.0.0.1:{other.getsockname()[1]}/")
        assert not called(other)


def test_a_broker_that_was_killed_is_replaced(brokers: Callable[..., Broker]) -> None:
    """Calls that were running fail, SILENT or not: no endpoint was at fault."""
    begun, end = Event(), Event()

    def respond(handler: Handler, _: str) -> None:
        begun.set()
        end.wait(10)
        handler.reply(ONE_ROW)

    with endpoint(respond) as server, ThreadPoolExecutor() as executor:
        broker = brokers(server)
        running = executor.submit(values, broker, server.iri, silent=True)
        assert begun.wait(10)
        os.kill(process_id(broker), signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match="ended"):
            running.result(10)
        end.set()
        assert "one" in values(broker, server.iri)
        assert broker.statistics()["lost"] == 1
        assert broker.statistics()["answered"] == 1


def test_a_broker_that_hangs_is_replaced(
    brokers: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed when it should have replied, and the next call starts another."""
    monkeypatch.setattr(broker_module, "_GRACE", 0.3)
    with endpoint(answer(ONE_ROW)) as server:
        broker = brokers(server)
        values(broker, server.iri)
        first = process_id(broker)
        os.kill(first, signal.SIGSTOP)
        with pytest.raises(StoreUnavailable, match="ended"):
            values(broker, server.iri, seconds=0.2)
        assert "one" in values(broker, server.iri)
        assert process_id(broker) != first


def test_a_broker_that_cannot_start_is_an_error(
    brokers: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the server, not of the endpoint; the next call tries again."""
    with endpoint(answer(ONE_ROW)) as server:
        broker = brokers(server)
        with monkeypatch.context() as patch:
            patch.setattr(broker_module, "WorkerProcess", unable)
            with pytest.raises(StoreUnavailable):
                values(broker, server.iri, silent=True)
        assert "one" in values(broker, server.iri)


def unable(*_: object) -> None:
    """Fail as a system without memory does."""
    raise OSError


def test_a_closed_broker_leaves_no_process(brokers: Callable[..., Broker]) -> None:
    """It may be closed twice, and before its first call."""
    with endpoint(answer(ONE_ROW)) as server:
        broker = brokers(server)
        broker.close()
        values(broker, server.iri)
        pid = process_id(broker)
        broker.close()
        broker.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("waiting", [0, 16])
def test_calls_at_once_are_limited(
    brokers: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    """Beyond the limit they wait a moment, then they are refused, SILENT or not."""
    monkeypatch.setattr(broker_module, "_CALLS", 2)
    monkeypatch.setattr(broker_module, "_WAITING", waiting)
    monkeypatch.setattr(broker_module, "_WAIT_SECONDS", 0.2)
    end = Event()

    def respond(handler: Handler, _: str) -> None:
        end.wait(10)
        handler.reply(ONE_ROW)

    with endpoint(respond) as server, ThreadPoolExecutor(2) as executor:
        broker = brokers(server)
        running = [executor.submit(values, broker, server.iri) for _ in range(2)]
        while len(server.queries) < 2:
            time.sleep(0.01)
        with pytest.raises(TooBusy):
            values(broker, server.iri, silent=True)
        end.set()
        assert all("one" in each.result(10) for each in running)
        assert "one" in values(broker, server.iri)


def test_the_work_of_the_broker_is_charged(shared: tuple[Broker, Endpoint]) -> None:
    """To the request that it worked for; waiting is not."""
    broker, server = shared
    take_cpu_seconds()
    server.respond = answer(results(*[ROW] * MAX_SERVICE_ROWS))
    values(broker, server.iri)
    assert 0 < take_cpu_seconds() < 10


def test_the_broker_has_little_memory(brokers: Callable[..., Broker]) -> None:
    """As a worker has."""
    with endpoint(answer(ONE_ROW)) as server:
        broker = brokers(server)
        values(broker, server.iri)
        limits = Path(f"/proc/{process_id(broker)}/limits").read_text()
    (line,) = (line for line in limits.splitlines() if "data size" in line)
    assert int(line.split()[3]) <= 1 << 29


# Over HTTP


@pytest.fixture(scope="module")
def pool(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[PooledStore, Endpoint, Endpoint]]:
    """Yield a pooled store, an endpoint that answers and one that does not."""
    folder = tmp_path_factory.mktemp("pool")
    term = URIRef("http://e/a")
    publish_release({facts_graph("x"): new_graph([(term, term, term)])}, folder, {})
    with endpoint(answer(ONE_ROW)) as good, endpoint(answer(b"", "", 500)) as bad:
        limits = QueryLimits(services=frozenset({good.iri, bad.iri}))
        store = PooledStore(CurrentSnapshot(folder), workers=1, limits=limits)
        yield store, good, bad
        store.close()


@pytest.fixture
def web(pool: tuple[PooledStore, Endpoint, Endpoint], library: Library) -> FlaskClient:
    """Return a client of an application whose dataset has a version."""
    store, good, bad = pool
    dataset = Dataset(store, "1")
    settings = Settings(services=frozenset({good.iri, bad.iri}))
    app = create_app(store, library, settings, dataset=lambda: dataset)
    return app.test_client()


def ask(iri: str, silent: str = "") -> str:
    """Return a query that calls an endpoint."""
    return f"SELECT ?x {{ SERVICE {silent}<{iri}> {PATTERN} }}"


def test_what_depends_on_others_is_not_cached(
    web: FlaskClient, pool: tuple[PooledStore, Endpoint, Endpoint]
) -> None:
    """The next request calls again, and no tag of the dataset's version is sent."""
    _, good, _ = pool
    for accept in ("text/csv", "text/html"):
        before = len(good.queries)
        for _ in range(2):
            response = web.get(
                "/sparql",
                query_string={"query": ask(good.iri)},
                headers={"Accept": accept},
            )
            assert response.status_code == 200
            assert "one" in response.text
        assert len(good.queries) == before + 2
        if accept == "text/csv":
            assert response.headers["Cache-Control"] == "no-store"
            assert "ETag" not in response.headers


def test_a_failure_is_a_problem_with_a_remedy(
    web: FlaskClient, pool: tuple[PooledStore, Endpoint, Endpoint]
) -> None:
    """502 for programs and people; with SILENT an answer."""
    _, _, bad = pool
    response = web.get("/sparql", query_string={"query": ask(bad.iri)})
    assert response.status_code == 502
    assert response.mimetype == "application/problem+json"
    assert bad.iri in response.json["detail"]
    assert "SILENT" in response.json["remedy"]
    page = web.get(
        *("/en/sparql",),
        query_string={"query": ask(bad.iri)},
        headers={"Accept": "text/html"},
    )
    assert page.status_code == 502
    assert "status 500" in page.text
    silent = {"query": ask(bad.iri, "SILENT "), "format": "csv"}
    assert web.get("/sparql", query_string=silent).text.splitlines() == ["x", ""]


def test_calls_are_counted_by_outcome(
    web: FlaskClient, pool: tuple[PooledStore, Endpoint, Endpoint]
) -> None:
    """Without what was asked and where."""
    store, good, bad = pool
    before = pool_metrics(store)
    for iri in (good.iri, bad.iri):
        web.get("/sparql", query_string={"query": ask(iri)})
    after = pool_metrics(store)
    grown = {name for name in after if after[name] > before[name]}
    assert {
        "service_calls_answered_total",
        "service_calls_failed_total",
    } <= grown
    assert not any("http" in name for name in after)


def test_the_time_of_a_query_is_that_of_its_calls_too(
    pool: tuple[PooledStore, Endpoint, Endpoint],
) -> None:
    """A call gets most of what is left, and the rest remains for the evaluation."""
    store, _, _ = pool
    with endpoint(lambda *_: time.sleep(5)) as slow:
        limits = QueryLimits(services=frozenset({slow.iri}))
        pooled = PooledStore(store._snapshots, workers=1, limits=limits)
        limited = pooled.with_timeout(1)
        started = time.monotonic()
        with pytest.raises(AlaqatError, match="did not answer"):
            limited.query(ask(slow.iri))
        (row,) = limited.query(ask(slow.iri, "SILENT "))
        assert row == (None,)
        assert time.monotonic() - started < 10
        pooled.close()
