"""The reverse proxies in front: who signed on there, and under which address the service is known outside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from serving.identity.caller import Caller, Scope, digest_of_name
from serving.identity.denied import Denied, Reason

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_NAME = 256
"""Bytes of a person's name in the header."""

PREFIX = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){1,8}")
"""A path under which a proxy publishes the service."""

SCHEMES = (b"http", b"https")

PREFIX_HEADER, SCHEME_HEADER = b"x-forwarded-prefix", b"x-forwarded-proto"

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Published:
    """How a proxy publishes the service.

    Attributes
    ----------
    prefix : str
        Path before all of the service's paths; empty for none.
    scheme : str
        ``http`` or ``https``; empty where the proxy does not say.
    """

    prefix: str = ""
    scheme: str = ""


@dataclass(frozen=True)
class TrustedProxies:
    """Proxies that are believed, by their addresses.

    Attributes
    ----------
    networks : tuple of networks
        Addresses from which they connect.
    user_header : bytes
        Lower case; its value is the name of the person who signed on.
    scopes : frozenset of str
        What a person who signed on may do.
    digest_key : bytes
        For the digest by which logs name the person.
    """

    networks: tuple[Network, ...]
    user_header: bytes
    scopes: frozenset[Scope]
    digest_key: bytes = field(repr=False)

    def trust(self, peer: str) -> bool:
        """Say whether a connection comes from one of the proxies.

        Parameters
        ----------
        peer : str
            Address at the other end of the connection, never one of a header.
        """
        return in_networks(peer, self.networks)

    def caller(self, names: list[bytes]) -> Caller | None:
        """Say who signed on; None where the proxy names no one.

        Parameters
        ----------
        names : list of bytes
            Every value of the header, of a request that comes from a proxy.

        Raises
        ------
        Denied
            If there are two names, or one that is too long or has control characters.
        """
        stated = [name.strip() for name in names]
        if not any(stated):
            return None
        if len(stated) > 1:
            raise Denied(Reason.TWO_CREDENTIALS)
        name = stated[0]
        if len(name) > LONGEST_NAME or any(byte < 0x20 or byte == 0x7F for byte in name):
            raise Denied(Reason.MALFORMED_SIGN_ON)
        return Caller("proxy", digest_of_name(name.decode("latin-1"), key=self.digest_key), self.scopes)


@lru_cache(maxsize=1024)
def in_networks(peer: str, networks: tuple[Network, ...]) -> bool:
    """Say whether an address is in one of some networks; a text that is none is in no network.

    Examples
    --------
    >>> inside = (ipaddress.ip_network("10.1.0.0/16"),)
    >>> [in_networks(peer, inside) for peer in ("10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "proxy")]
    [True, True, False, False]
    """
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def published(headers: Headers) -> Published:
    """Read how a trusted proxy publishes the service; what is stated twice, or cannot be, is left out.

    Parameters
    ----------
    headers : iterable of pairs of bytes
        Of a request that comes from a proxy.

    Examples
    --------
    >>> published([(b"x-forwarded-prefix", b"/cart"), (b"x-forwarded-proto", b"https")])
    Published(prefix='/cart', scheme='https')
    >>> published([(b"x-forwarded-prefix", b"//attacker.example"), (b"x-forwarded-proto", b"javascript")])
    Published(prefix='', scheme='')
    """
    stated: dict[bytes, list[bytes]] = {PREFIX_HEADER: [], SCHEME_HEADER: []}
    for name, value in headers:
        if name in stated:
            stated[name].append(value.strip())
    prefix, scheme = (b"".join(values) if len(values) == 1 else b"" for values in stated.values())
    prefix = prefix.rstrip(b"/")
    return Published(
        prefix.decode("ascii") if PREFIX.fullmatch(prefix) else "",
        scheme.decode("ascii") if scheme in SCHEMES else "",
    )
