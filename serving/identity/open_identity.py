"""Open what a site's settings of identity name: keys, issuers, proxies and the limit of requests."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from serving.identity.followed_file import FollowedFile
from serving.identity.identity import Identity
from serving.identity.key_ring import key_ring
from serving.identity.private_file import SettingsError, read_private
from serving.identity.proxies import TrustedProxies
from serving.identity.request_rate import request_rate
from serving.identity.settings import IdentitySettings, IssuerSettings, read_settings
from serving.identity.signers import Signers, read_signers
from serving.identity.token_check import Issuer, TokenCheck

SHORTEST_DIGEST_KEY = 32
"""Bytes of the key of the digests by which logs name persons."""


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
