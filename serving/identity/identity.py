"""Whether a request gets in: by a proxy's sign-on, an API key or a token, and not too often."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from serving.identity.api_key import PREFIX
from serving.identity.caller import Caller
from serving.identity.denied import Denied, Reason
from serving.identity.key_ring import KeyRing
from serving.identity.proxies import Published, TrustedProxies, published

if TYPE_CHECKING:
    from serving.identity.request_rate import RequestRate
    from serving.identity.token_check import TokenCheck

KEYS_VARIABLE = "CART_OUTCOMES_KEYS"
"""Path of the file of API keys."""

IDENTITY_VARIABLE = "CART_OUTCOMES_IDENTITY"
"""Path of the TOML file; identity is off where neither variable is set."""

SCHEME = "bearer "
"""How a key or a token is announced in the header `Authorization`, in lower case."""

IGNORED_SIGN_ON = "ignored_sign_on_header"
"""Code of a sign-on header that a client sent itself."""

SECRET_IN_QUERY = re.compile(
    rb"(?i)cartk_|(?:^|&)(?:api[_-]?key|key|access[_-]?token|token|authorization|jwt)="
)
"""A secret in an address ends up in the logs of every proxy on the way."""

Headers = Iterable[tuple[bytes, bytes]]


@dataclass
class Identity:
    """Who may ask.

    Attributes
    ----------
    keys : KeyRing or None
    tokens : TokenCheck or None
    proxies : TrustedProxies or None
    rate : RequestRate
        For each caller.
    open_metrics : bool
        Whether the counters may be read without an identity.
    note : callable
        Is given a code when something is ignored: a sign-on header that did not come from a proxy.
    """

    rate: RequestRate = field(repr=False)
    keys: KeyRing | None = field(default=None, repr=False)
    tokens: TokenCheck | None = field(default=None, repr=False)
    proxies: TrustedProxies | None = field(default=None, repr=False)
    open_metrics: bool = False
    clock: Callable[[], float] = field(default=time.time, repr=False)
    note: Callable[[str], None] = field(default=lambda _code: None, repr=False)

    async def caller(self, peer: str, headers: Headers, query: bytes = b"") -> Caller:
        """Say who asks, and count the request.

        Parameters
        ----------
        peer : str
            Address at the other end of the connection.
        headers : iterable of pairs of bytes
            As they came; names in lower case.
        query : bytes
            What follows the question mark of the address.

        Raises
        ------
        Denied
            If nothing shows who asks, or what is shown is not right, or the caller asks too often.
        """
        if query and SECRET_IN_QUERY.search(query):
            raise Denied(Reason.SECRET_IN_ADDRESS)
        caller = self._recognized(peer, headers)
        await self.rate.count(caller)
        return caller

    def published(self, peer: str, headers: Headers) -> Published:
        """Say how a proxy publishes the service; what others state of it is left out."""
        if self.proxies is None or not self.proxies.trust(peer):
            return Published()
        return published(headers)

    def _recognized(self, peer: str, headers: Headers) -> Caller:
        credentials: list[bytes] = []
        names: list[bytes] = []
        user_header = self.proxies.user_header if self.proxies else None
        for name, value in headers:
            if name == b"authorization":
                credentials.append(value)
            elif name == user_header:
                names.append(value)
        if names and self.proxies is not None:
            signed_on = self._signed_on(self.proxies, peer, names)
            if signed_on is not None:
                return signed_on
        if len(credentials) > 1:
            raise Denied(Reason.TWO_CREDENTIALS)
        if not credentials:
            raise Denied(Reason.NO_CREDENTIALS)
        return self._bearer(credentials[0].decode("latin-1"))

    def _signed_on(self, proxies: TrustedProxies, peer: str, names: list[bytes]) -> Caller | None:
        if proxies.trust(peer):
            return proxies.caller(names)
        self.note(IGNORED_SIGN_ON)
        return None

    def _bearer(self, credentials: str) -> Caller:
        if credentials[: len(SCHEME)].lower() != SCHEME:
            raise Denied(Reason.UNKNOWN_SCHEME)
        secret = credentials[len(SCHEME) :].strip(" ")
        if secret.startswith(PREFIX):
            if self.keys is None:
                raise Denied(Reason.UNKNOWN_KEY)
            return self.keys.caller(secret, now=self.clock())
        if self.tokens is None:
            raise Denied(Reason.MALFORMED_KEY)
        return self.tokens.caller(secret, now=self.clock())


def environment_identity(environment: Mapping[str, str] = os.environ) -> Identity | None:
    """Read who may ask, as the environment states it; None where it states nothing.

    Raises
    ------
    SettingsError
        If a file that it names cannot be used, or lets no one in.
    """
    keys, settings = environment.get(KEYS_VARIABLE, ""), environment.get(IDENTITY_VARIABLE, "")
    if not keys and not settings:
        return None
    # A service that everybody may ask starts without the libraries that tokens and limits need.
    from serving.identity.open_identity import identity

    return identity(keys=Path(keys) if keys else None, settings=Path(settings) if settings else None)
