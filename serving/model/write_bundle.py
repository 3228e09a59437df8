"""Writing a bundle: a folder that holds a model as readable data, with digests and golden vectors.

``bundle.json`` states everything but the trees and the replicates, and their SHA-256; its own SHA-256 is the
bundle's digest. ``provenance.json`` holds times and versions and is outside the digest, so that the same seed
gives the same digest. ``release.json`` lists every file with its SHA-256. No patient's row is in it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from features.files.atomic_write import new_folder, write_whole
from serving.model.bundle import Bundle
from serving.model.bundle_folder import SUFFIXES, fill, put_in_place, refuse_folder
from serving.model.cohort_summary import CohortSummary
from serving.model.golden_vectors import golden_risks
from serving.model.model_files import model_files, stated_model
from serving.model.read_bundle import FORMAT, FORMAT_WITHOUT_FOREST, bundle_digest, read_provenance
from serving.model.release_file import RELEASE_FILE, stated_files, verified_files, write_release_file
from serving.model.used_columns import used_columns


def write_bundle(bundle: Bundle, folder: Path) -> str:
    """Write a bundle folder, whole or not at all.

    Parameters
    ----------
    bundle : Bundle
        To be written; its ``digest`` is not looked at.
    folder : Path
        Replaced where it already holds a bundle.

    Returns
    -------
    digest : str

    Raises
    ------
    BundleError
        If the folder exists and is not a bundle, or cannot be written.
    """
    refuse_folder(folder)
    files = _files(bundle)
    files[RELEASE_FILE] = stated_files(files)
    _put(files, folder)
    return bundle_digest(files["bundle.json"])


def copy_bundle(source: Path, folder: Path) -> None:
    """Copy the files of a bundle, whole or not at all; its digests stay.

    Parameters
    ----------
    source : Path
        Holds a bundle; files that no bundle has stay behind.
    folder : Path
        Replaced where it already holds a bundle.

    Raises
    ------
    BundleError
        If the folder exists and is not a bundle, or cannot be written.
    """
    refuse_folder(folder)
    _put({file.name: file.read_bytes() for file in source.iterdir() if file.suffix in SUFFIXES}, folder)


def _put(files: Mapping[str, bytes], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = new_folder(beside=folder)
    try:
        fill(new, files, folder)
        put_in_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_provenance(folder: Path, facts: Mapping[str, str]) -> None:
    """Add facts to a bundle's provenance and list the files again; the bundle's digest stays as it is.

    Raises
    ------
    BundleError
        If a file was altered since it was listed.
    """
    verified_files(folder)
    known = read_provenance(folder)
    # Interrupted in between, there is no list, and what was made can still be recorded.
    (folder / RELEASE_FILE).unlink(missing_ok=True)
    write_whole(folder / "provenance.json", _json({**known, **facts}).decode())
    write_release_file(folder)


def _files(bundle: Bundle) -> dict[str, bytes]:
    files = {name: raw for model in bundle.models.values() for name, raw in model_files(model).items()}
    stated = {
        "format": FORMAT if _has_forest(bundle) else FORMAT_WITHOUT_FOREST,
        "columns": used_columns(bundle.models.values()),
        "estimand": bundle.estimand,
        "cohort": _stated_cohort(bundle.cohort),
        "outcomes": [
            {**stated_model(model), "summary": asdict(bundle.summaries[name])}
            for name, model in bundle.models.items()
        ],
        "left_out": dict(bundle.left_out),
        "golden": {
            "synthetic": True,
            "patients": list(bundle.golden),
            "risks": golden_risks(bundle.models, bundle.golden),
        },
    }
    files["bundle.json"] = _json(stated)
    files["provenance.json"] = _json(dict(bundle.provenance))
    return files


def _has_forest(bundle: Bundle) -> bool:
    replicates = [model.replicates for model in bundle.models.values()]
    return any(each is not None and each.forest is not None for each in replicates)


def _stated_cohort(cohort: CohortSummary) -> dict[str, Any]:
    """State a cohort; without a home center as in bundles that know of none, so that digests stay."""
    stated = asdict(cohort)
    if not cohort.home_center:
        del stated["home_center"]
    return stated


def _json(stated: Mapping[str, Any]) -> bytes:
    return (json.dumps(stated, indent=1, allow_nan=False) + "\n").encode()
