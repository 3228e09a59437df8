"""The public keys that a site accepts: a list in one file, so that keys rotate with an overlap."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from serving.release.signature import SignatureError, key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RELEASE_KEYS_VARIABLE = "CART_OUTCOMES_RELEASE_KEYS"
"""Path of the file of public keys; releases are not verified by signature where it is empty or not set."""

LARGEST_BYTES = 2**20

PublicKeys = Mapping[str, "Ed25519PublicKey"]
"""Accepted keys by their identifiers."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)


def accepted_release_keys(environment: Mapping[str, str] = os.environ) -> PublicKeys | None:
    """Read the keys that the environment names; None where it names none.

    Parameters
    ----------
    environment : mapping of str to str

    Raises
    ------
    SignatureError
        If the file cannot be used.
    """
    stated = environment.get(RELEASE_KEYS_VARIABLE, "")
    return read_public_keys(Path(stated)) if stated else None


def read_public_keys(path: Path) -> PublicKeys:
    """Read the public keys of a file, one PEM block a key; text between the blocks is ignored.

    Parameters
    ----------
    path : Path

    Returns
    -------
    keys : mapping of str to Ed25519PublicKey
        At least one.

    Raises
    ------
    SignatureError
        If the file cannot be read, others can write to it, or it holds anything but public keys of Ed25519.
    """
    keys = [_public_key(block.group(), path) for block in _BLOCK.finditer(_content(path))]
    if not keys:
        message = f"{path} holds no public key; name the .pub file that `cart-outcomes release keygen` wrote"
        raise SignatureError(message)
    return {key_id(key): key for key in keys}


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_BYTES:
                message = f"{path} is no file of public keys"
                raise SignatureError(message)
            if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                message = f"{path}: other users can write to this file; run chmod go-w {path}"
                raise SignatureError(message)
            return file.read()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise SignatureError(message) from None


def _public_key(block: bytes, path: Path) -> Ed25519PublicKey:
    # A service whose releases are not signed starts without this library.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm):
        # OpenSSL's words may quote what it read.
        key = None
    if not isinstance(key, Ed25519PublicKey):
        message = f"{path} holds something else than public keys of Ed25519; keep private keys elsewhere"
        raise SignatureError(message)
    return key


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting: a pipe would wait for another program."""
    return os.open(path, flags | os.O_NONBLOCK)
