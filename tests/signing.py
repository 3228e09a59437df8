"""Signing keys of a made-up site, and an environment that accepts what they sign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from serving.model.read_bundle import read_bundle
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from training.release.bento_store import move_into_store, point_at, prepare
from training.release.log_writing import log_release
from training.release.sealing import Statement, seal
from training.release.signing_key import SIGNING_KEY_VARIABLE, make_key
from training.release.signing_key import signing_key as read_key


def site_key(folder: Path, name: str = "release.key") -> Path:
    """Make a key pair in a folder; give the file of the private key."""
    make_key(folder / name, {})
    return folder / name


def public(key: Path) -> Path:
    """Find the public key of a private one."""
    return key.with_name(f"{key.name}.pub")


@contextmanager
def accepting(key: Path) -> Iterator[None]:
    """Sign with a key, and accept what it signs, by the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SIGNING_KEY_VARIABLE, str(key))
        patch.setenv(RELEASE_KEYS_VARIABLE, str(public(key)))
        yield


def released(folder: Path, version: str, *, signing_key: Path | None = None, **statement: Any) -> str:
    """Release a bundle folder as a promotion does, without MLflow; give the name of its folder."""
    name = prepare(folder, version)
    line = seal(name, version, read_bundle(folder), Statement(key=read_key(signing_key), **statement))
    log_release(line)
    move_into_store(name)
    point_at(name)
    return name
