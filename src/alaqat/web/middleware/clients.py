"""Clients: whom the requests of an address, or of a network, are counted for."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_IPV6_PREFIX = 64  # bits: a household or a host has all addresses of such a network
_MAX_REMEMBERED = 10_000


@lru_cache(_MAX_REMEMBERED)
def client_of_address(address: str) -> str:
    """Return the client of an address: IPv6 by its /64, mapped IPv4 as IPv4.

    What is no address, as of a Unix socket, stands for itself.
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))
    return address if parsed is None else str(parsed)


@lru_cache(_MAX_REMEMBERED)
def is_loopback(address: str) -> bool:
    """Return whether an address is of this machine."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def address_of_request(environ: dict[str, Any], proxies: int) -> str:
    """Return the address that a request comes from.

    Args:
        environ: of the request, before other middleware has changed it.
        proxies: how many proxies append to X-Forwarded-For; what is left of that is a
            claim of the client.
    """
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if 0 < proxies <= len(forwarded) and (address := forwarded[-proxies].strip()):
        return address
    return str(environ.get("REMOTE_ADDR", ""))


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4 one if it is mapped to IPv6; None if it is none."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
