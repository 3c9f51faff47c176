"""A SPARQL text is tokenized once on its way, in whichever process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from alaqat.sparql.lexer import tokenize, unescape_codepoints
from alaqat.terms import ENTITIES_GRAPH
from test_server_writes import TOKEN, UPDATE, Server, server

# Read by every interpreter of the server as it starts; the file is opened before the
# processes that evaluate may open none.
COUNTER = f"""
import os
import {tokenize.__module__} as lexer

log = os.open({{log!r}}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
tokens = lexer._scan_tokens


def counted(text):
    os.write(log, text.encode() + b"\\0")
    return tokens(text)


lexer._scan_tokens = counted
"""
GRAPHS = {"default-graph-uri": ENTITIES_GRAPH, "named-graph-uri": "http://e/g"}
USING = {"using-graph-uri": ENTITIES_GRAPH, "using-named-graph-uri": "http://e/g"}
LONG = f"SELECT ?long {{ ?long ?p ?o FILTER(?o != '{'x' * 30_000}') }}"
INSERT = "INSERT { GRAPH <http://e/g> { ?s <http://e/p> 1 } } WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def counting(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Path]]:
    """Yield a server over an empty writable store, and the log of what it tokenized."""
    folder = tmp_path_factory.mktemp("counting")
    log = folder / "texts"
    site = folder / "sitecustomize.py"
    site.write_text(COUNTER.format(log=str(log)), encoding="utf-8")
    options = ("--writable", str(folder / "working"), "--empty", "--no-validate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        with server(folder / "none", root, *options) as started:
            yield started, log


def times(log: Path, text: str) -> int:
    """Return how often a text has been tokenized."""
    return log.read_text(encoding="utf-8").split("\0").count(text)


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/html"])
@pytest.mark.parametrize(
    ("text", "more", "status"),
    [
        ("SELECT ?plain { ?plain ?p ?o }", {}, 200),
        ("SELECT ?ordered { ?ordered ?p ?o } ORDER BY ?o DESC(?p)", {}, 200),
        (f"SELECT ?from FROM <{ENTITIES_GRAPH}> {{ ?from ?p ?o }}", {}, 200),
        ("SELECT ?chosen { ?chosen ?p ?o } ORDER BY ?o", GRAPHS, 200),
        ("SELECT (RAND() AS ?fickle) {} ORDER BY ?fickle", {}, 200),
        ("SELECT ?soon { ?soon ?p ?o }", {"timeout": "5"}, 200),
        (LONG, {}, 200),
        ("SELECT ?wrong { ?wrong ?p } ORDER BY ?p", {}, 400),
        ("SELECT ?unknown { FILTER(NOFUNCTION(?unknown)) }", {}, 400),
    ],
    ids=lambda value: value.split()[1] if isinstance(value, str) else None,
)
def test_a_query_is_tokenized_once(
    counting: tuple[Server, Path],
    text: str,
    more: dict[str, str],
    status: int,
    accept: str,
) -> None:
    """The web process and the worker share one analysis, valid or not."""
    client, log = counting
    text = f"{text} # {accept}"
    path = f"/sparql?{urlencode({'query': text, **more})}"
    assert client.request("GET", path, accept={"Accept": accept}).status == status
    assert times(log, text) == 1


@pytest.mark.parametrize(
    ("text", "more", "status"),
    [
        ("INSERT DATA { <http://e/plain> <http://e/p> 1 }", {}, 204),
        (f"{INSERT} # anywhere", {}, 204),
        (f"{INSERT} # chosen", USING, 204),
        ("INSERT DATA { <http://e/wrong> <http://e/p> }", {}, 400),
        (f"WITH <http://e/g> {INSERT} # twice", USING, 400),
        ("SELECT ?query { ?query ?p ?o } # as update", {}, 400),
        (f"DROP GRAPH <{ENTITIES_GRAPH}/none>", {}, 400),
        ("INSERT DATA { <http://e/esc\\u0061ped> <http://e/p> 1 }", {}, 204),
    ],
    ids=["data", "where", "using", "wrong", "twice", "query", "unknown", "escaped"],
)
def test_an_update_is_tokenized_once(
    counting: tuple[Server, Path], text: str, more: dict[str, str], status: int
) -> None:
    """The writer also looks for the graphs that an update names."""
    client, log = counting
    path = f"/sparql?{urlencode(more)}"
    found = client.request("POST", path, text, kind=UPDATE, token=TOKEN)
    assert found.status == status, found.content
    assert times(log, text) == 1
    assert (
        times(log, unescape_codepoints(text)) == 1
    )  # what an engine sees is another text
