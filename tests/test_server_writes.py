"""Writes over HTTP to a real server, with concurrent reads and kills."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from rdflib import PROV, RDF, RDFS, SH, Graph

from alaqat.store.releases import current_release
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    PROOFS_GRAPH,
)
from prepared import built_small, small_sources

SECRET = "0123456789abcdef0123"  # noqa: S105 # of these tests alone
G = "urn:x-test:g"
SECONDS = 5  # that a mad change may take
START = "import sys; from alaqat.cli.main import run; sys.exit(run(sys.argv[1:]))"
UPDATE = {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}
TOKEN = {"Authorization": f"Bearer {SECRET}"}


class ServerResponse(NamedTuple):
    """A response of a server."""

    status: int
    headers: Message
    content: bytes


class Server(NamedTuple):
    """A running server and its process."""

    address: str
    process: subprocess.Popen[str]

    def request(
        self, method: str, path: str, body: str = "", **headers: str | dict[str, str]
    ) -> ServerResponse:
        """Return the response to a request on its own connection."""
        connection = HTTPConnection(self.address, timeout=60)
        try:
            sent = {k: v for each in headers.values() for k, v in dict(each).items()}
            connection.request(method, path, body.encode(), sent)
            reply = connection.getresponse()
            return ServerResponse(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def update(self, text: str, token: dict[str, str] = TOKEN) -> ServerResponse:
        """Send an update."""
        return self.request("POST", "/sparql", text, kind=UPDATE, token=token)

    def send(
        self, method: str, graph: str, text: str = "", **more: str
    ) -> ServerResponse:
        """Send a graph."""
        path = f"/data?{urlencode({'graph': graph})}"
        return self.request(method, path, text, kind=TURTLE, token=TOKEN, more=more)

    def holds(self, pattern: str) -> bool:
        """Return whether a pattern matches, in the default graph or in a named one."""
        text = f"ASK {{ {pattern} }}"
        accept = {"Accept": "application/sparql-results+json"}
        found = self.request(
            "GET", f"/sparql?{urlencode({'query': text})}", accept=accept
        )
        assert found.status == 200
        return bool(json.loads(found.content)["boolean"])


@contextmanager
def server(output: Path, root: Path, *options: str) -> Iterator[Server]:
    """Run a server in its own process group."""
    command = ["serve", "--port", "0", "--output", str(output), "--root", str(root)]
    with subprocess.Popen(
        [sys.executable, "-c", START, *command, *options],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "ALAQAT_TOKEN": f"ada:{SECRET}"},
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("http://")
        try:
            yield Server(address, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def knowledge(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of sources with one short document, and their release."""
    folder = small_sources(root, tmp_path_factory.mktemp("small"))
    shutil.copytree(root / "queries", folder / "queries")
    built_small(root, folder / "built")
    return folder


@pytest.fixture(scope="module")
def writable(knowledge: Path) -> Iterator[Server]:
    """Yield a writable server that validates."""
    options = (
        "--writable",
        str(knowledge / "working"),
        "--write-timeout",
        str(SECONDS),
    )
    with server(knowledge / "built", knowledge, *options) as running:
        yield running


def version(knowledge: Path) -> str:
    """Return the version of the writable store on disk."""
    return current_release(knowledge / "working").version


def test_the_next_read_sees_a_write(writable: Server) -> None:
    """On another connection, whichever way it was written, and however often read."""
    pattern = f"GRAPH <{G}> {{ <urn:x-test:a> <urn:x-test:p> %d }}"
    for number in range(2):
        assert not writable.holds(pattern % number)
        data = f"INSERT DATA {{ {pattern % number} }}"
        assert writable.update(data).status == 204
        assert writable.holds(pattern % number)
    assert writable.send("PUT", G, "<urn:x-test:a> <urn:x-test:p> 9 .").status == 204
    assert writable.holds(pattern % 9)
    assert not writable.holds(pattern % 0)
    assert writable.send("DELETE", G).status == 204
    assert not writable.holds(pattern % 9)


@pytest.mark.parametrize(
    ("token", "challenge", "detail"),
    [
        ({}, "Bearer", "needs a token"),
        (
            {"Authorization": f"Bearer {SECRET[::-1]}"},
            'Bearer error="invalid_token"',
            "token is unknown",
        ),
    ],
    ids=["none", "wrong"],
)
def test_who_has_no_token_writes_nothing(
    writable: Server, token: dict[str, str], challenge: str, detail: str
) -> None:
    """The challenge names the scheme, or the invalid token."""
    triple = "<urn:x-test:a> <urn:x-test:p> 'forbidden'"
    refused = writable.update(f"INSERT DATA {{ {triple} }}", token)
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == challenge
    assert detail in json.loads(refused.content)["detail"]
    assert not writable.holds(triple)


def test_without_writable_nobody_writes(knowledge: Path) -> None:
    """A server over what was built refuses even those with a token."""
    with server(knowledge / "built", knowledge) as reading:
        triple = "<urn:x-test:a> <urn:x-test:p> 'forbidden'"
        assert reading.update(f"INSERT DATA {{ {triple} }}").status == 403
        assert reading.send("PUT", G, f"{triple} .").status == 403
        assert not reading.holds(triple)


def test_equal_graphs_that_are_sent_at_once_are_two(writable: Server) -> None:
    """Each is new and has an address of its own, and both hold what was sent."""
    text = "<urn:x-test:a> <urn:x-test:p> 'at once' ."

    def send(_: int) -> ServerResponse:
        return writable.request("POST", "/data", text, kind=TURTLE, token=TOKEN)

    with ThreadPoolExecutor(2) as threads:
        replies = list(threads.map(send, range(2)))
    assert [reply.status for reply in replies] == [201, 201]
    places = {reply.headers["Location"] for reply in replies}
    assert len(places) == 2
    for place in places:
        assert writable.holds(f"GRAPH <{place}> {{ {text} }}")
        assert writable.send("DELETE", place).status == 204


def test_only_what_was_seen_is_changed(writable: Server) -> None:
    """The tag of a reading lets its reader write until somebody else has written."""
    graph = "urn:x-test:tagged"
    first, second, third = (f"<urn:x-test:a> <urn:x-test:p> {n} ." for n in range(3))
    assert writable.send("PUT", graph, first).status == 201
    path = f"/data?{urlencode({'graph': graph})}"
    tag = writable.request("GET", path, accept={"Accept": "text/turtle"}).headers[
        "ETag"
    ]
    assert writable.send("PUT", graph, second, **{"If-Match": tag}).status == 204
    assert writable.send("PUT", graph, third, **{"If-Match": tag}).status == 412
    assert writable.holds(f"GRAPH <{graph}> {{ {second} }}")
    assert not writable.holds(f"GRAPH <{graph}> {{ {third} }}")


def test_raced_writes_each_reply_with_the_version_they_made(writable: Server) -> None:
    """Eight at once: the history records each change under the version in its reply."""
    graphs = [f"urn:x-test:raced-{number}" for number in range(8)]
    triple = "<urn:x-test:a> <urn:x-test:p> 1"
    for graph in graphs[:2]:
        assert writable.send("PUT", graph, f"{triple} .").status == 201

    def write(graph: str) -> ServerResponse:
        if (number := graphs.index(graph)) < 2:
            return writable.send("DELETE", graph)
        if number < 6:
            return writable.send(("PUT", "POST")[number % 2], graph, f"{triple} .")
        return writable.update(f"INSERT DATA {{ GRAPH <{graph}> {{ {triple} }} }}")

    with ThreadPoolExecutor(len(graphs)) as pool:
        replies = list(pool.map(write, graphs))
    assert [reply.status for reply in replies] == [
        204,
        204,
        201,
        201,
        201,
        201,
        204,
        204,
    ]
    versions = [reply.headers["Alaqat-Version"].strip('"') for reply in replies]
    assert len(set(versions)) == len(versions)
    for graph, made in zip(graphs, versions, strict=True):
        change = f"<{BASE}id/change/{made}>"
        related = f"^<{PROV.wasGeneratedBy}>|^<{PROV.wasInvalidatedBy}>"
        where = f"{change} ({related})/<{PROV.specializationOf}> <{graph}>"
        assert writable.holds(f"GRAPH <{HISTORY_GRAPH}> {{ {where} }}"), graph


def test_a_version_that_was_made_is_a_precondition(writable: Server) -> None:
    """The version in a reply can be sent as If-Match until something changes."""
    graph, text = "urn:x-test:chained", "<urn:x-test:a> <urn:x-test:p> %d ."
    first = writable.send("PUT", graph, text % 1).headers["Alaqat-Version"]
    second = writable.send("PUT", graph, text % 2, **{"If-Match": first})
    assert second.status == 204
    late = writable.send("PUT", graph, text % 3, **{"If-Match": first})
    assert late.status == 412
    assert "Alaqat-Version" not in late.headers
    same = writable.send("PUT", graph, text % 2)
    assert same.headers["Alaqat-Version"] == second.headers["Alaqat-Version"]


def test_a_violation_is_told_and_changes_nothing(
    writable: Server, knowledge: Path, root: Path
) -> None:
    """With the message of the shape, as a problem for programs."""
    before, state = version(knowledge), f"<{BASE}id/state/XYZ>"
    refused = writable.send("POST", str(ENTITIES_GRAPH), f"{state} a <{AL.State}> .")
    assert refused.status == 422
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    shapes = Graph()
    for path in (root / "ontology" / "shapes").glob("*.ttl"):
        shapes.parse(path)
    messages = {str(each) for each in shapes.objects(None, SH.message)}
    problem = json.loads(refused.content)
    assert any(message in problem["detail"] for message in messages)
    for result in problem["results"]:
        assert result["severity"] == "Violation"
        assert f"<{result['focus']}>" == state
        assert messages >= set(result["messages"].values())
    assert version(knowledge) == before
    assert not writable.holds(f"{state} ?p ?o")


def test_a_contradiction_is_told_and_changes_nothing(
    writable: Server, knowledge: Path
) -> None:
    """With the rule of OWL 2 RL by which nothing can be both."""
    before = version(knowledge)
    both = f"<urn:x-test:both> a <{AL.Person}> , <{AL.Place}> ."
    refused = writable.send("POST", str(ENTITIES_GRAPH), both)
    assert refused.status == 422
    problem = json.loads(refused.content)
    assert "cax-adc" in problem["detail"]
    (contradiction,) = problem["contradictions"]
    assert contradiction["rule"] == "cax-adc"
    assert any(str(AL.Person) in axiom for axiom in contradiction["axioms"])
    assert f"<urn:x-test:both> <{RDF.type}> <{AL.Place}> ." in contradiction["facts"]
    assert version(knowledge) == before
    assert not writable.holds("<urn:x-test:both> ?p ?o")


def test_what_follows_is_there_with_its_proof(writable: Server) -> None:
    """As soon as a fact is acknowledged, and as long as it is stated."""
    club = f"<{BASE}id/org/other-club>"
    fact = (
        f"{club} a <{AL.InternationalOrganization}> ; "
        f"<{RDFS.label}> 'ناد آخر'@ar , 'Other Club'@en ."
    )
    follows = f"GRAPH <{INFERRED_GRAPH}> {{ {club} a <{AL.Party}> }}"
    proved = (
        f"GRAPH <{PROOFS_GRAPH}> {{ ?proof <{RDF.subject}> {club} ; "
        f"<{RDF.object}> <{AL.Party}> ; <{AL.byRule}> ?rule }}"
    )
    assert not writable.holds(follows)
    assert writable.send("POST", str(ENTITIES_GRAPH), fact).status == 204
    assert writable.holds(follows)
    assert writable.holds(proved)
    gone = f"DELETE WHERE {{ GRAPH <{ENTITIES_GRAPH}> {{ {club} ?p ?o }} }}"
    assert writable.update(gone).status == 204
    assert not writable.holds(follows)
    assert not writable.holds(proved)


def test_the_default_graph_is_checked_and_asked_alike(writable: Server) -> None:
    """A fact written there, and what follows, is so for SPARQL, /check and pages."""
    club = f"{BASE}id/org/own-club"
    fact = f"<{club}> a <{AL.InternationalOrganization}> ; "
    fact += f"<{RDFS.label}> 'ناد لنا'@ar , 'Our Own Club'@en ."
    path = "/data?default"
    sent = writable.request("POST", path, fact, kind=TURTLE, token=TOKEN)
    assert sent.status == 204
    for kind in (AL.InternationalOrganization, AL.Party):
        assert writable.holds(f"<{club}> a <{kind}>")
        parameters = {"subject": "Our Own Club", "predicate": "a", "object": kind}
        response = writable.request(
            "GET", f"/check?format=json&{urlencode(parameters)}"
        )
        assert json.loads(response.content)["answer"] == "yes"
    found = writable.request("GET", f"/search?{urlencode({'q': 'Our Own Club'})}")
    assert "own-club" in found.content.decode()
    assert writable.request("DELETE", path, token=TOKEN).status == 204
    assert not writable.holds(f"<{club}> ?p ?o")


def test_what_is_disjoint_is_refused_in_the_default_graph(
    writable: Server, knowledge: Path
) -> None:
    """An update that names no graph is held to the ontology like any other."""
    before, both = version(knowledge), "<urn:x-test:own>"
    triple = f"{both} a <{AL.Person}> , <{AL.State}>"
    refused = writable.update(f"INSERT DATA {{ {triple} }}")
    assert refused.status == 422
    assert version(knowledge) == before
    assert not writable.holds(f"{both} ?p ?o")


def test_a_mad_update_is_stopped_while_reads_are_answered(
    knowledge: Path, tmp_path: Path
) -> None:
    """At its limit, with 503; nothing is changed, and the next write succeeds."""
    options = (
        *("--writable", str(tmp_path / "working"), "--no-validate"),
        *("--write-timeout", str(SECONDS)),
    )
    mad = (
        f"INSERT {{ GRAPH <{G}> {{ ?a <urn:x-test:q> ?k }} }} "
        f"USING <{PROOFS_GRAPH}> "
        "WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
    )
    triple = "<urn:x-test:a> <urn:x-test:p> 'after'"
    with (
        server(knowledge / "built", knowledge, *options) as running,
        ThreadPoolExecutor(1) as other,
    ):
        before = current_release(tmp_path / "working")
        stopped = other.submit(running.update, mad)
        reads = 0
        while not stopped.done():
            assert running.holds("?s ?p ?o")
            reads += 1
        assert stopped.result().status == 503
        assert "stopped after" in json.loads(stopped.result().content)["detail"]
        assert reads >= 3
        assert current_release(tmp_path / "working") == before
        assert running.update(f"INSERT DATA {{ {triple} }}").status == 204
        assert running.holds(triple)


def test_an_update_that_hides_a_call_calls_nobody(writable: Server) -> None:
    """Tokens and comments that end elsewhere for another parser are of no use."""
    triple = "?s <urn:x-test:p> ?o"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for where in (
            f"FILTER(1<2)SERVICE#>\n<{url}> {{ {triple} }}",
            f"FILTER(?o<2)SERVICE#>\n<{url}> {{ {triple} }}",
            f"BIND(1<2 AS ?b)SERVICE#>\n<{url}> {{ {triple} }}",
        ):
            text = f"INSERT {{ GRAPH <{G}> {{ {triple} }} }} WHERE {{ {where} }}"
            assert writable.update(text).status >= 400
        hidden = f"INSERT DATA {{ <urn:x> <urn:y> 1 }};#<\nLOAD<{url}>INTO GRAPH<{G}>"
        assert writable.update(hidden).status >= 400
        listener.settimeout(0.5)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert not writable.holds(f"GRAPH <{G}> {{ {triple} }}")
    assert not writable.holds("<urn:x> <urn:y> 1")


@pytest.mark.slow
def test_what_was_acknowledged_outlives_a_killed_server(
    knowledge: Path, tmp_path: Path
) -> None:
    """All its processes are killed in mid-write; the next serves what was written."""
    options = ("--writable", str(tmp_path / "working"), "--empty", "--no-validate")
    written: list[str] = []

    def write(name: str) -> None:
        try:
            for number in count():
                triple = f"<urn:x-test:{name}> <urn:x-test:p> {number}"
                if first.send("POST", G, f"{triple} .").status < 300:
                    written.append(triple)
                if name == "a" and number == 2:
                    os.killpg(first.process.pid, signal.SIGKILL)
        except (OSError, HTTPException):
            return

    built = knowledge / "built"
    with server(built, knowledge, *options) as first, ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    assert len(written) >= 4
    with server(built, knowledge, *options) as second:
        everything = " . ".join(written)
        assert second.holds(f"GRAPH <{G}> {{ {everything} }}")
        assert second.send("POST", G, "<urn:x-test:e> <urn:x-test:p> 0 .").status == 204
