"""Signatures: right for one key, one content and one type, in one spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from serving.release.signature import (
    LOG_TYPE,
    MANIFEST_TYPE,
    Signature,
    SignatureError,
    is_valid,
    key_id,
    read_signature,
)
from training.release.signing_key import SigningKey

FILE = Path("signature.json")

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group of Ed25519."""


@pytest.fixture
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def public(key: SigningKey) -> dict[str, Ed25519PublicKey]:
    return {key.id: key.private.public_key()}


def test_a_signature_is_right_for_its_bytes_alone(key: SigningKey) -> None:
    """Neither for other bytes, nor for another type, nor for another key."""
    signature = key.sign(b"content", MANIFEST_TYPE)
    other = SigningKey(Ed25519PrivateKey.generate())
    assert is_valid(signature, b"content", MANIFEST_TYPE, public(key))
    assert not is_valid(signature, b"content ", MANIFEST_TYPE, public(key))
    assert not is_valid(signature, b"content", LOG_TYPE, public(key))
    assert not is_valid(signature, b"content", MANIFEST_TYPE, public(other))
    assert not is_valid(signature, b"content", MANIFEST_TYPE, {key.id: other.private.public_key()})


def test_the_first_vector_of_rfc_8032() -> None:
    """Key and signature of its section 7.1, test 1, over the empty message: the library is the standard's."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signed = Ed25519PrivateKey.from_private_bytes(secret).sign(b"").hex()
    assert signed == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_a_second_signature_of_the_same_bytes_is_not_made_from_the_first(key: SigningKey) -> None:
    """Adding the order of the group gives the same point: a lax verifier would accept both."""
    signature = key.sign(b"content", MANIFEST_TYPE)
    raw = bytes.fromhex(signature.value)
    scalar = (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    other = Signature(signature.key, (raw[:32] + scalar).hex())
    assert not is_valid(other, b"content", MANIFEST_TYPE, public(key))


def test_a_signature_is_read_as_it_was_written(key: SigningKey) -> None:
    """And in no other spelling, so that no byte of its file can be changed."""
    signature = key.sign(b"content", MANIFEST_TYPE)
    raw = signature.written()
    assert read_signature(raw, FILE) == signature
    for other in (
        raw.replace(b"\n", b""),
        raw + b"\n",
        raw.upper(),
        raw.replace(b'"key"', b'"kid"'),
        raw.replace(signature.value.encode(), signature.value[:-2].encode()),
        b"[]",
        b"[" * 100_000,
        b"\xff",
        b"{}",
        b'{"key": 1, "value": 2}',
    ):
        with pytest.raises(SignatureError, match=r"signature\.json is no signature; release the model again"):
            read_signature(other, FILE)


def test_a_malformed_signature_is_not_valid(key: SigningKey) -> None:
    """Even where its key is known."""
    assert not is_valid(Signature(key.id, "00"), b"", MANIFEST_TYPE, public(key))


def test_a_key_is_known_by_its_bytes(key: SigningKey) -> None:
    """The identifier is not shown by the secret's repr."""
    assert key.id == key_id(key.private.public_key())
    assert repr(key) == "SigningKey()"
