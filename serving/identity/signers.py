"""The public keys by which a site's issuer signs, pinned in a file: nothing in a token chooses another."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from joserfc import jwk
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from serving.identity.private_file import SettingsError, read_public

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""Signatures with a public key. `none` and HMAC, whose key could sign too, are not among them."""

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
"""Members of a JSON Web Key that a public key does not have (RFC 7518)."""

SHORTEST_RSA_BITS = 2048
"""By NIST SP 800-131A; the library warns of a shorter one."""

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class Signers:
    """The pinned keys of one issuer.

    Attributes
    ----------
    by_kid : mapping of str to key
        By the identifier that the issuer gives them.
    only : key or None
        The key of a file that has one alone; a token without ``kid`` is checked by it.
    """

    by_kid: Mapping[str, PublicKey] = field(default_factory=dict, repr=False)
    only: PublicKey | None = field(default=None, repr=False)

    def key(self, kid: object) -> PublicKey | None:
        """Find the key of a token; its ``kid`` is looked up here and nowhere else.

        Parameters
        ----------
        kid : object
            As the token states it; None where it states none.
        """
        if kid is None:
            return self.only
        return self.by_kid.get(kid) if isinstance(kid, str) else None


def read_signers(path: Path) -> Signers:
    """Read a set of public keys (JWKS, RFC 7517).

    Raises
    ------
    SettingsError
        If it cannot be read, is no such set, or has a private or a symmetric key.
    """
    return parsed_signers(read_public(path), path.name)


def parsed_signers(content: bytes, name: str) -> Signers:
    """Check a set of public keys.

    Parameters
    ----------
    content : bytes
        JSON.
    name : str
        Of the file, for messages.

    Raises
    ------
    SettingsError
        With the number of the first key that cannot be used.

    Examples
    --------
    >>> parsed_signers(b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "login.json")
    Traceback (most recent call last):
        ...
    serving.identity.private_file.SettingsError: login.json: key 1 is private or symmetric; take the \
issuer's public keys
    """
    stated = _stated(content, name)
    keys = [_public_key(each, f"{name}: key {number}") for number, each in enumerate(stated, start=1)]
    only = keys[0] if len(keys) == 1 else None
    kids = [each["kid"] for each in stated if isinstance(each.get("kid"), str)]
    if only is None and len(set(kids)) < len(keys):
        message = f"{name}: each key of a set of several needs a kid of its own"
        raise SettingsError(message)
    return Signers(dict(zip(kids, keys, strict=bool(kids))), only)


def _stated(content: bytes, name: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(content)
        keys = document["keys"]
        signing = [key for key in keys if key.get("use", "sig") == "sig"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = f'{name} is no JSON Web Key Set; it must be {{"keys": [...]}}, as the issuer publishes it'
        raise SettingsError(message) from None
    if not signing:
        message = f"{name} has no key for signatures"
        raise SettingsError(message)
    return signing


def _public_key(stated: dict[str, Any], located: str) -> PublicKey:
    if stated.get("kty") == "oct" or PRIVATE_PARTS & stated.keys():
        message = f"{located} is private or symmetric; take the issuer's public keys"
        raise SettingsError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SecurityWarning)
            key = jwk.import_key(stated)
    except SecurityWarning:
        message = f"{located} is too short; an RSA key needs {SHORTEST_RSA_BITS} bits"
        raise SettingsError(message) from None
    except (JoseError, ValueError, TypeError, KeyError):
        message = f"{located} is no RSA, EC or OKP key"
        raise SettingsError(message) from None
    assert isinstance(key, PublicKey)  # symmetric keys were refused above
    return key
