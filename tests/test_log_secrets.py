"""What visitors send is in no output of the server, by whatever door it comes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote, urlsplit

import pytest

from prepared import built_small

TOKEN = "a-token-of-this-test-only"  # noqa: S105 # of a server that lives for seconds


@dataclass(frozen=True)
class Server:
    """A writable server, and the files that it writes its output to."""

    address: str
    out: Path
    err: Path

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> int:
        """Send a request and return the status; 0 if the connection is closed."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        try:
            connection.request(method, path, body or None, dict(headers))
            reply = connection.getresponse()
            reply.read()
        except (OSError, HTTPException):
            return 0
        else:
            return reply.status
        finally:
            connection.close()

    def output(self) -> str:
        """Return all that the server has written."""
        return "".join(
            path.read_text(errors="replace") for path in (self.out, self.err)
        )


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a writable server that logs requests."""
    folder = tmp_path_factory.mktemp("log")
    built_small(root, folder / "build")
    (folder / "tokens").write_text(f"author:{TOKEN}\n")
    (folder / "tokens").chmod(0o600)
    out, err = folder / "out", folder / "err"
    command = [
        *(
            Path(sys.executable).with_name("alaqat"),
            "serve",
            "--port",
            "0",
            "--log-requests",
        ),
        *("--output", folder / "build", "--writable", folder / "store"),
        *("--token-file", folder / "tokens", "--no-validate"),
    ]
    with (
        out.open("w") as out_file,
        err.open("w") as err_file,
        subprocess.Popen(command, stdout=out_file, stderr=err_file) as process,
    ):
        for _ in range(1200):
            if out.read_text() or process.poll() is not None:
                break
            time.sleep(0.1)
        yield Server(out.read_text().split()[-1], out, err)
        process.terminate()


def uploads(secret: str) -> Iterator[tuple[str, str]]:
    """Yield bodies in every format, with ill-typed literals and IRIs that are none."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    turtle = (
        f'<http://e/{secret}> <http://e/p> "{secret}"^^<{xsd}date>, '
        f'"{secret}"^^<{xsd}integer>, <http://e/{secret} bad>, "{secret}"@e-{secret} .'
    )
    literals = (
        f'<http://e/{secret}> <http://e/p> "{secret}"^^<{xsd}dateTime> .\n'
        f'<http://e/{secret}> <http://e/p> "{secret}"^^<{xsd}gYear> .\n'
    )
    for kind in ("text/turtle", "application/n-triples", "application/trig"):
        yield kind, turtle
        yield kind, literals
    yield "application/n-quads", literals
    yield (
        "application/rdf+xml",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:e="http://e/"><rdf:Description rdf:about="http://e/{secret} bad">'
        f'<e:p rdf:datatype="{xsd}date">{secret}</e:p><e:{secret}/>'
        "</rdf:Description></rdf:RDF>",
    )
    yield "application/rdf+xml", f"<{secret}>"
    yield (
        "application/ld+json",
        json.dumps(
            {
                "@id": f"http://e/{secret} bad",
                "http://e/p": {"@value": secret, "@type": f"{xsd}decimal"},
            }
        ),
    )
    yield "application/ld+json", f'{{"@context": "http://{secret}.invalid/"}}'
    yield f"text/{secret}", secret


def doors(  # noqa: C901 # a list, not a way
    secret: str,
) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Yield requests that have a secret in one place each."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    page = {"Accept": "text/html"}
    author = {"Authorization": f"Bearer {TOKEN}"}
    queries = (
        f'SELECT * {{ ?s ?p "{secret}" }}',
        f'SELECT ("{secret}"^^<{xsd}date> AS ?a) (<http://e/{secret}> AS ?b) {{}}',
        f"SELECT * {{ SERVICE <http://{secret}.invalid/> {{ ?s ?p ?o }} }}",
        f'CONSTRUCT {{ <a> <b> "{secret}"^^<{xsd}integer>, <x{secret}> }} WHERE {{}}',
        f"SELECT {secret}",
        f'ASK {{ FILTER(<http://e/{secret}>("{secret}")) }}',
        f"DESCRIBE <http://e/{secret}>",
    )
    for query in queries:
        for headers in (page, {"Accept": "text/turtle"}, {}):
            yield "GET", f"/sparql?query={quote(query)}", headers, b""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        yield "POST", "/sparql", form, f"query={quote(query)}".encode()
        kind = {"Content-Type": "application/sparql-query"}
        yield "POST", "/sparql", kind, query.encode()
    for text in (
        f"INSERT {secret}",
        f'INSERT DATA {{ <a> <b> "{secret}"^^<{xsd}date> }}',
    ):
        kind = {"Content-Type": "application/sparql-update"}
        yield "POST", "/sparql", kind, text.encode()
        yield "POST", "/sparql", {**kind, **author}, text.encode()
    for kind, text in uploads(secret):
        headers = {"Content-Type": kind, **author}
        for method in ("PUT", "POST"):
            graph = quote(f"http://e/graph/{secret}")
            yield method, f"/data?graph={graph}", headers, text.encode()
        yield "PUT", "/data?default", {"Content-Type": kind}, text.encode()
    for path in (
        *(f"/{secret}", f"/doc/{secret}", f"/id/state/{secret}", f"/dump/{secret}"),
        *(f"/static/{secret}.js", f"/document/{secret}", f"/as-of/{secret}"),
        *(f"/queries/lookup/{secret}", f"/search?q={secret}", f"/map?theme={secret}"),
        *(f"/why?subject={secret}&predicate={secret}&object={secret}",),
        *(f"/check?subject={secret}&at={secret}", f"/sparql?format={secret}"),
        *(f"/queries/lookup/embassies-by-city?{secret}={secret}", f"/data/{secret}"),
        *(f"/data?graph={secret}", f"/%00{secret}", f"/..%2f{secret}", f"/x\\{secret}"),
        f"/sparql?query=ASK{{}}&timeout={secret}",
    ):
        for headers in (page, {}):
            yield "GET", path, headers, b""
    for name in (
        *(
            "User-Agent",
            "Referer",
            "Authorization",
            "Cookie",
            "Host",
            "Accept",
            "Origin",
        ),
        *("X-Request-Id", "X-Forwarded-For", "X-Forwarded-Host", "If-None-Match"),
        *("Accept-Language", "Range", "If-Match", "Content-Type", "Content-Encoding"),
    ):
        for path in ("/", "/doc/state/A", "/sparql?query=ASK{}"):
            yield "GET", path, {**page, name: secret}, b""
    yield "POST", "/sparql", {"Authorization": f"Bearer {secret}"}, secret.encode()
    multipart = (
        f'--b\r\nContent-Disposition: form-data; name="{secret}"; '
        f'filename="{secret}"\r\n\r\n{secret}\r\n--b--\r\n'
    )
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    yield "POST", "/sparql", kind, multipart.encode()
    yield secret.upper(), "/", {}, b""


@pytest.mark.slow
def test_no_output_has_what_was_sent(server: Server) -> None:
    """Neither stdout nor stderr: queries, updates, uploads, paths, headers, names."""
    secret = f"s{token_hex(12)}"
    statuses = [server.send(*door[:3], body=door[3]) for door in doors(secret)]
    assert 204 in statuses, "nothing was written"
    assert statuses.count(200) > 50
    assert not [one for one in statuses if one >= 500 and one != 503]
    time.sleep(1)  # until all is written
    found = [line for line in server.output().splitlines() if secret in line.lower()]
    assert not found, found[:5]


@pytest.mark.slow
def test_every_line_of_the_log_is_an_object(server: Server) -> None:
    """Whatever the libraries write; a monitor can read each line."""
    server.send("GET", "/health", {})
    lines = server.err.read_text().splitlines()
    assert lines
    for line in lines:
        assert {"time", "level", "event"} <= json.loads(line).keys(), line
