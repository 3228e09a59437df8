"""Everything that is kept of the releases of this machine, verified: log, manifests, signatures, files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from features.problems import Refused
from serving.model.release_file import MANIFEST_FILE
from serving.model.released_bundle import STORED_FILE, model_folder, pointed_at
from serving.release.public_keys import PublicKeys
from serving.release.release_log import Line, Log, log_file, read_log
from serving.release.sealed_files import verified_seal
from serving.release.verified_release import verified_with_keys


@dataclass
class Review:
    """What was verified.

    Attributes
    ----------
    log : tuple of Line
    problems : list of str
        The first broken line of the log, and each stored release that is not the one that was released.
    notes : list of str
        What could not be verified, and is no problem.
    verified : int
        Number of stored releases that were verified.
    """

    log: Log = ()
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    verified: int = 0


def review_releases(keys: PublicKeys | None, *, head: str = "") -> Review:
    """Verify the log and every stored release.

    Parameters
    ----------
    keys : mapping of str to Ed25519PublicKey or None
        Accepted public keys; None compares hashes alone.
    head : str
        Hash of a line that was noted earlier and must still be in the log; empty for none.

    Returns
    -------
    review : Review
    """
    review = Review()
    try:
        review.log = read_log(keys)
    except Refused as error:
        review.problems.append(str(error))
        return review
    if keys is None:
        review.notes.append("signatures were not verified: name the public keys with --release-keys FILE")
    if head and head not in [line.digest for line in review.log]:
        review.problems.append(f"{log_file()} has no line {head}: the log was cut or replaced")
    for line in review.log:
        _review_line(line, keys, review)
    review.problems += _foreign(review.log)
    _review_current(keys, review)
    return review


def current_line(log: Log) -> Line | None:
    """Find the line of the release that is served; None where the log has none."""
    return next((line for line in reversed(log) if line.entry.stored == pointed_at()), None)


def _review_line(line: Line, keys: PublicKeys | None, review: Review) -> None:
    """Verify a stored release; without an accepted key by the manifest that the signed log names."""
    folder = model_folder() / line.entry.stored
    if not folder.is_dir():
        review.notes.append(f"line {line.entry.number}: {line.entry.stored} is no longer stored")
        return
    accepted = keys if keys is not None and line.signature.key in keys else None
    try:
        sealed = verified_seal(folder, accepted)
    except Refused as error:
        review.problems.append(f"line {line.entry.number}: {error}")
        return
    if sealed.digest != line.entry.manifest:
        problem = f"line {line.entry.number}: {folder} has another manifest than the log names"
        review.problems.append(problem)
        return
    review.verified += 1
    if keys is not None and accepted is None:
        signer = f"signed with the key {line.signature.key}, which is not accepted now"
        how = signer if line.is_signed else "not signed"
        review.notes.append(f"line {line.entry.number}: {line.entry.stored} was {how}")


def _foreign(log: Log) -> Iterator[str]:
    """List stored releases that state a manifest and are not in the log."""
    logged = {line.entry.stored for line in log}
    for folder in sorted(model_folder().glob("*/")):
        if folder.name not in logged and (folder / MANIFEST_FILE).exists():
            yield f"{folder} is not in the log of releases, {log_file()}"


def _review_current(keys: PublicKeys | None, review: Review) -> None:
    """Verify what is served as the service does, golden vectors included."""
    folder = _current_folder()
    if folder is None:
        return
    if current_line(review.log) is None:
        review.notes.append(f"{folder.name} is served and was released before there was a log")
    try:
        verified_with_keys(folder, keys)
    except Refused as error:
        problem = str(error)
        review.problems += [problem] if not any(problem in each for each in review.problems) else []


def _current_folder() -> Path | None:
    folder = model_folder() / (pointed_at() or "nothing")
    return folder if (folder / STORED_FILE).is_file() else None
