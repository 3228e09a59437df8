"""The file of accepted keys: public keys of Ed25519 alone, and nobody else may write to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from serving.release.public_keys import (
    LARGEST_BYTES,
    RELEASE_KEYS_VARIABLE,
    accepted_release_keys,
    read_public_keys,
)
from serving.release.signature import SignatureError
from training.release.signing_key import make_key


def refusal(path: Path) -> str:
    with pytest.raises(SignatureError) as refused:
        read_public_keys(path)
    return str(refused.value).replace(str(path), "FILE")


def test_several_keys_are_accepted_at_a_time(tmp_path: Path) -> None:
    """As blocks of one file, so that keys rotate with an overlap."""
    made = [make_key(tmp_path / name, {}) for name in ("old", "new")]
    both = tmp_path / "both.pem"
    both.write_text("# the site's keys\n" + "".join(public.read_text() for _, public in made))
    assert list(read_public_keys(both)) == [key.id for key, _ in made]
    assert accepted_release_keys({}) is None
    assert accepted_release_keys({RELEASE_KEYS_VARIABLE: ""}) is None
    assert len(accepted_release_keys({RELEASE_KEYS_VARIABLE: str(both)}) or ()) == 2


def test_a_private_key_is_refused(tmp_path: Path) -> None:
    """It belongs to the machine that signs, not to the service; the message does not quote it."""
    make_key(tmp_path / "k", {})
    assert refusal(tmp_path / "k") == (
        "FILE holds something else than public keys of Ed25519; keep private keys elsewhere"
    )


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Also a damaged one."""
    public = generate_private_key(65537, 2048).public_key()
    (tmp_path / "rsa").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert "something else than public keys of Ed25519" in refusal(tmp_path / "rsa")
    (tmp_path / "bad").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert "something else than public keys of Ed25519" in refusal(tmp_path / "bad")


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    """An empty list would accept nothing, or, mistaken, everything."""
    (tmp_path / "empty").write_text("")
    assert refusal(tmp_path / "empty") == (
        "FILE holds no public key; name the .pub file that `cart-outcomes release keygen` wrote"
    )


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """They could add a key."""
    _, public = make_key(tmp_path / "k", {})
    public.chmod(mode)
    assert refusal(public) == "FILE: other users can write to this file; run chmod go-w FILE"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Without waiting for a pipe."""
    assert refusal(tmp_path / "none") == "cannot read FILE: No such file or directory"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "FILE is no file of public keys"
    (tmp_path / "large").write_bytes(bytes(LARGEST_BYTES + 1))
    assert refusal(tmp_path / "large") == "FILE is no file of public keys"
