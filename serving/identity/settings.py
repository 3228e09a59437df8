"""The settings of identity: a TOML file, with the files that it names."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from serving.identity.caller import Scope
from serving.identity.private_file import SettingsError, read_toml
from serving.identity.proxies import Network
from serving.identity.request_rate import DEFAULT_RATE, DEFAULT_STORAGE
from serving.identity.signers import Algorithm

RESERVED_HEADERS = frozenset(
    {"authorization", "host", "cookie", "content-type", "content-length", "accept", "connection"}
)
"""Headers that mean something else; names that start with ``x-forwarded`` do too."""


def _address(stated: str) -> str:
    try:
        network = ipaddress.ip_network(stated)
    except ValueError as error:
        message = f"must be an address or a network such as 10.1.0.0/16 ({error})"
        raise ValueError(message) from None
    if network.prefixlen == 0:
        message = "must not be every address: anyone could name a person then"
        raise ValueError(message)
    return stated


def _header(stated: str) -> str:
    name = stated.lower()
    if name in RESERVED_HEADERS or name.startswith("x-forwarded"):
        message = "must be a header of its own, such as X-Remote-User"
        raise ValueError(message)
    return name


Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Without control characters, which no path has."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class IssuerSettings(_Part):
    """An issuer of tokens."""

    name: Words
    audience: Words
    keys: Words
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)]
    scopes_claim: Words = "scope"
    once: bool = False


class ProxySettings(_Part):
    """The proxies in front, and what a person who signed on there may do."""

    addresses: Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], Field(min_length=1)]
    user_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$"), AfterValidator(_header)] = (
        "x-remote-user"
    )
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("predict", "read")

    @property
    def networks(self) -> tuple[Network, ...]:
        """The addresses as networks."""
        return tuple(map(ipaddress.ip_network, self.addresses))


class IdentitySettings(_Part):
    """Who may ask, as a site states it; paths are relative to the file."""

    keys: Words | None = None
    caller_digest_key: Words | None = None
    open_metrics: bool = False
    rate: Words = DEFAULT_RATE
    rate_storage: Annotated[Words, Field(repr=False)] = DEFAULT_STORAGE
    issuers: tuple[IssuerSettings, ...] = ()
    proxy: ProxySettings | None = None


def read_settings(path: Path) -> IdentitySettings:
    """Read the settings.

    Parameters
    ----------
    path : Path
        TOML file.

    Returns
    -------
    settings : IdentitySettings

    Raises
    ------
    SettingsError
        With every mistake by its place in the file, and without the values.
    """
    return checked_settings(read_toml(path), path.name)


def checked_settings(stated: Mapping[str, Any], name: str) -> IdentitySettings:
    """Check the settings of a file.

    Parameters
    ----------
    stated : mapping
        As TOML states them.
    name : str
        Of the file, for messages.

    Raises
    ------
    SettingsError
        With every mistake.

    Examples
    --------
    >>> checked_settings({"rat": 3}, "identity.toml")
    Traceback (most recent call last):
        ...
    serving.identity.private_file.SettingsError: identity.toml: rat: Extra inputs are not permitted
    """
    try:
        settings = IdentitySettings.model_validate(stated)
    except ValidationError as error:
        problems = dict.fromkeys(map(_problem, error.errors(include_input=False, include_url=False)))
        message = f"{name}: {'; '.join(problems)}"
        raise SettingsError(message) from None
    names = [issuer.name for issuer in settings.issuers]
    if len(set(names)) < len(names):
        message = f"{name}: two issuers have the same name"
        raise SettingsError(message)
    return settings


def _problem(mistake: Mapping[str, Any]) -> str:
    """Name the location as the file has it, counted from 1: "issuers 2 algorithms: Field required"."""
    located = (str(part + 1) if isinstance(part, int) else str(part) for part in mistake["loc"])
    return f"{' '.join(located)}: {mistake.get('ctx', {}).get('error', mistake['msg'])}"
