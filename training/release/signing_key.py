"""The site's signing key: made, read and used by commands; the service never needs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from features.files.atomic_write import create_whole, staged
from features.problems import Refused
from serving.identity.private_file import SettingsError, read_private
from serving.release.public_keys import read_public_keys
from serving.release.signature import Signature, is_valid, key_id, signed_bytes

SIGNING_KEY_VARIABLE = "CART_OUTCOMES_SIGNING_KEY"
"""Path of the private key."""
PASSPHRASE_VARIABLE = "CART_OUTCOMES_SIGNING_PASSPHRASE"
PASSPHRASE_FILE_VARIABLE = "CART_OUTCOMES_SIGNING_PASSPHRASE_FILE"
"""The passphrase of the key, or a file that holds it; without both the key is not encrypted."""


@dataclass(frozen=True)
class SigningKey:
    """A key that signs releases.

    Attributes
    ----------
    private : Ed25519PrivateKey
        Not shown by ``repr``.
    """

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def id(self) -> str:
        """Identifier of its public key."""
        return key_id(self.private.public_key())

    def sign(self, content: bytes, kind: str) -> Signature:
        """Sign bytes as what they are, and verify the signature.

        Parameters
        ----------
        content : bytes
            The exact bytes of a file or a line.
        kind : str
            `serving.release.signature.MANIFEST_TYPE` or ``LOG_TYPE``.
        """
        signature = Signature(self.id, self.private.sign(signed_bytes(content, kind)).hex())
        if not is_valid(signature, content, kind, {self.id: self.private.public_key()}):
            message = "the signature could not be verified after signing; check the memory of this machine"
            raise Refused(message)
        return signature


def make_key(path: Path, environment: Mapping[str, str] = os.environ) -> tuple[SigningKey, Path]:
    """Make a key pair: the private key for its owner only, the public key beside it.

    Parameters
    ----------
    path : Path
        Of the private key; PEM (PKCS #8), encrypted if the environment has a passphrase.
    environment : mapping of str to str

    Returns
    -------
    key : SigningKey
    public : Path
        The path with ``.pub`` added.

    Raises
    ------
    Refused
        If one of the two files exists, or the passphrase cannot be read.
    """
    key, public = SigningKey(Ed25519PrivateKey.generate()), path.with_name(f"{path.name}.pub")
    text = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption(environment))
    public_text = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for file in (path, public):
        if file.exists():
            message = f"{file} exists; a key is never replaced: choose another name with --out"
            raise Refused(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    _create(path, text.decode(), private=True)
    _create(public, f"{key.id}\n{public_text.decode()}", private=False)
    public.chmod(0o644)
    read_public_keys(public)
    return key, public


def has_passphrase(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment has a passphrase of the signing key.

    Raises
    ------
    Refused
        If the file of the passphrase cannot be used.
    """
    return _passphrase(environment) is not None


def signing_key(path: Path | None, environment: Mapping[str, str] = os.environ) -> SigningKey | None:
    """Read the key that releases are signed with.

    Parameters
    ----------
    path : Path or None
        Of the private key; the one that the environment names by default.
    environment : mapping of str to str

    Returns
    -------
    key : SigningKey or None
        None where no key is named: releases are not signed then.

    Raises
    ------
    Refused
        If the file cannot be read, other users can read it, it is no private key of Ed25519, or the
        passphrase is missing or wrong.
    """
    stated = environment.get(SIGNING_KEY_VARIABLE, "")
    path = path or (Path(stated) if stated else None)
    return None if path is None else SigningKey(_read(path, environment))


def _read(path: Path, environment: Mapping[str, str]) -> Ed25519PrivateKey:
    passphrase = _passphrase(environment)
    try:
        raw = read_private(path)
        # Without "ENCRYPTED" a passphrase of the environment belongs to another key.
        key = load_pem_private_key(raw, passphrase if b"BEGIN ENCRYPTED" in raw else None)
    except SettingsError as error:
        raise Refused(str(error)) from None
    except TypeError:
        message = f"{path} is encrypted; set {PASSPHRASE_VARIABLE} or {PASSPHRASE_FILE_VARIABLE}"
        raise Refused(message) from None
    except (ValueError, UnsupportedAlgorithm):
        message = f"{path} cannot be used: it is no private key in PEM, or the passphrase is wrong"
        raise Refused(message) from None
    if not isinstance(key, Ed25519PrivateKey):
        message = f"{path} is a key of another kind; make one with cart-outcomes release keygen"
        raise Refused(message)
    return key


def _encryption(environment: Mapping[str, str]) -> KeySerializationEncryption:
    passphrase = _passphrase(environment)
    return BestAvailableEncryption(passphrase) if passphrase else NoEncryption()


def _passphrase(environment: Mapping[str, str]) -> bytes | None:
    stated, file = (environment.get(name, "") for name in (PASSPHRASE_VARIABLE, PASSPHRASE_FILE_VARIABLE))
    if not file:
        return stated.encode() or None
    try:
        return read_private(Path(file)).rstrip(b"\r\n") or None
    except SettingsError as error:
        message = f"{PASSPHRASE_FILE_VARIABLE}: {error}"
        raise Refused(message) from None


def _create(path: Path, text: str, *, private: bool) -> None:
    """Write a new file whole; one that appeared meanwhile is not replaced."""
    with staged(path, text, private=private) as temporary:
        create_whole(temporary, path)
