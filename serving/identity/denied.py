"""Why a caller is refused: codes for the operator's log and counters; a caller gets no reason of a 401."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """Code of a refusal, as logs and counters name it."""

    NO_CREDENTIALS = "no_credentials"
    TWO_CREDENTIALS = "two_credentials"
    UNKNOWN_SCHEME = "unknown_scheme"
    MALFORMED_KEY = "malformed_key"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED_KEY = "expired_key"
    REVOKED_KEY = "revoked_key"
    MALFORMED_TOKEN = "malformed_token"
    UNKNOWN_ISSUER = "unknown_issuer"
    REFUSED_ALGORITHM = "refused_algorithm"
    UNKNOWN_SIGNER = "unknown_signer"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_CLAIMS = "wrong_claims"
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED_TOKEN = "expired_token"
    EARLY_TOKEN = "early_token"
    LONG_TOKEN = "long_token"
    REPLAYED_TOKEN = "replayed_token"
    MALFORMED_SIGN_ON = "malformed_sign_on"
    SECRET_IN_ADDRESS = "secret_in_address"
    MISSING_SCOPE = "missing_scope"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_MANY_TOKENS = "too_many_tokens"


STATUS: Mapping[Reason, int] = {
    Reason.SECRET_IN_ADDRESS: 400,
    Reason.MISSING_SCOPE: 403,
    Reason.TOO_MANY_REQUESTS: 429,
    Reason.TOO_MANY_TOKENS: 503,
}
"""HTTP status of a refusal; all others are 401, which says no more."""


class Denied(Exception):
    """A caller that is refused.

    Parameters
    ----------
    reason : Reason
    retry_after : int
        Seconds after which the caller may try again; 0 where time changes nothing.

    Examples
    --------
    >>> Denied(Reason.UNKNOWN_KEY).status, Denied(Reason.TOO_MANY_REQUESTS, retry_after=7).status
    (401, 429)
    """

    def __init__(self, reason: Reason, *, retry_after: int = 0) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        """Have a copy, such as one from another process, made from the same arguments."""
        return type(self), (self.reason,), vars(self)

    @property
    def status(self) -> int:
        """HTTP status code of the answer."""
        return STATUS.get(self.reason, 401)
