"""The log of releases: the first line that was altered, removed, added or cut is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.release.manifest import GateResult, Manifest
from serving.release.public_keys import PublicKeys
from serving.release.release_log import UNSIGNED, Line, Log, next_entry, parsed_log
from serving.release.signature import LOG_TYPE, SignatureError
from training.release.signing_key import SigningKey

FILE = Path("releases.jsonl")
OLD, NEW = (SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)) for number in (1, 2))


def manifest(version: str) -> Manifest:
    digest = f"sha256:{'ab' * 32}"
    return Manifest(
        stored=f"v{version}-x",
        version=version,
        bundle_digest=digest,
        release_digest=digest,
        promoted_by="Отдел 3",
        promoted_at="2026-01-01T00:00:00+00:00",
        gate=GateResult(result="passed"),
        files={},
    )


def log_of(*keys: SigningKey | None) -> Log:
    """Make a log with a line for each key."""
    log: list[Line] = []
    for number, key in enumerate(keys, start=1):
        entry = next_entry(log, manifest(str(number)), f"sha256:{number:064x}")
        log.append(Line(entry, key.sign(entry.written(), LOG_TYPE) if key else UNSIGNED))
    return tuple(log)


def written(log: Log) -> bytes:
    return b"".join(line.written() + b"\n" for line in log)


def public(*keys: SigningKey) -> PublicKeys:
    return {key.id: key.private.public_key() for key in keys}


def fault(raw: bytes, *keys: SigningKey) -> str:
    """Read and verify a log; give the refusal."""
    with pytest.raises(SignatureError) as refused:
        parsed_log(raw, FILE, public(*keys))
    return str(refused.value).partition(". ")[0]


def test_a_log_is_read_as_it_was_written() -> None:
    """The empty one too."""
    log = log_of(OLD, OLD, OLD)
    for keys in (None, public(OLD)):
        assert parsed_log(written(log), FILE, keys) == log
        assert parsed_log(b"", FILE, keys) == ()


def test_every_changed_byte_is_found() -> None:
    """Each byte of the log is changed in turn, in one bit."""
    raw = written(log_of(None, OLD, OLD))
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        assert fault(bytes(changed), OLD).startswith("releases.jsonl, line ")


def test_the_first_broken_line_is_named() -> None:
    """With what is wrong."""
    log = log_of(OLD, OLD, OLD)
    first, second, third = (line.written() + b"\n" for line in log)
    assert fault(first + third, OLD) == "releases.jsonl, line 2: it does not follow the line before"
    assert fault(first + second + second, OLD) == "releases.jsonl, line 3: it does not follow the line before"
    assert fault(second + third, OLD) == "releases.jsonl, line 1: it does not follow the line before"
    assert fault(first + second + third[:-9], OLD) == "releases.jsonl, line 3: it was altered"
    assert fault(first + second + third[:-1], OLD) == "releases.jsonl, line 3: it is cut off"
    assert fault(first + b"\n" + second, OLD) == "releases.jsonl, line 2: it was altered"
    assert fault(first + b"{}\n", OLD) == "releases.jsonl, line 2: it was altered"
    assert fault(first + b'{"entry": {}, "key": "", "value": ""}\n', OLD).endswith("2: it was altered")


def test_a_line_signed_by_somebody_else_is_found() -> None:
    """Hashes alone do not say who wrote a line."""
    forged = replace(log_of(OLD)[0], signature=NEW.sign(b"other", LOG_TYPE))
    claimed = replace(forged, signature=replace(forged.signature, key=OLD.id))
    assert fault(written((forged,)), OLD).endswith("it is the last, and no accepted key has signed it")
    assert fault(written((claimed,)), OLD).endswith("line 1: its signature is wrong")


def test_an_unsigned_line_after_a_signed_one_is_found() -> None:
    """Before the first signed line it is vouched for by that line."""
    parsed_log(written(log_of(None, None, OLD)), FILE, public(OLD))
    assert fault(written(log_of(OLD, None, OLD)), OLD) == (
        "releases.jsonl, line 2: it is not signed, and the line before is"
    )
    assert fault(written(log_of(None)), OLD).endswith(
        "line 1: it is the last, and no accepted key has signed it"
    )


def test_keys_rotate() -> None:
    """Both are accepted during the overlap; later the old lines are vouched for by the new ones."""
    raw = written(log_of(OLD, NEW))
    parsed_log(raw, FILE, public(OLD, NEW))
    parsed_log(raw, FILE, public(NEW))
    assert fault(raw, OLD).endswith("line 2: it is the last, and no accepted key has signed it")
