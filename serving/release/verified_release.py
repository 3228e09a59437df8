"""What is served is verified here: the bundle, its signature, and that the log names it last."""

from __future__ import annotations

import json
from pathlib import Path

from features.files.read_at_once import read_at_once
from serving.model.bundle import Bundle
from serving.model.release_file import SIGNATURE_FILE
from serving.model.released_bundle import (
    cautions_of,
    model_folder,
    packed_in_bento,
    pointed_at,
    verified_bundle,
)
from serving.release.public_keys import PublicKeys, accepted_release_keys
from serving.release.release_log import LOG_FILE, log_file, read_log
from serving.release.sealed_files import SealedManifest, again, verified_seal
from serving.release.signature import SignatureError

JOURNAL_FILE = "journal.json"
"""Beside the log: the remaining steps of a promotion that is under way or was interrupted."""

LARGEST_JOURNAL = 16 * 2**20

_NO_KEYS = (
    "is signed, and no release keys are named, so its signature was not verified. "
    "Name the public keys with --release-keys FILE"
)


def verified_release(folder: Path) -> Bundle:
    """Verify a release with the keys that the environment names, as the service does.

    Parameters
    ----------
    folder : Path
        In BentoML's store, or any other.

    Raises
    ------
    BundleError
        As `verified_with_keys`, or if the file of keys cannot be used.
    """
    return verified_with_keys(folder, accepted_release_keys())


def verified_with_keys(folder: Path, keys: PublicKeys | None) -> Bundle:
    """Read a bundle and verify it as a release.

    Parameters
    ----------
    folder : Path
        In BentoML's store, or any other.
    keys : mapping of str to Ed25519PublicKey or None
        Accepted public keys; None verifies no signature.

    Returns
    -------
    bundle : Bundle
        With keys, each file is the one that was signed. If the folder is the release of this machine, it is
        also the last of the log. Without keys as `verified_bundle` reads it.

    Raises
    ------
    BundleError
        If the bundle is refused, or keys are named and the release is unsigned, altered, signed by an
        unknown key, or not the last of the log.
    """
    if keys is None:
        return verified_bundle(folder)
    sealed = verified_seal(folder, keys)
    if _is_current(folder):
        _refuse_replay(folder, sealed, keys)
    bundle = verified_bundle(folder)
    stated = (sealed.manifest.bundle_digest, sealed.manifest.release_digest)
    if (bundle.digest, bundle.release_digest) != stated:
        # Files that were exchanged after their digests had been computed.
        message = f"{folder} does not hold the bundle that was signed; {again(sealed.manifest.version)}"
        raise SignatureError(message)
    return bundle


def release_cautions(folder: Path, bundle: Bundle, keys: PublicKeys | None) -> list[str]:
    """Say what could not be verified of a release that is served.

    Parameters
    ----------
    folder : Path
    bundle : Bundle
        As `verified_with_keys` read it from there.
    keys : mapping of str to Ed25519PublicKey or None
        With which it was verified.

    Returns
    -------
    cautions : list of str
        Empty where a signature was verified, and for an unsigned release of this machine.
    """
    if keys is None:
        signed = (folder / SIGNATURE_FILE).is_file()
        return [*cautions_of(folder, bundle), *([f"{folder} {_NO_KEYS}"] if signed else [])]
    if _is_current(folder) and _interrupted(folder):
        return [f"{folder} is served, since the promotion of the release after it was interrupted"]
    return []


def _is_current(folder: Path) -> bool:
    """Whether a folder is the release that this machine's pointer names; an image has no pointer and log."""
    if packed_in_bento():
        return False
    return folder.resolve() == (model_folder() / pointed_at()).resolve()


def _refuse_replay(folder: Path, sealed: SealedManifest, keys: PublicKeys) -> None:
    """Refuse an earlier release that the pointer was moved back to without `promote`."""
    log, version = read_log(keys), sealed.manifest.version
    if sealed.digest not in [line.entry.manifest for line in log]:
        message = f"{folder} is not in the log of releases, {log_file()}; {again(version)}"
        raise SignatureError(message)
    if log[-1].entry.manifest != sealed.digest and not _interrupted(folder):
        message = (
            f"{folder} is not the last release: {LOG_FILE} names {log[-1].entry.stored} after it. "
            f"To go back to an earlier release, promote it: cart-outcomes promote {version}"
        )
        raise SignatureError(message)


def _interrupted(folder: Path) -> bool:
    """Whether a promotion under way has logged the release after this one, and not yet released it."""
    log = read_log()
    try:
        pending = json.loads(read_at_once(log_file().with_name(JOURNAL_FILE), most_bytes=LARGEST_JOURNAL))[
            "stored"
        ]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False
    return [line.entry.stored for line in log[-2:]] == [folder.name, pending]
