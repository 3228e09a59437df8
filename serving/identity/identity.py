"""Whether a request gets in: by a proxy's sign-on, an API key or a token, and not too often."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serving.identity.api_key import PREFIX
from serving.identity.caller import Caller
from serving.identity.denied import Denied, Reason
from serving.identity.followed_file import FollowedFile
from serving.identity.key_ring import KeyRing, key_ring
from serving.identity.private_file import SettingsError, read_private
from serving.identity.proxies import Published, TrustedProxies, published
from serving.identity.request_rate import RequestRate, request_rate
from serving.identity.settings import (
    IDENTITY_VARIABLE,
    KEYS_VARIABLE,
    IdentitySettings,
    IssuerSettings,
    read_settings,
)
from serving.identity.signers import Signers, read_signers
from serving.identity.token_check import Issuer, TokenCheck

SCHEME = "bearer "
"""How a key or a token is announced in the header `Authorization`, in lower case."""

IGNORED_SIGN_ON = "ignored_sign_on_header"
"""Code of a sign-on header that a client sent itself."""

SHORTEST_DIGEST_KEY = 32
"""Bytes of the key of the digests by which logs name persons."""

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
    return identity(keys=Path(keys) if keys else None, settings=Path(settings) if settings else None)


def identity(*, keys: Path | None = None, settings: Path | None = None) -> Identity:
    """Open the files by which callers are recognized.

    Parameters
    ----------
    keys : Path, optional
        File of API keys; by default that of the settings.
    settings : Path, optional
        TOML file.

    Returns
    -------
    identity : Identity

    Raises
    ------
    SettingsError
        If a file cannot be used, or no way to be recognized is left.
    """
    stated = IdentitySettings() if settings is None else read_settings(settings)
    folder = Path() if settings is None else settings.parent
    if keys is None and stated.keys is not None:
        keys = folder / stated.keys
    if keys is None and not stated.issuers and stated.proxy is None:
        message = "the identity settings let no one in; name keys, issuers or a proxy (docs/security.md)"
        raise SettingsError(message)
    if settings is not None and "@" in stated.rate_storage:
        read_private(settings)  # it has the password of Redis
    digest_key = _digest_key(folder, stated.caller_digest_key)
    return Identity(
        keys=None if keys is None else key_ring(keys),
        tokens=_token_check(stated.issuers, folder, digest_key),
        proxies=_proxies(stated, digest_key),
        rate=request_rate(stated.rate, storage=stated.rate_storage),
        open_metrics=stated.open_metrics,
    )


def _digest_key(folder: Path, file: str | None) -> bytes:
    """Read the key of the digests; without a file, one that lasts as long as this process."""
    if file is None:
        return secrets.token_bytes(SHORTEST_DIGEST_KEY)
    key = read_private(folder / file)
    if len(key) < SHORTEST_DIGEST_KEY:
        message = f"caller_digest_key: {file} must have {SHORTEST_DIGEST_KEY} bytes or more"
        raise SettingsError(message)
    return key


def _token_check(issuers: Iterable[IssuerSettings], folder: Path, digest_key: bytes) -> TokenCheck | None:
    opened = [_issuer(each, folder) for each in issuers]
    return TokenCheck(opened, digest_key=digest_key) if opened else None


def _issuer(stated: IssuerSettings, folder: Path) -> Issuer:
    return Issuer(
        name=stated.name,
        audience=stated.audience,
        algorithms=stated.algorithms,
        scopes_claim=stated.scopes_claim,
        once=stated.once,
        signers=FollowedFile(folder / stated.keys, read_signers, Signers()),
    )


def _proxies(stated: IdentitySettings, digest_key: bytes) -> TrustedProxies | None:
    if stated.proxy is None:
        return None
    return TrustedProxies(
        networks=stated.proxy.networks,
        user_header=stated.proxy.user_header.encode("ascii"),
        scopes=frozenset(stated.proxy.scopes),
        digest_key=digest_key,
    )
