"""Signatures of the site: Ed25519, over the exact bytes and what they are.

What is signed begins with its type, by the pre-authentication encoding of DSSE, so that a signature of a
manifest is never one of a line of the log. A signature has one spelling: its file is compared byte for byte.

References
----------
Ed25519: RFC 8032. DSSE: Dead Simple Signing Envelope, protocol version 1.0.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serving.model.bundle_error import BundleError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST_TYPE = "application/vnd.cart-outcomes.release-manifest.v1+json"
LOG_TYPE = "application/vnd.cart-outcomes.release-log-entry.v1+json"
"""What is signed: the two never share a signature."""

_KEY_ID, _VALUE = re.compile("[0-9a-f]{16}"), re.compile("[0-9a-f]{128}")


class SignatureError(BundleError):
    """A signature that is missing, unknown or wrong; says which file and how to fix it."""


@dataclass(frozen=True)
class Signature:
    """A signature and the key that it can be verified with.

    Attributes
    ----------
    key : str
        Identifier of the public key, see `key_id`.
    value : str
        64 bytes as hexadecimal digits in lower case.
    """

    key: str
    value: str

    def written(self) -> bytes:
        """Write the signature as its file holds it."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()


def key_id(public_key: Ed25519PublicKey) -> str:
    """Identify a public key.

    Returns
    -------
    key : str
        16 hexadecimal digits of the SHA-256 of its 32 bytes.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    >>> key_id(Ed25519PublicKey.from_public_bytes(bytes(32)))
    '66687aadf862bd77'
    """
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()[:16]


def signed_bytes(content: bytes, kind: str) -> bytes:
    """State what is signed: the type and the content, each with its length.

    Parameters
    ----------
    content : bytes
        The exact bytes of a file or a line.
    kind : str
        Type of the content.

    Examples
    --------
    >>> signed_bytes(b"hello", "text/plain")
    b'DSSEv1 10 text/plain 5 hello'
    """
    return b"DSSEv1 %d %b %d %b" % (len(kind.encode()), kind.encode(), len(content), content)


def read_signature(raw: bytes, file: Path) -> Signature:
    """Read a signature in its only spelling.

    Parameters
    ----------
    raw : bytes
        Content of the file.
    file : Path
        Named in the message.

    Raises
    ------
    SignatureError
        If the content is not exactly what `Signature.written` writes.
    """
    try:
        signature = Signature(**json.loads(raw))
        well_formed = is_well_formed(signature) and signature.written() == raw
    except (ValueError, TypeError, RecursionError):
        well_formed = False
    if not well_formed:
        message = f"{file} is no signature; release the model again: cart-outcomes promote"
        raise SignatureError(message)
    return signature


def is_well_formed(signature: Signature) -> bool:
    """Whether key and value have their form; says nothing about whether the signature is right.

    Examples
    --------
    >>> is_well_formed(Signature("66687aadf862bd77", "0" * 128)), is_well_formed(Signature("", ""))
    (True, False)
    """
    return bool(_KEY_ID.fullmatch(signature.key) and _VALUE.fullmatch(signature.value))


def is_valid(signature: Signature, content: bytes, kind: str, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether a signature is right, and of one of the keys.

    Parameters
    ----------
    signature : Signature
    content : bytes
        The exact bytes of a file or a line.
    kind : str
        What the content is, `MANIFEST_TYPE` or `LOG_TYPE`.
    keys : mapping of str to Ed25519PublicKey
        Pinned public keys by `key_id`.
    """
    # A service whose releases are not signed starts without this library.
    from cryptography.exceptions import InvalidSignature

    if signature.key not in keys or not is_well_formed(signature):
        return False
    try:
        keys[signature.key].verify(bytes.fromhex(signature.value), signed_bytes(content, kind))
    except InvalidSignature:
        return False
    return True
