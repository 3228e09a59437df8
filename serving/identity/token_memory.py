"""What is remembered of tokens, within bounds: those that were checked, and those that may not come twice."""

from __future__ import annotations

import hashlib
import heapq
from collections import OrderedDict
from dataclasses import dataclass, field

from serving.identity.caller import Caller
from serving.identity.denied import Denied, Reason

MOST_CHECKED = 1024
"""Tokens whose check is remembered; the one that was used longest ago is forgotten first."""

MOST_ONCE = 100_000
"""Tokens that are remembered until they expire, at about 200 bytes each."""

TRY_AGAIN_SECONDS = 60


@dataclass(frozen=True)
class Checked:
    """A token that was right.

    Attributes
    ----------
    caller : Caller
    expires : float
        Seconds since 1970, the leeway added.
    version : int
        Of the keys by which it was checked.
    """

    caller: Caller
    expires: float
    version: int


@dataclass
class CheckedTokens:
    """Tokens that were right, by their digests, so that a signature is computed once.

    Attributes
    ----------
    most : int
        Tokens that are remembered.
    """

    most: int = MOST_CHECKED
    _tokens: OrderedDict[bytes, Checked] = field(default_factory=OrderedDict, repr=False)

    def get(self, digest: bytes, *, now: float) -> Checked | None:
        """Give what is remembered of a token that has not expired."""
        checked = self._tokens.get(digest)
        if checked is None:
            return None
        if now >= checked.expires:
            del self._tokens[digest]
            return None
        self._tokens.move_to_end(digest)
        return checked

    def add(self, digest: bytes, checked: Checked) -> None:
        """Remember a token, and forget another one if there are too many."""
        self._tokens[digest] = checked
        if len(self._tokens) > self.most:
            self._tokens.popitem(last=False)


@dataclass
class OnceOnly:
    """Identifiers of tokens that are accepted once, until they expire.

    Attributes
    ----------
    most : int
        Identifiers that are remembered at a time.

    Examples
    --------
    >>> seen = OnceOnly()
    >>> seen.add("issuer", "token 1", expires=100.0, now=0.0)
    >>> seen.add("issuer", "token 1", expires=100.0, now=99.0)
    Traceback (most recent call last):
        ...
    serving.identity.denied.Denied: replayed_token
    """

    most: int = MOST_ONCE
    _seen: set[bytes] = field(default_factory=set, repr=False)
    _ends: list[tuple[float, bytes]] = field(default_factory=list, repr=False)

    def add(self, issuer: str, identifier: str, *, expires: float, now: float) -> None:
        """Remember a token.

        Parameters
        ----------
        issuer, identifier : str
            Claims ``iss`` and ``jti``.
        expires, now : float
            Seconds since 1970.

        Raises
        ------
        Denied
            If the token was seen before, or too many are remembered: none is forgotten before it expires.
        """
        while self._ends and self._ends[0][0] <= now:
            self._seen.discard(heapq.heappop(self._ends)[1])
        mark = hashlib.sha256(f"{len(issuer)}:{issuer}{identifier}".encode("utf-8", "replace")).digest()
        if mark in self._seen:
            raise Denied(Reason.REPLAYED_TOKEN)
        if len(self._seen) >= self.most:
            raise Denied(Reason.TOO_MANY_TOKENS, retry_after=TRY_AGAIN_SECONDS)
        self._seen.add(mark)
        heapq.heappush(self._ends, (expires, mark))
