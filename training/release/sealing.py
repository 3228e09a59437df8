"""A prepared release is sealed: bill of materials, manifest, signature, and the line for the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from features.problems import Refused
from serving.model.bundle import Bundle
from serving.model.release_file import MANIFEST_FILE, MATERIALS_FILE, SIGNATURE_FILE
from serving.release.manifest import LONGEST_TEXT, GateResult, Manifest, OneLine, manifest_digest
from serving.release.public_keys import RELEASE_KEYS_VARIABLE, PublicKeys, accepted_release_keys
from serving.release.release_log import UNSIGNED, Line, Log, next_entry, read_log
from serving.release.sealed_files import file_digests
from serving.release.signature import LOG_TYPE, MANIFEST_TYPE
from training.release.bento_store import prepared, to_disk
from training.release.materials import bill_of_materials
from training.release.signing_key import SigningKey

_ONE_LINE = TypeAdapter(OneLine)


@dataclass(frozen=True)
class Statement:
    """What a release states beside what it is.

    Attributes
    ----------
    by : str
        Who releases it.
    why : str
        Reason; may be empty.
    key : SigningKey or None
        None leaves the release unsigned.
    forced : str
        Why it is released despite failed checks; empty if all passed.
    reasons : sequence of str
        The failed checks.
    """

    by: str = ""
    why: str = ""
    key: SigningKey | None = field(default=None, repr=False)
    forced: str = ""
    reasons: Sequence[str] = ()

    @property
    def gate(self) -> GateResult:
        """The result of the checks."""
        if not self.reasons:
            return GateResult(result="passed")
        return GateResult(result="forced", forced=self.forced, reasons=list(self.reasons))


def log_to_continue(key: SigningKey | None) -> Log:
    """Read the log that a release will be added to.

    A new line vouches for all before it, so the last of them must be the site's: signed with this key, or
    with one that the environment accepts, as during a rotation.

    Parameters
    ----------
    key : SigningKey or None
        That will sign the release.

    Raises
    ------
    Refused
        If the log is broken, its last line is signed and no key is named, or it is signed with a key that is
        not accepted; if the environment names accepted keys, and this key is none of them.
    """
    log, accepted = read_log(), accepted_release_keys()
    signed = bool(log) and log[-1].is_signed
    if signed and key is None:
        message = (
            f"the release before, version {log[-1].entry.version}, is signed, and no key is named. "
            "Name the signing key: cart-outcomes promote --signing-key FILE"
        )
        raise Refused(message)
    if accepted is not None:
        _refuse_unaccepted(key, accepted)
    return read_log({**(accepted or {}), key.id: key.private.public_key()}) if signed and key else log


def _refuse_unaccepted(key: SigningKey | None, accepted: PublicKeys) -> None:
    """Refuse a release that a service of this machine would refuse."""
    if key is not None and key.id in accepted:
        return
    named = "no signing key is named" if key is None else f"the signing key {key.id} is not among them"
    message = (
        f"{RELEASE_KEYS_VARIABLE} names the keys that a service accepts, and {named}: it would refuse this "
        "release. Name an accepted key with --signing-key FILE"
    )
    raise Refused(message)


def refuse_unusable_words(by: str, why: str, forced: str) -> None:
    r"""Refuse texts that a manifest cannot hold, before anything is done.

    Raises
    ------
    Refused
        If one has more than 500 characters, or control characters.

    Examples
    --------
    >>> refuse_unusable_words("ward 3", "two\nlines", "")
    Traceback (most recent call last):
        ...
    features.problems.Refused: --why must have at most 500 characters, on one line
    """
    for option, text in (("--by", by), ("--why", why), ("--force", forced)):
        try:
            _ONE_LINE.validate_python(text)
        except ValidationError:
            message = f"{option} must have at most {LONGEST_TEXT} characters, on one line"
            raise Refused(message) from None


def seal(name: str, version: str, bundle: Bundle, statement: Statement) -> str:
    """Write what a prepared release states, and sign it.

    Parameters
    ----------
    name : str
        Of its folder, as `training.release.bento_store.prepare` gives it.
    version : str
        In the registry.
    bundle : Bundle
        What the folder holds.
    statement : Statement

    Returns
    -------
    line : str
        For the log, signed if a key is named. It fits the log as it is now.

    Raises
    ------
    Refused
        If the log is broken, or would get an unsigned line after a signed one.
    """
    folder, log, now = prepared(name), log_to_continue(statement.key), datetime.now(UTC)
    _write(folder / MATERIALS_FILE, bill_of_materials(folder, bundle, name=name, now=now))
    manifest = Manifest(
        stored=name,
        version=version,
        bundle_digest=bundle.digest,
        release_digest=bundle.release_digest,
        promoted_by=statement.by,
        promoted_at=now.isoformat(timespec="seconds"),
        why=statement.why,
        gate=statement.gate,
        parent=log[-1].entry.manifest if log else "",
        files=file_digests(folder),
    )
    raw = manifest.written()
    _write(folder / MANIFEST_FILE, raw)
    if statement.key is not None:
        _write(folder / SIGNATURE_FILE, statement.key.sign(raw, MANIFEST_TYPE).written())
    to_disk(folder)
    entry = next_entry(log, manifest, manifest_digest(raw))
    key = statement.key
    return Line(entry, key.sign(entry.written(), LOG_TYPE) if key else UNSIGNED).written().decode()


def _write(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    to_disk(file)
