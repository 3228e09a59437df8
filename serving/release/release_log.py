"""The log of releases: JSON lines, each chained to the one before by its hash, and signed.

A line is one release. It is written before the release is served and never changed. A signature covers the
line's own entry, which holds the hash of the line before, and so the whole log up to there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bentoml._internal.configuration.containers import BentoMLContainer
from pydantic import TypeAdapter, ValidationError

from features.files.read_at_once import read_at_once
from serving.model.model_files import sha256
from serving.release.manifest import Manifest
from serving.release.public_keys import PublicKeys
from serving.release.signature import LOG_TYPE, Signature, SignatureError, is_valid, is_well_formed

RELEASE_FOLDER = "cart_outcomes_release"
"""Beside BentoML's stores: the log, bundles that are being prepared, and the journal of a promotion."""
LOG_FILE = "releases.jsonl"

LARGEST_LOG = 256 * 2**20

UNSIGNED = Signature("", "")
"""In a line that was written without a key."""


@dataclass(frozen=True)
class Entry:
    """What a line says of a release.

    Attributes
    ----------
    number : int
        Of the line, from 1.
    previous : str
        Hash of the line before; empty for the first.
    manifest : str
        Digest of the release's manifest.
    stored, version, bundle_digest, promoted_by, promoted_at, why, gate : str
        As the manifest states them; ``gate`` is ``passed`` or ``forced``.
    """

    number: int
    previous: str
    manifest: str
    stored: str
    version: str
    bundle_digest: str
    promoted_by: str
    promoted_at: str
    why: str
    gate: str

    def written(self) -> bytes:
        """Write the entry as it is signed."""
        return json.dumps(vars(self), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Line:
    """A line of the log.

    Attributes
    ----------
    entry : Entry
    signature : Signature
        `UNSIGNED` where no key was named.
    """

    entry: Entry
    signature: Signature

    def written(self) -> bytes:
        """Write the line, without its end."""
        stated = {"entry": vars(self.entry), **vars(self.signature)}
        return json.dumps(stated, ensure_ascii=False).encode()

    @property
    def digest(self) -> str:
        """Hash of the line: the head of the log while it is the last."""
        return f"sha256:{sha256(self.written())}"

    @property
    def is_signed(self) -> bool:
        """Whether a key was named."""
        return self.signature != UNSIGNED


Log = tuple[Line, ...]
_LINE = TypeAdapter(dict[str, object])
_ENTRY = TypeAdapter(Entry)


def next_entry(log: Sequence[Line], manifest: Manifest, digest: str) -> Entry:
    """State the entry that a release adds to a log.

    Parameters
    ----------
    log : sequence of Line
        All lines so far.
    manifest : Manifest
    digest : str
        Of the manifest.
    """
    return Entry(
        number=len(log) + 1,
        previous=log[-1].digest if log else "",
        manifest=digest,
        stored=manifest.stored,
        version=manifest.version,
        bundle_digest=manifest.bundle_digest,
        promoted_by=manifest.promoted_by,
        promoted_at=manifest.promoted_at,
        why=manifest.why,
        gate=manifest.gate.result,
    )


def log_file() -> Path:
    """Find the log of this machine's releases."""
    return Path(BentoMLContainer.bentoml_home.get()) / RELEASE_FOLDER / LOG_FILE


def read_log(keys: PublicKeys | None = None) -> Log:
    """Read the log of this machine and verify it, see `parsed_log`; empty where nothing was logged.

    Raises
    ------
    SignatureError
        With the first broken line.
    """
    file = log_file()
    try:
        return parsed_log(read_at_once(file, most_bytes=LARGEST_LOG), file, keys)
    except FileNotFoundError:
        return ()
    except OSError as error:
        message = f"{file} cannot be read ({error.strerror})"
        raise SignatureError(message) from None


def parsed_log(raw: bytes, file: Path, keys: PublicKeys | None = None) -> Log:
    """Read a log, follow its chain of hashes and verify its signatures.

    A line of a key that is no longer accepted is vouched for by the signed lines after it, and so are the
    unsigned lines before the first signed one.

    Parameters
    ----------
    raw : bytes
        Content of the file.
    file : Path
        Named in messages.
    keys : mapping of str to Ed25519PublicKey or None
        Accepted keys; None follows the chain alone.

    Returns
    -------
    log : tuple of Line

    Raises
    ------
    SignatureError
        With the first line that was altered, removed, added or cut, or whose signature is wrong; with the
        last if no accepted key has signed it.
    """
    log: list[Line] = []
    *complete, rest = raw.split(b"\n")
    for text in [*complete, *([rest] if rest else [])]:
        line = _line(text)
        fault = "it was altered" if line is None else _fault(line, log, keys)
        if line is None or fault:
            raise broken(file, len(log) + 1, fault)
        log.append(line)
    if rest:
        raise broken(file, len(log), "it is cut off")
    if log and keys is not None and log[-1].signature.key not in keys:
        raise broken(file, len(log), "it is the last, and no accepted key has signed it")
    return tuple(log)


def broken(file: Path, number: int, fault: str) -> SignatureError:
    """State which line of a log is broken.

    Examples
    --------
    >>> broken(Path("releases.jsonl"), 3, "it was altered").args[0]
    'releases.jsonl, line 3: it was altered. Keep the file for the inquiry; docs/security.md says what to do'
    """
    remedy = "Keep the file for the inquiry; docs/security.md says what to do"
    return SignatureError(f"{file}, line {number}: {fault}. {remedy}")


def _fault(line: Line, log: Sequence[Line], keys: PublicKeys | None) -> str:
    """State what is wrong with a line after the lines before; empty where nothing is."""
    if (line.entry.number, line.entry.previous) != (len(log) + 1, log[-1].digest if log else ""):
        return "it does not follow the line before"
    if log and log[-1].is_signed and not line.is_signed:
        return "it is not signed, and the line before is"
    accepted = keys or {}
    known = line.signature.key in accepted
    if known and not is_valid(line.signature, line.entry.written(), LOG_TYPE, accepted):
        return "its signature is wrong"
    return ""


def _line(text: bytes) -> Line | None:
    """Read a line in its only spelling; None for anything else."""
    try:
        stated = _LINE.validate_json(text, strict=True)
        entry = _ENTRY.validate_python(stated.pop("entry", None), strict=False)
        line = Line(entry, Signature(str(stated.get("key")), str(stated.get("value"))))
    except (ValidationError, ValueError):
        return None
    signed = line.signature == UNSIGNED or is_well_formed(line.signature)
    return line if signed and line.written() == text else None
