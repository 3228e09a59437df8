"""Tokens of a site's issuer (JWT): signed by a pinned key, for this service, not too old, perhaps once."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws

from serving.identity.caller import Caller, digest_of_name, known_scopes
from serving.identity.denied import Denied, Reason
from serving.identity.followed_file import FollowedFile
from serving.identity.signers import Algorithm, Signers
from serving.identity.token_claims import LEEWAY_SECONDS, Claims, check_claims, check_life, name_of
from serving.identity.token_memory import Checked, CheckedTokens, OnceOnly

MOST_TOKEN_CHARACTERS = 8192
PARTS = 3
TYPES = frozenset({"jwt", "at+jwt"})
"""What the header may name as type, in lower case (RFC 9068)."""


@dataclass(frozen=True)
class Issuer:
    """Whose tokens are accepted, and how they must be.

    Attributes
    ----------
    name : str
        Claim ``iss``.
    audience : str
        Claim ``aud``, or one of it.
    algorithms : tuple of str
        Signatures that are accepted.
    scopes_claim : str
        Where the scopes are.
    once : bool
        Whether each token is accepted once, by its ``jti``.
    signers : FollowedFile of Signers
        Pinned public keys.
    """

    name: str
    audience: str
    algorithms: tuple[Algorithm, ...]
    scopes_claim: str
    once: bool
    signers: FollowedFile[Signers]


class TokenCheck:
    """Checks tokens; remembers those that were right until they expire.

    Parameters
    ----------
    issuers : iterable of Issuer
        Each with a name of its own.
    digest_key : bytes
        For the digests by which logs name persons.
    """

    def __init__(self, issuers: Iterable[Issuer], *, digest_key: bytes) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._digest_key = digest_key
        self._checked, self._once = CheckedTokens(), OnceOnly()

    def caller(self, token: str, *, now: float) -> Caller:
        """Say whose token this is.

        Parameters
        ----------
        token : str
            As the caller sent it.
        now : float
            Seconds since 1970.

        Raises
        ------
        Denied
            If anything about it is not as it must be.
        """
        header, claims = _read(token)
        issuer = self._issuer(claims)
        signers, version = issuer.signers.current(), issuer.signers.version
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = self._checked.get(digest, now=now)
        if known is not None and known.version == version:
            return known.caller
        _check_signature(token, header, issuer, signers)
        expires = check_claims(claims, audience=issuer.audience, now=now)
        caller = self._named(claims, issuer)
        if issuer.once:
            check_life(expires, now)
            self._once.add(issuer.name, name_of(claims, "jti"), expires=expires + LEEWAY_SECONDS, now=now)
        else:
            self._checked.add(digest, Checked(caller, expires + LEEWAY_SECONDS, version))
        return caller

    def _issuer(self, claims: Claims) -> Issuer:
        issuer = self._issuers.get(name_of(claims, "iss"))
        if issuer is None:
            raise Denied(Reason.UNKNOWN_ISSUER)
        return issuer

    def _named(self, claims: Claims, issuer: Issuer) -> Caller:
        name = digest_of_name(issuer.name, name_of(claims, "sub"), key=self._digest_key)
        return Caller("token", name, known_scopes(claims.get(issuer.scopes_claim)))


def _read(token: str) -> tuple[Claims, Claims]:
    """Read header and claims, which are not believed yet."""
    parts = token.split(".")
    if len(token) > MOST_TOKEN_CHARACTERS or len(parts) != PARTS or not token.isascii():
        raise Denied(Reason.MALFORMED_TOKEN)
    header, claims, _ = map(_bytes, parts)
    return _object(header), _object(claims)


def _bytes(part: str) -> bytes:
    """Read base64 as it is written in one way only, so that no other text is the same token."""
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except NotBase64:
        raw = b""
    if not raw or urlsafe_b64encode(raw).rstrip(b"=") != part.encode("ascii"):
        raise Denied(Reason.MALFORMED_TOKEN)
    return raw


def _object(raw: bytes) -> Mapping[str, Any]:
    """Read a JSON object; two members of one name would be read in two ways."""
    try:
        document = json.loads(raw, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise Denied(Reason.MALFORMED_TOKEN) from None
    if not isinstance(document, dict):
        raise Denied(Reason.MALFORMED_TOKEN)
    return document


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Denied(Reason.MALFORMED_TOKEN)
    return members


def _check_signature(token: str, header: Claims, issuer: Issuer, signers: Signers) -> None:
    """Check the signature; a header that wants another key, or something unknown here, is refused."""
    if header.get("alg") not in issuer.algorithms or "crit" in header or "b64" in header:
        raise Denied(Reason.REFUSED_ALGORITHM)
    if str(header.get("typ", "JWT")).lower() not in TYPES:
        raise Denied(Reason.MALFORMED_TOKEN)
    key = signers.key(header.get("kid"))
    if key is None:
        raise Denied(Reason.UNKNOWN_SIGNER)
    registry = jws.JWSRegistry(algorithms=[str(header["alg"])], strict_check_header=False)
    try:
        jws.deserialize_compact(token, key, registry=registry)
    except Exception:  # whatever a forged token makes the library raise, it is refused
        raise Denied(Reason.WRONG_SIGNATURE) from None
