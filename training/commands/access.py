"""Who may ask the service that `serve` starts: everybody on this machine, or callers that it knows."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused

KeysFile = Annotated[
    str, typer.Option("--keys", metavar="FILE", help="File of API keys (cart-outcomes keys create)")
]
IdentityFile = Annotated[
    str,
    typer.Option(
        "--identity",
        metavar="FILE",
        help="TOML file of issuers of tokens, of a single sign-on proxy and of limits (docs/security.md)",
    ),
]
OpenAccess = Annotated[
    bool,
    typer.Option("--open-access", help="Answer everybody who reaches the address, also from other machines"),
]


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes
    ----------
    keys : Path or None
        File of API keys; that of the environment by default.
    identity : Path or None
        TOML file of the identity settings; that of the environment by default.
    open_access : bool
        Whether other machines may ask without an identity.
    """

    keys: Path | None = None
    identity: Path | None = None
    open_access: bool = False


EVERYBODY_HERE = Access()
"""Identity is off, and the service listens on this machine's own address only."""


def access_environment(access: Access, address: str) -> Mapping[str, str]:
    """Check who may ask, and state it for the service.

    Parameters
    ----------
    access : Access
    address : str
        IP address to listen on.

    Returns
    -------
    environment : mapping of str to str
        Empty where identity is off.

    Raises
    ------
    Refused
        If a file cannot be used or lets no one in, or other machines could ask without an identity.
    """
    # Libraries of tokens take part of a second to import.
    from serving.identity.identity import IDENTITY_VARIABLE, KEYS_VARIABLE

    keys = _given(access.keys, KEYS_VARIABLE)
    settings = _given(access.identity, IDENTITY_VARIABLE)
    if keys is None and settings is None:
        _refuse_other_machines(access, address)
        return {}
    _refuse_unusable(keys, settings)
    named = {KEYS_VARIABLE: keys, IDENTITY_VARIABLE: settings}
    return {variable: "" if path is None else str(path.resolve()) for variable, path in named.items()}


def _given(option: Path | None, variable: str) -> Path | None:
    stated = os.environ.get(variable, "")
    return option or (Path(stated) if stated else None)


def _refuse_other_machines(access: Access, address: str) -> None:
    if access.open_access or ipaddress.ip_address(address).is_loopback:
        return
    message = (
        f"other machines can reach {address}, and nothing says who may ask. Choose one:\n"
        "  API keys: cart-outcomes keys create LABEL, then serve --keys .cart-outcomes/keys.json\n"
        "  tokens or single sign-on: serve --identity FILE (docs/security.md)\n"
        "  everybody: serve --open-access"
    )
    raise Refused(message)


def _refuse_unusable(keys: Path | None, settings: Path | None) -> None:
    """Open the files as the service will, so that a mistake is reported here."""
    from serving.identity.key_file import read_keys, usable
    from serving.identity.open_identity import identity
    from serving.identity.private_file import SettingsError

    try:
        identity(keys=keys, settings=settings)
        if keys is not None and settings is None and not usable(read_keys(keys)):
            message = (
                f"--keys: {keys.name} has no active key; create one with cart-outcomes keys create LABEL"
            )
            raise Refused(message)
    except SettingsError as error:
        option = "--keys" if settings is None else "--identity"
        message = f"{option}: {error}"
        raise Refused(message) from None
