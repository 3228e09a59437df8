"""The list of a bundle's files, ``release.json``: what is read is what was written, provenance included.

The bundle's own digest covers what it computes with, so that the same seed gives the same digest. The release
digest covers every file. It finds accidents. It finds a deliberate change only where the digest is compared
with one that is kept elsewhere: in BentoML's ``model.yaml`` and in the tags of the version in MLflow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from serving.model.bundle_error import BundleError
from serving.model.json_object import json_object
from serving.model.model_files import read_file, sha256

RELEASE_FILE = "release.json"
MANIFEST_FILE, SIGNATURE_FILE, MATERIALS_FILE = "manifest.json", "signature.json", "sbom.cdx.json"
"""Of a release: what it states, the site's signature, and the software bill of materials."""
NOT_LISTED = frozenset({RELEASE_FILE, "model.yaml", MANIFEST_FILE, SIGNATURE_FILE, MATERIALS_FILE})
"""The list itself, and what a release adds to a bundle; a manifest lists them, see `serving.release`."""
ALWAYS_LISTED = ("bundle.json", "provenance.json")
"""Read without being named by another file; all others are named, with their SHA-256, in ``bundle.json``."""


def release_digest(files: Mapping[str, str]) -> str:
    """Digest a list of files.

    Parameters
    ----------
    files : mapping of str to str
        SHA-256 by file name.

    Returns
    -------
    digest : str
        ``sha256:`` and 64 hexadecimal digits; the order of the files does not matter.

    Examples
    --------
    >>> release_digest({"a": "1", "b": "2"}) == release_digest({"b": "2", "a": "1"})
    True
    """
    return f"sha256:{sha256(json.dumps(dict(sorted(files.items()))).encode())}"


def stated_files(files: Mapping[str, bytes]) -> bytes:
    """Content of ``release.json`` for files that are about to be written."""
    listed = {name: sha256(raw) for name, raw in sorted(files.items())}
    return (json.dumps({"files": listed}, indent=1) + "\n").encode()


def write_release_file(folder: Path) -> str:
    """List the files of a bundle folder anew, whatever they hold.

    Parameters
    ----------
    folder : Path
        Its files must have been verified before.

    Returns
    -------
    digest : str
        Of the list.
    """
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.name not in NOT_LISTED]
    raw = stated_files({file.name: read_file(file) for file in files})
    (folder / RELEASE_FILE).write_bytes(raw)
    return release_digest(json_object(raw, folder / RELEASE_FILE)["files"])


def verified_files(folder: Path) -> str:
    """Compare the files of a bundle folder with its list.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    digest : str
        Of the list; empty where there is none, as in bundles of earlier releases of the software.

    Raises
    ------
    BundleError
        If a file is missing or altered, or the list is damaged.
    """
    file = folder / RELEASE_FILE
    if not file.is_file():
        return ""
    listed = _listed(file)
    for name, expected in listed.items():
        if not (folder / name).is_file():
            message = f"{name} is missing from the bundle; restore it or train again"
            raise BundleError(message)
        if sha256(read_file(folder / name)) != expected:
            message = f"{name} is not the file the bundle was made with; restore it or train again"
            raise BundleError(message)
    for name in ALWAYS_LISTED:
        if name not in listed and (folder / name).exists():
            message = f"{file} does not list {name}; the bundle is damaged, restore it or train again"
            raise BundleError(message)
    return release_digest(listed)


def _listed(file: Path) -> dict[str, str]:
    listed = json_object(read_file(file), file).get("files")
    if not isinstance(listed, dict) or not all(
        isinstance(digest, str) and Path(name).name == name for name, digest in listed.items()
    ):
        message = f"{file} is no list of files; the bundle is damaged, restore it or train again"
        raise BundleError(message)
    return listed
