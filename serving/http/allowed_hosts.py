"""Which names the service answers to: a page of another site must not reach it under a name of its own."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

ALLOWED_HOSTS_VARIABLE = "CART_OUTCOMES_ALLOWED_HOSTS"
"""Further names, separated by commas, such as ``risk.hospital.example,*.internal.example``."""

ALWAYS = frozenset({"localhost", "127.0.0.1", "::1"})

HOST = re.compile(r"(?:\[(?P<ipv6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9._-]{1,253}))(?::[0-9]{1,5})?")
ENTRY = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?")


class HostError(ValueError):
    """A name that cannot be allowed; says why."""


@dataclass(frozen=True)
class AllowedHosts:
    """Names and addresses that a request may be sent to.

    Attributes
    ----------
    names : frozenset of str
        In lower case, IPv6 addresses without brackets.
    domains : frozenset of str
        ``.internal.example`` for every name that ends so.
    """

    names: frozenset[str] = ALWAYS
    domains: frozenset[str] = frozenset()

    def allows(self, host: str, *, own_address: str = "") -> bool:
        """Say whether a request may be sent to a host.

        Parameters
        ----------
        host : str
            The header ``Host``; the port is not looked at.
        own_address : str
            Of this machine, where the connection arrived.

        Examples
        --------
        >>> hosts = allowed_hosts(["risk.hospital.example", "*.internal.example"])
        >>> [hosts.allows(host) for host in ("localhost:3000", "Risk.Hospital.Example", "a.internal.example")]
        [True, True, True]
        >>> [hosts.allows(host) for host in ("attacker.example", "localhost.attacker.example", "")]
        [False, False, False]
        >>> hosts.allows("10.1.2.3:3000", own_address="10.1.2.3")
        True
        """
        name = host_name(host)
        if name is None:
            return False
        known = name in self.names or name.endswith(tuple(self.domains))
        return known or name == _plain(own_address)


def allowed_hosts(entries: Iterable[str]) -> AllowedHosts:
    """Add names to those that are always allowed.

    Raises
    ------
    HostError
        If an entry is no name.

    Examples
    --------
    >>> allowed_hosts(["https://a.example"])
    Traceback (most recent call last):
        ...
    serving.http.allowed_hosts.HostError: 'https://a.example' is not a host; enter a name or an address, \
such as risk.example
    """
    names, domains = set(ALWAYS), set()
    for entry in (part.strip().lower() for part in entries):
        if entry.startswith("*."):
            domains.add(_checked(entry)[1:])
        elif entry:
            names.add(_checked(entry))
    return AllowedHosts(frozenset(names), frozenset(domains))


def environment_hosts(environment: Mapping[str, str] = os.environ) -> AllowedHosts:
    """Read the allowed names from `ALLOWED_HOSTS_VARIABLE`.

    Examples
    --------
    >>> environment_hosts({"CART_OUTCOMES_ALLOWED_HOSTS": "risk.example"}).allows("risk.example")
    True
    """
    return allowed_hosts(environment.get(ALLOWED_HOSTS_VARIABLE, "").split(","))


@lru_cache(maxsize=64)
def host_name(host: str) -> str | None:
    """Take the name or address out of a header ``Host``; None where it holds neither.

    Examples
    --------
    >>> host_name("LocalHost:3000"), host_name("[::1]:3000"), host_name("user@localhost")
    ('localhost', '::1', None)
    """
    match = HOST.fullmatch(host.lower())
    return _plain(match["ipv6"] or match["name"]) if match else None


def is_address(host: str) -> bool:
    """Say whether a header ``Host`` holds an IP address: no name of any site leads to one.

    Examples
    --------
    >>> is_address("10.1.2.3:3000"), is_address("attacker.example")
    (True, False)
    """
    try:
        ipaddress.ip_address(host_name(host) or "")
    except ValueError:
        return False
    return True


def _checked(entry: str) -> str:
    try:
        return str(ipaddress.ip_address(entry.strip("[]")))
    except ValueError:
        pass
    if not ENTRY.fullmatch(entry):
        message = f"{entry!r} is not a host; enter a name or an address, such as risk.example"
        raise HostError(message)
    return entry


def _plain(name: str) -> str:
    """Write addresses in one way, names without the dot of the root."""
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        return name.lower().removesuffix(".")
