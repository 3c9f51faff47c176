"""Calls of other SPARQL endpoints: one request to a checked address, within bounds.

The host is resolved once for each call, and the connection goes to an address that was
checked. Redirects, proxies, cookies and credentials are not used.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from alaqat.errors import LimitReached, ServiceFailed, ServiceTimedOut
from alaqat.rdf.formats import parse_content_type
from alaqat.rdf.results import RESULTS_TYPE

#: Bytes of an answer, before and after it is rewritten as VALUES.
MAX_ANSWER = 10_000_000

_CONNECT_SECONDS = 5.0  # for each address of a host
_MAX_LOOKUPS = 8  # at once; a resolver that hangs cannot be stopped
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = "/?:@!$&'()*+,;=%~-._"  # what stays as it is in a path and query (RFC 3986)
_HEADERS = {
    "Accept": RESULTS_TYPE,
    "Accept-Encoding": "identity",
    "Connection": "close",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "alaqat",
}
# NAT64 (RFC 6052, RFC 8215), by which an IPv4 address is reached as an IPv6 one.
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_LOCALHOST = "localhost"

IpAddress = IPv4Address | IPv6Address


@dataclass(frozen=True)
class RemoteEndpoint:
    """A SPARQL endpoint elsewhere.

    Attributes:
        iri: by which queries name it.
        scheme: http or https.
        host: a name or an IP address, without brackets.
        port: of TCP.
        authority: host and port as in the IRI.
        target: path and query, percent-encoded.
    """

    iri: str
    scheme: str
    host: str
    port: int
    authority: str
    target: str

    @classmethod
    def parse(cls, iri: str) -> RemoteEndpoint:
        """Return the endpoint that an IRI locates.

        Raises:
            ValueError: it is not a plain http or https IRI, with a host in ASCII and
                without user, password and fragment.
        """
        parts = urlsplit(iri)
        host = parts.hostname or ""
        if parts.scheme not in _DEFAULT_PORTS or not host:
            raise ValueError("it is not an http or https IRI with a host")
        if "@" in parts.netloc or "#" in iri:
            raise ValueError("it has a user, a password or a fragment")
        if not parts.netloc.isascii() or not iri.isprintable() or " " in iri:
            raise ValueError("its host is not ASCII, or it has white space")
        return cls(
            iri,
            parts.scheme,
            host,
            parts.port or _DEFAULT_PORTS[parts.scheme],
            parts.netloc,
            quote(parts.path or "/", safe=_SAFE)
            + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""),
        )

    def admits(self, address: IpAddress) -> bool:
        """Return whether a connection may go to an address of the host.

        It may to a public one, and to any other only if the IRI has it literally.
        ``localhost`` stands for the loopback addresses.
        """
        if self.host == _LOCALHOST:
            return address.is_loopback
        try:
            return ip_address(self.host) == address
        except ValueError:  # it is a name
            return _is_public(address)


def request_solutions(endpoint: RemoteEndpoint, query: str, seconds: float) -> bytes:
    """Send a query to an endpoint and return the results as JSON.

    Args:
        endpoint: to call.
        query: a SELECT.
        seconds: that all of it may take.

    Raises:
        ServiceFailed: the endpoint cannot be reached, its address may not be called,
            or it answers otherwise than with results as JSON.
        ServiceTimedOut: it takes too long.
        LimitReached: the answer is too large.
    """
    deadline = monotonic() + seconds
    try:
        with closing(_connect(endpoint, deadline)) as connected:
            return _exchange(endpoint, query, _DeadlineSocket(connected, deadline))
    except TimeoutError:
        raise ServiceTimedOut(
            f"The endpoint <{endpoint.iri}> did not answer within {seconds:.3g} s.",
            remedy="Ask it for less, or write SERVICE SILENT to go on without it.",
        ) from None
    except (OSError, HTTPException, ValueError):
        raise service_failed(endpoint.iri, "cannot be reached") from None


@cache
def tls_context() -> ssl.SSLContext:
    """Return the settings of TLS: the system's certificates, checked with the name."""
    return ssl.create_default_context()


def service_failed(iri: str, problem: str) -> ServiceFailed:
    """Return the error of an endpoint that has a problem, given as a verb phrase."""
    return ServiceFailed(
        f"The endpoint <{iri}> {problem}.",
        remedy="Try again later, or write SERVICE SILENT to go on without it.",
    )


def answer_too_large(iri: str) -> LimitReached:
    """Return the error of an answer with too many bytes."""
    return LimitReached(
        f"The answer of <{iri}> has more than {MAX_ANSWER:,} bytes.",
        remedy="Ask it for less: narrow the pattern in the SERVICE clause.",
    )


def _is_public(address: IpAddress) -> bool:
    """Return whether an address is that of one host on the public internet.

    An address that embeds another is not: where it leads depends on the network.
    """
    if isinstance(address, IPv6Address):
        embeds = address.ipv4_mapped or address.sixtofour or address.teredo
        if embeds or address.is_site_local or any(address in net for net in _NAT64):
            return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


@cache
def _resolvers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MAX_LOOKUPS, "resolver")


def _resolve(endpoint: RemoteEndpoint, deadline: float) -> Sequence[IpAddress]:
    """Return the addresses of an endpoint that may be called, each once.

    Raises:
        ServiceFailed: it has none.
        TimeoutError: the resolver takes too long.
        OSError: the host is unknown.
    """
    lookup = _resolvers().submit(
        partial(
            socket.getaddrinfo, endpoint.host, endpoint.port, type=socket.SOCK_STREAM
        )
    )
    found = lookup.result(_left(deadline))
    addresses = {ip_address(entry[4][0]): None for entry in found}
    admitted = [address for address in addresses if endpoint.admits(address)]
    if not admitted:
        raise service_failed(endpoint.iri, "has an address that may not be called")
    return admitted


def _connect(endpoint: RemoteEndpoint, deadline: float) -> socket.socket:
    """Return a connection to the first address that accepts one."""
    failure: OSError = OSError("no address")
    for address in _resolve(endpoint, deadline):
        timeout = min(_left(deadline), _CONNECT_SECONDS)
        try:
            plain = socket.create_connection((str(address), endpoint.port), timeout)
        except OSError as error:
            failure = error
            continue
        if endpoint.scheme == "http":
            return plain
        plain.settimeout(_left(deadline))
        return tls_context().wrap_socket(plain, server_hostname=endpoint.host)
    raise failure


def _exchange(
    endpoint: RemoteEndpoint, query: str, connected: _DeadlineSocket
) -> bytes:
    """Send the query and return the body of the answer, whose header is checked."""
    http = HTTPConnection(endpoint.host, endpoint.port)
    http.auto_open = 0
    http.sock = connected
    headers = {**_HEADERS, "Host": endpoint.authority}
    http.request("POST", endpoint.target, urlencode({"query": query}), headers)
    with closing(http.getresponse()) as response:
        _check_header(endpoint, response)
        body = response.read(MAX_ANSWER + 1)
        if len(body) > MAX_ANSWER:
            raise answer_too_large(endpoint.iri)
        if response.length:
            raise service_failed(endpoint.iri, "sent only a part of its answer")
        return body


def _check_header(endpoint: RemoteEndpoint, response: HTTPResponse) -> None:
    """Refuse any response but results as JSON."""
    if response.status != 200:
        status = f"answered with status {response.status}"
        raise service_failed(endpoint.iri, status)
    media_type, _ = parse_content_type(response.headers.get("Content-Type", ""))
    encoding = response.headers.get("Content-Encoding", "identity")
    if media_type != RESULTS_TYPE or encoding.strip().lower() != "identity":
        raise service_failed(endpoint.iri, f"did not answer with {RESULTS_TYPE}")


def _left(deadline: float) -> float:
    """Return the seconds until a deadline.

    Raises:
        TimeoutError: it has passed.
    """
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _DeadlineSocket:
    """What http.client needs of a socket, with a deadline for all of it."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all data before the deadline."""
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        """Receive some data before the deadline, and return how much."""
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)

    def makefile(self, _: str) -> io.BufferedReader:
        """Return a file that reads from the socket."""
        return io.BufferedReader(_DeadlineReader(self))

    def close(self) -> None:
        """Do nothing: whoever opened the socket closes it."""


class _DeadlineReader(io.RawIOBase):
    """A file that reads from a socket with a deadline."""

    def __init__(self, connected: _DeadlineSocket) -> None:
        super().__init__()
        self._connected = connected

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        return self._connected.receive_into(buffer)
