"""Who asks and what the caller may do; never the secret that showed it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["predict", "read", "outcome", "admin"]
"""What a caller may do. None implies another."""

SCOPES: tuple[Scope, ...] = get_args(Scope)

Kind = Literal["key", "token", "proxy"]
"""How a caller was recognized."""

DIGEST_CHARACTERS = 16
"""Length of the digest by which a log names a person."""


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    kind : str
        How the caller was recognized.
    name : str
        Identifier of an API key, or the keyed digest of a person's name; neither is secret.
    scopes : frozenset of str
        What the caller may do.

    Examples
    --------
    >>> Caller("key", "1a2b3c4d", frozenset({"read"})).label
    'key:1a2b3c4d'
    """

    kind: Kind
    name: str
    scopes: frozenset[Scope]

    @property
    def label(self) -> str:
        """The caller as the request log and the rate limit name it."""
        return f"{self.kind}:{self.name}"


def known_scopes(stated: object) -> frozenset[Scope]:
    """Read the scopes of a claim; those that this service does not know are left out.

    Parameters
    ----------
    stated : object
        Text with spaces between the scopes (RFC 8693), or a list of texts; anything else has no scopes.

    Examples
    --------
    >>> sorted(known_scopes("openid read predict"))
    ['predict', 'read']
    >>> known_scopes(["admin", 3]), known_scopes(None)
    (frozenset({'admin'}), frozenset())
    """
    claimed = stated.split() if isinstance(stated, str) else stated if isinstance(stated, list) else ()
    return frozenset(scope for scope in SCOPES if scope in claimed)


def digest_of_name(*parts: str, key: bytes) -> str:
    """Name a person without the name: the same person has the same digest while the key is the same.

    Parameters
    ----------
    *parts : str
        Such as issuer and subject.
    key : bytes
        Without it, names could be tried out until one has the digest.

    Returns
    -------
    digest : str
        `DIGEST_CHARACTERS` hexadecimal digits of HMAC-SHA256.

    Examples
    --------
    >>> digest_of_name("Dr. A", key=b"k") == digest_of_name("Dr. A", key=b"k")
    True
    >>> digest_of_name("a", "bc", key=b"k") == digest_of_name("ab", "c", key=b"k")
    False
    """
    message = b"".join(b"%d:%s" % (len(raw), raw) for raw in (part.encode("utf-8") for part in parts))
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:DIGEST_CHARACTERS]
