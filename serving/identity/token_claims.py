"""What a token must say of itself (RFC 7519, RFC 8725): for whom it is, from when, until when, of whom."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from serving.identity.denied import Denied, Reason

LEEWAY_SECONDS = 60
"""How far the issuer's clock may be away from this machine's."""

LONGEST_LIFE_WITHOUT_REPLAY_SECONDS = 3600
"""Time for which a token may still be valid where each is accepted once: so long it is remembered."""

LONGEST_NAME = 256
"""Characters of a subject or an identifier."""

HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""A surrogate, which JSON can state alone and no text has."""

Claims = Mapping[str, Any]


def check_claims(claims: Claims, *, audience: str, now: float) -> float:
    """Check times, audience and subject.

    Parameters
    ----------
    claims : mapping
        Of a token whose signature is right.
    audience : str
        For whom it must be.
    now : float
        Seconds since 1970.

    Returns
    -------
    expires : float
        Seconds since 1970, the leeway not added.

    Raises
    ------
    Denied
        If a claim is missing or wrong.

    Examples
    --------
    >>> claims = {"sub": "ward 3", "aud": ["risk"], "exp": 1000, "nbf": 100}
    >>> check_claims(claims, audience="risk", now=1059)
    1000.0
    >>> check_claims(claims, audience="risk", now=1060)
    Traceback (most recent call last):
        ...
    serving.identity.denied.Denied: expired_token
    """
    expires = _time(claims, "exp")
    if expires is None:
        raise Denied(Reason.WRONG_CLAIMS)
    if now >= expires + LEEWAY_SECONDS:
        raise Denied(Reason.EXPIRED_TOKEN)
    for name in ("nbf", "iat"):
        starts = _time(claims, name)
        if starts is not None and starts > now + LEEWAY_SECONDS:
            raise Denied(Reason.EARLY_TOKEN)
    stated = claims.get("aud")
    audiences = [stated] if isinstance(stated, str) else stated
    if not isinstance(audiences, list) or audience not in audiences:
        raise Denied(Reason.WRONG_AUDIENCE)
    name_of(claims, "sub")
    return expires


def name_of(claims: Claims, claim: str) -> str:
    """Read a claim that must be a text.

    Raises
    ------
    Denied
        If it is missing, empty, longer than `LONGEST_NAME`, or no Unicode text.
    """
    name = claims.get(claim)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or HALF_CHARACTER.search(name):
        raise Denied(Reason.WRONG_CLAIMS)
    return name


def check_life(expires: float, now: float) -> None:
    """Refuse a token that would have to be remembered for too long.

    Raises
    ------
    Denied
        If it is valid for more than `LONGEST_LIFE_WITHOUT_REPLAY_SECONDS` from now.
    """
    if expires - now > LONGEST_LIFE_WITHOUT_REPLAY_SECONDS + LEEWAY_SECONDS:
        raise Denied(Reason.LONG_TOKEN)


def _time(claims: Claims, name: str) -> float | None:
    """Read a time in seconds since 1970; None where it is not stated. True is no time."""
    stated = claims.get(name)
    if stated is None:
        return None
    if type(stated) not in (int, float):
        raise Denied(Reason.WRONG_CLAIMS)
    try:
        seconds = float(stated)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise Denied(Reason.WRONG_CLAIMS)
    return seconds
