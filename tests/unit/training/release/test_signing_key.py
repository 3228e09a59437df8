"""The signing key: private from its first byte on, never replaced, and of one kind."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from features.problems import Refused
from serving.release.public_keys import read_public_keys
from training.release.signing_key import (
    PASSPHRASE_FILE_VARIABLE,
    PASSPHRASE_VARIABLE,
    SIGNING_KEY_VARIABLE,
    has_passphrase,
    make_key,
    signing_key,
)


def refusal(path: Path, **environment: str) -> str:
    with pytest.raises(Refused) as refused:
        signing_key(path, environment)
    return str(refused.value).replace(str(path), "FILE")


def test_a_pair_is_made(tmp_path: Path) -> None:
    """The private key for its owner, the public key for everybody, and the two belong together."""
    key, public = make_key(tmp_path / "site" / "release.key", {})
    private = tmp_path / "site" / "release.key"
    assert (stat.S_IMODE(private.stat().st_mode), stat.S_IMODE(public.stat().st_mode)) == (0o600, 0o644)
    assert list(read_public_keys(public)) == [key.id]
    read = signing_key(None, {SIGNING_KEY_VARIABLE: str(private)})
    assert read is not None
    assert read.id == key.id
    assert signing_key(None, {}) is None
    assert sorted(file.name for file in private.parent.iterdir()) == ["release.key", "release.key.pub"]


@pytest.mark.parametrize("name", ["k", "k.pub"])
def test_no_key_is_replaced(tmp_path: Path, name: str) -> None:
    """A lost key cannot be made again."""
    (tmp_path / name).write_text("before")
    with pytest.raises(Refused, match=f"{name} exists; a key is never replaced"):
        make_key(tmp_path / "k", {})
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_key_can_be_encrypted(tmp_path: Path) -> None:
    """By a passphrase of the environment, or of a private file."""
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    file.chmod(0o600)
    by_file, by_text = {PASSPHRASE_FILE_VARIABLE: str(file)}, {PASSPHRASE_VARIABLE: "correct horse"}
    key, _ = make_key(tmp_path / "k", by_file)
    assert (tmp_path / "k").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    for environment in (by_file, by_text):
        read = signing_key(tmp_path / "k", environment)
        assert read is not None
        assert read.id == key.id
        assert has_passphrase(environment)
    assert (
        refusal(tmp_path / "k")
        == f"FILE is encrypted; set {PASSPHRASE_VARIABLE} or {PASSPHRASE_FILE_VARIABLE}"
    )
    wrong = refusal(tmp_path / "k", **{PASSPHRASE_VARIABLE: "CANARY"})
    assert wrong == "FILE cannot be used: it is no private key in PEM, or the passphrase is wrong"
    file.chmod(0o644)
    assert "run chmod 600" in refusal(tmp_path / "k", **by_file)


def test_a_passphrase_of_another_key_does_no_harm(tmp_path: Path) -> None:
    """A key that is not encrypted is read without it."""
    make_key(tmp_path / "k", {})
    assert signing_key(tmp_path / "k", {PASSPHRASE_VARIABLE: "other"}) is not None


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever reads it signs as the site."""
    make_key(tmp_path / "k", {})
    (tmp_path / "k").chmod(0o640)
    assert "run chmod 600" in refusal(tmp_path / "k")
    assert refusal(tmp_path / "none").startswith("cannot read")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """It could not sign."""
    other = X25519PrivateKey.generate()
    file = tmp_path / "k"
    file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    assert refusal(file) == "FILE is a key of another kind; make one with cart-outcomes release keygen"
