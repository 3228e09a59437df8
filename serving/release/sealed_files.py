"""A released folder compared with its manifest: every file, byte for byte, and nothing beside them."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from serving.model.bundle_error import BundleError
from serving.model.model_files import read_file, sha256
from serving.model.release_file import MANIFEST_FILE, SIGNATURE_FILE
from serving.release.manifest import OUTSIDE, Manifest, manifest_digest, read_manifest
from serving.release.public_keys import PublicKeys
from serving.release.signature import MANIFEST_TYPE, Signature, SignatureError, is_valid, read_signature


@dataclass(frozen=True)
class SealedManifest:
    """A manifest as its folder holds it.

    Attributes
    ----------
    manifest : Manifest
    digest : str
        Of its exact bytes, which the log of releases names.
    signature : Signature or None
        None for a release that was not signed.
    """

    manifest: Manifest
    digest: str
    signature: Signature | None


def file_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file of a folder but the manifest and its signature.

    Raises
    ------
    SignatureError
        If it holds a folder, a link or anything else that is no file: no release has one.
    """
    digests = {}
    for entry in sorted(folder.iterdir()):
        if not stat.S_ISREG(entry.lstat().st_mode):
            message = f"{folder} holds {entry.name}, which is no file of a release"
            raise SignatureError(message)
        if entry.name not in OUTSIDE:
            digests[entry.name] = sha256(read_file(entry))
    return digests


def verified_seal(folder: Path, keys: PublicKeys | None) -> SealedManifest:
    """Read the manifest of a folder, and verify its signature and every file.

    Parameters
    ----------
    folder : Path
        Of a release.
    keys : mapping of str to Ed25519PublicKey or None
        Accepted keys; None compares the files with the manifest alone.

    Returns
    -------
    sealed : SealedManifest

    Raises
    ------
    BundleError
        If there is no manifest, a file was altered, added or removed, or a key is required and the signature
        is missing, wrong, or of a key that is not accepted.
    """
    sealed, raw = _read(folder)
    if keys is not None:
        _verify(sealed, raw, keys, folder)
    refuse_other_files(folder, sealed.manifest)
    return sealed


def refuse_other_files(folder: Path, manifest: Manifest) -> None:
    """Refuse a folder that holds anything else than its manifest lists."""
    present = file_digests(folder)
    for name in sorted({*present, *manifest.files}):
        if present.get(name) != manifest.files.get(name):
            fault = "is missing" if name not in present else "was altered"
            fault = "was added" if name not in manifest.files else fault
            message = f"{folder / name} {fault} after the release; {again(manifest.version)}"
            raise SignatureError(message)


def again(version: str) -> str:
    """Name the command that releases a version again.

    Examples
    --------
    >>> again("3")
    'release the model again: cart-outcomes promote 3'
    """
    return f"release the model again: cart-outcomes promote {version}"


def _read(folder: Path) -> tuple[SealedManifest, bytes]:
    file, signed = folder / MANIFEST_FILE, folder / SIGNATURE_FILE
    try:
        raw = read_file(file)
        signature = read_signature(read_file(signed), signed) if signed.exists() else None
    except OSError as error:
        if not file.exists():
            message = (
                f"{folder} is not signed: it has no {MANIFEST_FILE}. Release the model with a key: "
                "cart-outcomes promote --signing-key FILE"
            )
            raise SignatureError(message) from None
        message = f"{error.filename} cannot be read ({error.strerror})"
        raise BundleError(message) from None
    return SealedManifest(read_manifest(raw, file), manifest_digest(raw), signature), raw


def _verify(sealed: SealedManifest, raw: bytes, keys: PublicKeys, folder: Path) -> None:
    if sealed.signature is None:
        message = (
            f"{folder} is not signed. Release the model with a key: "
            f"cart-outcomes promote {sealed.manifest.version} --signing-key FILE"
        )
        raise SignatureError(message)
    if sealed.signature.key not in keys:
        message = (
            f"{folder} is signed with the key {sealed.signature.key}, which is not accepted. Add its public "
            "key to the release keys if it is yours, or release the model with an accepted key"
        )
        raise SignatureError(message)
    if not is_valid(sealed.signature, raw, MANIFEST_TYPE, keys):
        message = (
            f"{folder / MANIFEST_FILE} or its signature was altered: the signature is wrong; "
            f"{again(sealed.manifest.version)}"
        )
        raise SignatureError(message)
