"""Which releases `serve` accepts: signed by an accepted key, or any on this machine's own address."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused

ReleaseKeys = Annotated[
    str,
    typer.Option(
        "--release-keys",
        metavar="FILE",
        help="Public keys of which one must have signed the release (default: CART_OUTCOMES_RELEASE_KEYS)",
    ),
]
Unsigned = Annotated[
    bool,
    typer.Option("--unsigned", help="Serve a release without verifying a signature, for development"),
]


@dataclass(frozen=True)
class ReleaseTrust:
    """Which releases are accepted.

    Attributes
    ----------
    keys : Path or None
        File of public keys; that of the environment by default.
    unsigned : bool
        Whether no signature is verified, whatever the environment names.
    """

    keys: Path | None = None
    unsigned: bool = False


BY_ENVIRONMENT = ReleaseTrust()
"""The keys that the environment names; without any, only this machine's own address is served."""


def trust_environment(trust: ReleaseTrust, address: str) -> Mapping[str, str]:
    """Check which releases are accepted, and state it for the service.

    Parameters
    ----------
    trust : ReleaseTrust
    address : str
        IP address to listen on.

    Returns
    -------
    environment : mapping of str to str
        The file of public keys by its absolute path; empty text where no signature is verified.

    Raises
    ------
    Refused
        If the keys cannot be used, both options are given, or other machines would be answered by a release
        that nothing verifies.
    """
    # Libraries of cryptography take part of a second to import.
    from serving.release.public_keys import RELEASE_KEYS_VARIABLE, read_public_keys
    from serving.release.signature import SignatureError

    if trust.unsigned:
        if trust.keys is not None:
            message = "name --release-keys or --unsigned, not both"
            raise Refused(message)
        return {RELEASE_KEYS_VARIABLE: ""}
    keys = trust.keys or Path(os.environ.get(RELEASE_KEYS_VARIABLE, ""))
    if keys == Path():
        _refuse_other_machines(address)
        return {RELEASE_KEYS_VARIABLE: ""}
    try:
        read_public_keys(keys)
    except SignatureError as error:
        message = f"--release-keys: {error}"
        raise Refused(message) from None
    return {RELEASE_KEYS_VARIABLE: str(keys.resolve())}


def _refuse_other_machines(address: str) -> None:
    if ipaddress.ip_address(address).is_loopback:
        return
    message = (
        f"other machines can reach {address}, and nothing says which releases are accepted. Choose one:\n"
        "  signed releases: serve --release-keys FILE (docs/security.md)\n"
        "  any release: serve --unsigned"
    )
    raise Refused(message)
